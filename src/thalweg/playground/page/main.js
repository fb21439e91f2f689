// What happens when: the parts of the page, and the conversation with the server.

import { fromAddress, toAddress } from "./state.js";
import { Wire } from "./wire.js";
import { GRID, classColour, classHeat, colour, dots, heat } from "./paint.js";
import { Diagram } from "./diagram.js";
import { Curve } from "./curve.js";
import { buildData, buildSettings } from "./controls.js";
import { TableDialog } from "./table.js";

const $ = (id) => document.getElementById(id);
let settings = fromAddress();
let structure = null, frame = null, playing = false, looked = null;
let asked = 0; // how often settings were changed: what the server says of an older change does not undo a newer one

const curve = new Curve($("curve"), $("curve-note"));
const does = {
  // how: what changes, or a function that says so of the settings as they are by then
  change(how) {
    if (typeof how === "function") how = how(settings);
    settings = { ...settings, ...how };
    if (how.data && how.data !== "own") settings.own = {};
    configure();
  },
  rates(how) {
    settings = { ...settings, ...how };
    toAddress(settings);
    asked++;
    wire.send({ type: "rates", learning_rate: settings.learning_rate, regularization_rate: settings.regularization_rate });
  },
  look(index) {
    looked = index;
    drawMap();
  },
  edit: openEditor,
};
const diagram = new Diagram($("diagram"), does);

const wire = new Wire({
  open: () => {
    notice("");
    wire.send({ type: "hello" });
    setSpeed();
  },
  new: () => configure(),
  closed: (event) => {
    setPlaying(false);
    notice(event.code === 1009 ? "That was too much for one message; the playground takes up to 8 MB." : "The connection is lost; trying again …");
  },
  structure: (message) => {
    const kept = playing;
    structure = message;
    frame = null; // it was the network's before; this one's follows
    if (message.change === null || message.change === asked) settings = message.settings;
    toAddress(settings);
    curve.clear();
    looked = null;
    showSettings();
    buildData(settings, does);
    diagram.build(message.settings, message.outputs, message.classes);
    $("layer-count").textContent = `${settings.layers.length} hidden layer${settings.layers.length === 1 ? "" : "s"}`;
    $("fewer-layers").disabled = settings.layers.length === 0;
    $("more-layers").disabled = settings.layers.length >= 12;
    const about = settings.data === "own" ? [`${message.target} by ${message.axes.join(" and ")}.`, ...message.remarks] : [];
    $("about-data").textContent = [...about, `${message.split} points to train on, ${message.points.length - message.split} to test.`].join(" ");
    $("accuracy-box").hidden = !message.classes.length;
    key(message.classes);
    if (kept) wire.send({ type: "play" });
  },
  frame: (state, maps) => {
    frame = { state, maps };
    requestAnimationFrame(draw);
  },
  columns: (message) => table.columns(message),
  error: ({ text }) => ($("table-dialog").open ? table.note(text) : notice(text)),
  diverged: ({ text }) => {
    setPlaying(false);
    notice(text);
  },
  paused: () => setPlaying(false),
  seeds: (message) => {
    curve.seeds = message;
    curve.draw();
    $("seeds").disabled = false;
    notice("");
  },
  explanation: ({ name }) => {
    $("page-frame").src = `shown/${name}`;
    $("page-dialog").showModal();
    notice("");
  },
  python: async ({ text }) => {
    try {
      await navigator.clipboard.writeText(text);
      notice("The program is in the clipboard.");
    } catch {
      download("playground.py", text);
    }
  },
  saved: (message) => download("playground.json", JSON.stringify(message.saved)),
  file: (data) => download("playground.keras", data),
});
const table = new TableDialog((message) => wire.send(message), (own) => does.change({ data: "own", own }));

// The settings' controls are built anew only where they would show something else: nobody's typing is swept away.
let shown = "";
const showable = () => JSON.stringify({ ...settings, layers: settings.layers.map((l) => l.activation), features: 0, data: 0, own: 0, noise: 0, train_share: 0 });

function showSettings() {
  if (shown === showable()) return;
  shown = showable();
  const change = (how) => { how(); shown = showable(); };
  buildSettings($("settings"), settings, { change: (how) => change(() => does.change(how)), rates: (how) => change(() => does.rates(how)) });
}

function configure() {
  toAddress(settings);
  wire.send({ type: "configure", settings, change: ++asked });
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function download(name, data) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([data])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// -- drawing ------------------------------------------------------------------------------------------------------

const short = (value) => (value === null || value === undefined ? "–" : value < 0.0005 && value > 0 ? value.toExponential(1) : value.toFixed(3));

function draw() {
  if (!frame || !structure) return;
  const { state, maps } = frame;
  const count = structure.settings.layers.reduce((sum, l) => sum + l.units, 0) + structure.outputs;
  if (maps.length !== count * GRID * GRID) return; // of the network before
  $("epoch").textContent = state.epoch.toLocaleString();
  $("speed-shown").textContent = state.speed && playing ? state.speed.toLocaleString() : "–";
  $("test-loss").textContent = short(state.test);
  $("train-loss").textContent = short(state.train);
  if (state.accuracy !== undefined) $("accuracy").textContent = state.accuracy === null ? "–" : `${(100 * state.accuracy).toFixed(1)} %`;
  curve.add(state);
  diagram.show(state, maps);
  drawMap();
  confusion(state.confusion);
}

function drawMap() {
  if (!frame || !structure) return;
  const size = GRID * GRID, count = frame.maps.length / size, at = (i) => frame.maps.subarray(i * size, (i + 1) * size), discrete = $("discrete").checked;
  const several = structure.outputs > 1;
  if (looked === null && several) classHeat($("map"), Array.from({ length: structure.outputs }, (_, k) => at(count - structure.outputs + k)), discrete);
  else heat($("map"), at(looked ?? count - 1), discrete);
  const { points, split, classes } = structure, radius = points.length > 1200 ? 5 : 7;
  dots($("map"), points.slice(0, split), classes, { radius });
  if ($("show-test").checked) dots($("map"), points.slice(split), classes, { radius, ring: true });
  $("map-note").textContent = looked === null ? `Across: ${structure.axes[0]}. Up: ${structure.axes[1]}.` : "What this neuron gives. Leave it to see the output.";
}

function key(classes) {
  if (classes.length > 2) {
    $("key").innerHTML = "";
    $("key").append(...classes.map((name, i) => {
      const entry = document.createElement("span"), swatch = document.createElement("i");
      swatch.style.background = classColour(i);
      entry.append(swatch, name);
      return entry;
    }));
    return;
  }
  const ramp = Object.assign(document.createElement("div"), { className: "ramp" }), ends = Object.assign(document.createElement("div"), { className: "ends" });
  ramp.style.background = `linear-gradient(90deg, ${[-1, -0.5, 0, 0.5, 1].map(colour).join(", ")})`;
  ends.append(...(classes.length ? classes : ["-1", "0", "1"]).map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  $("key").replaceChildren(ramp, ends);
}

function confusion(matrix) {
  if (!matrix) return $("confusion").replaceChildren();
  const names = structure.classes, make = document.createElement("table"), cell = (kind, text) => Object.assign(document.createElement(kind), { textContent: text, title: text });
  make.createCaption().textContent = "Test points: true class by row, what the network says by column";
  make.createTHead().insertRow().append(cell("th", ""), ...names.map((n) => cell("th", n)));
  const body = make.createTBody();
  matrix.forEach((row, i) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    body.insertRow().append(cell("th", names[i]), ...row.map((n) => {
      const made = cell("td", n);
      made.style.background = `color-mix(in srgb, var(--accent) ${Math.round((60 * n) / total)}%, transparent)`;
      return made;
    }));
  });
  $("confusion").replaceChildren(make);
}

// -- the editor of a weight ------------------------------------------------------------------------------------------

function openEditor(which, event) {
  if (!frame) return;
  const { state } = frame, value = which.source === null ? state.biases[which.layer][which.target] : state.weights[which.layer][which.source][which.target];
  const box = event.currentTarget.getBoundingClientRect();
  $("edit").hidden = false;
  $("edit").style.left = `${Math.min(innerWidth - 170, (event.clientX || box.left) + scrollX + 8)}px`;
  $("edit").style.top = `${(event.clientY || box.top) + scrollY + 8}px`;
  $("edit-name").textContent = which.source === null ? "Bias" : "Weight";
  $("edit-value").value = value;
  $("edit-value").focus();
  $("edit-value").select();
  $("edit").onsubmit = (e) => e.preventDefault();
  $("edit-value").oninput = () => {
    if ($("edit-value").value !== "" && $("edit-value").checkValidity()) wire.send({ type: "wire", ...which, value: Number($("edit-value").value) });
  };
  $("edit-value").onkeydown = (e) => { if (e.key === "Enter" || e.key === "Escape") $("edit").hidden = true; };
}
document.addEventListener("pointerdown", (event) => {
  if (!$("edit").contains(event.target)) $("edit").hidden = true;
  if (!event.target.closest(".menu")) setMore(false);
});

// -- buttons -----------------------------------------------------------------------------------------------------------

function setPlaying(on) {
  playing = on;
  $("play").classList.toggle("on", on);
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  $("play").setAttribute("aria-pressed", on);
}

function toggle() {
  setPlaying(!playing);
  if (playing) notice("");
  wire.send({ type: playing ? "play" : "pause" });
}

function setMore(open) {
  $("more-menu").hidden = !open;
  $("more").setAttribute("aria-expanded", open);
}

function setSpeed() {
  wire.send({ type: "speed", value: showSpeed() });
}

function showSpeed() {
  const position = Number($("speed").value), epochs = Math.round(10 ** (position / 25));
  $("speed-text").textContent = position >= 100 ? "as fast as it goes" : `${epochs.toLocaleString()} epoch${epochs > 1 ? "s" : ""} / s`;
  return position >= 100 ? 1e6 : epochs;
}

const layered = (change) => does.change({ layers: change > 0 ? [...settings.layers, { units: 2, activation: settings.layers.at(-1)?.activation ?? "tanh" }] : settings.layers.slice(0, -1) });
const clicks = {
  play: toggle,
  step: () => { setPlaying(false); wire.send({ type: "step" }); },
  reset: () => { setPlaying(false); notice(""); wire.send({ type: "reset" }); },
  again: () => does.change({ seed: settings.seed + 1 }),
  "more-layers": () => layered(1),
  "fewer-layers": () => layered(-1),
  more: () => setMore($("more-menu").hidden),
  seeds: () => { $("seeds").disabled = true; notice("Training ten networks that begin otherwise …"); wire.send({ type: "seeds", epochs: Math.max(100, frame?.state.epoch ?? 0) }); },
  explain: () => { notice("Working out one step …"); wire.send({ type: "explain", point: Math.floor(Math.random() * (structure?.split ?? 1)) }); },
  python: () => wire.send({ type: "python" }),
  save: () => wire.send({ type: "save" }),
  keras: () => wire.send({ type: "keras" }),
  share: async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      notice("The link is in the clipboard. It holds every setting; it opens while this playground runs.");
    } catch {
      notice(location.href);
    }
  },
  hide: () => { $("hide").textContent = document.body.classList.toggle("plain") ? "Show controls" : "Hide controls"; },
  load: () => {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: ".json" });
    input.addEventListener("change", async () => {
      try {
        wire.send({ type: "load", saved: JSON.parse(await input.files[0].text()) });
      } catch {
        notice("This file is no network saved by the playground.");
      }
    });
    input.click();
  },
};
for (const [id, click] of Object.entries(clicks)) $(id).addEventListener("click", click);
$("speed").addEventListener("input", setSpeed);
for (const id of ["show-test", "discrete"]) $(id).addEventListener("change", drawMap);
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, dialog, button, path") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = { " ": "play", n: "step", r: "reset" }[event.key];
  if (key) {
    event.preventDefault();
    clicks[key]();
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { draw(); curve.draw(); });
addEventListener("hashchange", () => { settings = fromAddress(); configure(); });
showSpeed();
