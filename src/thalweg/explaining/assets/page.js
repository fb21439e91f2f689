"use strict";
// Steps through the sweeps of one view at a time. The pictures and the words were made beforehand: this only shows them.
const views = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
let path = "", at = 0, timer = null;

function open(name, step = 0) {
  path = name;
  $("stage").innerHTML = views[path].svg;
  for (const fold of $("stage").querySelectorAll("[data-open]")) {
    fold.addEventListener("click", () => open(fold.dataset.open));
    fold.addEventListener("keydown", (event) => {
      if (event.key === "Enter") open(fold.dataset.open);
    });
  }
  $("at").max = views[path].steps.length - 1;
  trail();
  show(step);
}

function trail() {
  const names = [""];
  for (const name of Object.keys(views)) if (name && (path === name || path.startsWith(name + "/"))) names.push(name);
  names.sort((a, b) => a.length - b.length);
  $("trail").replaceChildren(...(names.length < 2 ? [] : names.map((name, i) => {
    const button = document.createElement("button");
    button.textContent = (i ? "› " : "") + (name.split("/").at(-1) || "whole");
    if (name === path) button.setAttribute("aria-current", "page");
    else button.addEventListener("click", () => open(name));
    return button;
  })));
}

function show(step) {
  const steps = views[path].steps;
  at = Math.max(0, Math.min(step, steps.length - 1));
  const now = steps[at];
  for (const part of $("stage").querySelectorAll(".box, .edge")) {
    part.classList.remove("valued", "derived", "now", "lit", "flowed", "forward-step", "backward-step");
    if (part.classList.contains("outside")) part.classList.add("valued", "derived");
  }
  steps.slice(0, at + 1).forEach((s) => {
    $(s.box).classList.add(s.sweep === "forward" ? "valued" : "derived");
    if (s.sweep === "backward") for (const edge of s.edges) $(edge)?.classList.add("flowed");
  });
  for (const id of [now.box, ...now.edges]) $(id)?.classList.add(id === now.box ? "now" : "lit", now.sweep + "-step");
  $("sweep").textContent = now.sweep === "forward" ? "Forward: values" : "Backward: derivatives";
  $("sweep").className = now.sweep;
  $("name").textContent = now.name;
  $("lines").replaceChildren(...now.lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  $("facts").replaceChildren(...Object.entries(now.facts).flatMap(([key, value]) => [
    Object.assign(document.createElement("dt"), { textContent: key }), Object.assign(document.createElement("dd"), { textContent: value }),
  ]));
  $("place").textContent = now.place;
  $("at").value = at;
  $("count").textContent = `step ${at + 1} of ${steps.length}`;
  $("first").disabled = $("back").disabled = at === 0;
  $("next").disabled = $("last").disabled = at === steps.length - 1;
  const box = $(now.box).getBoundingClientRect(), stage = $("stage").getBoundingClientRect();
  if (box.top < stage.top || box.bottom > stage.bottom || box.left < stage.left || box.right > stage.right) {
    $(now.box).scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  }
}

function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => (at < views[path].steps.length - 1 ? show(at + 1) : play(false)), 900) : null;
  $("play").innerHTML = on ? "&#x23F8;" : "&#x25B6;";
  $("play").setAttribute("aria-pressed", String(on));
}

const moves = {
  first: () => show(0), back: () => show(at - 1), next: () => show(at + 1), last: () => show(views[path].steps.length - 1),
  play: () => { if (!timer && at === views[path].steps.length - 1) show(0); play(!timer); },
};
for (const [id, move] of Object.entries(moves)) $(id).addEventListener("click", move);
$("at").addEventListener("input", (event) => show(Number(event.target.value)));
document.addEventListener("keydown", (event) => {
  if (event.target.id === "at" || event.ctrlKey || event.metaKey || event.altKey) return;
  const name = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" }[event.key];
  if (name || (event.key === " " && event.target.tagName !== "BUTTON")) {
    event.preventDefault();
    moves[name ?? "play"]();
  }
});
open("");
