// The compare page: a table of runs and their curves, read again while programs write them.
"use strict";

const $ = id => document.getElementById(id);
const token = document.querySelector("meta[name=token]").content;
const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];
const kept = JSON.parse(localStorage.getItem("compare") || "{}");  // what was chosen last time
const state = {
  version: null, runs: [], curves: {}, tag: kept.tag || "", hidden: new Set(kept.hidden || []), best: kept.best || "",
  sort: kept.sort || { key: "name", down: false }, colours: new Map(), asked: 0,
};

function keep() {
  localStorage.setItem("compare", JSON.stringify({ tag: state.tag, hidden: [...state.hidden], best: state.best, sort: state.sort }));
}

async function get(path, query = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`, { headers: { "x-token": token } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

const colour = name => {
  if (!state.colours.has(name)) state.colours.set(name, COLOURS[state.colours.size % COLOURS.length]);
  return state.colours.get(name);
};
const number = v => v == null ? "" : Number.isInteger(v) && Math.abs(v) < 1e7 ? String(v) : Number(v).toPrecision(4).replace(/\.?0+($|e)/, "$1");
const lessIsBetter = tag => /loss|error|mse|mae|rmse|perplexity/i.test(tag);
const direction = () => state.best || (lessIsBetter(state.tag) ? "min" : "max");

// -- reading -------------------------------------------------------------------------------------------------

async function refresh() {
  try {
    const found = await get("api/runs", state.version === null ? {} : { version: state.version });
    $("state").textContent = "live";
    if (found.runs) {
      state.version = found.version;
      state.runs = found.runs;
      $("folder").textContent = found.folder;
      found.runs.forEach(run => colour(run.name));
      fillTags();
      drawTable();
      await readCurves();
    }
  } catch (error) {
    $("state").textContent = "not reachable: is the program still running?";
  }
  setTimeout(refresh, 2000);
}

async function readCurves() {
  const asked = ++state.asked;
  const curves = await get("api/curves", {
    tag: state.tag, width: Math.round($("frame").clientWidth), smoothing: $("smoothing").value, log_x: $("logx").checked ? 1 : 0,
  });
  if (asked === state.asked) {  // a later question may have been answered first
    state.curves = curves;
    drawChart();
  }
}

function fillTags() {
  const tags = [...new Set(state.runs.flatMap(run => Object.keys(run.measures)))].sort();
  if (!tags.includes(state.tag)) state.tag = tags.find(t => /val.*loss/.test(t)) || tags.find(t => /loss/.test(t)) || tags[0] || "";
  const select = $("tag");
  if (select.dataset.tags !== tags.join("\n")) {
    select.dataset.tags = tags.join("\n");
    select.replaceChildren(...tags.map(t => new Option(t, t)));
  }
  select.value = state.tag;
  $("best").value = direction();
}

// -- the table -----------------------------------------------------------------------------------------------

function columns() {
  const settings = [...new Set(state.runs.flatMap(run => Object.keys(run.settings)))].sort();
  const best = direction();
  const of = run => run.measures[state.tag] || {};
  return [
    { key: "name", title: "Run", text: true, value: run => run.name },
    ...settings.map(s => ({ key: "setting " + s, title: s, value: run => run.settings[s],
                            text: state.runs.some(run => typeof run.settings[s] === "string") })),
    { key: "best", title: "Best", value: run => of(run)[best], best: true },
    { key: "best_step", title: "at step", value: run => of(run)[best + "_step"] },
    { key: "last", title: "Last", value: run => of(run).last },
    { key: "last_step", title: "Steps", value: run => of(run).last_step },
    { key: "status", title: "Status", text: true, value: run => run.status },
  ];
}

function sorted(runs, column) {
  const down = state.sort.down ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x == null || x === "") return y == null || y === "" ? 0 : 1;  // what is not there comes last
    if (y == null || y === "") return -1;
    return down * (typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y), undefined, { numeric: true }) : x - y);
  });
}

function element(tag, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(text);
  return made;
}

function drawTable() {
  const all = columns();
  const column = all.find(c => c.key === state.sort.key) || all[0];
  const head = element("tr");
  head.append(element("th"));
  for (const c of all) {
    const cell = element("th", "", { className: c.text ? "text" : "" });
    if (c === column) cell.setAttribute("aria-sort", state.sort.down ? "descending" : "ascending");
    const button = element("button", c.title, { type: "button" });
    button.onclick = () => {
      const first = c.best ? direction() === "max" : false;  // the best first
      state.sort = { key: c.key, down: state.sort.key === c.key ? !state.sort.down : first };
      keep();
      drawTable();
    };
    cell.append(button);
    head.append(cell);
  }
  head.append(element("th"));
  document.querySelector("thead").replaceChildren(head);

  const wanted = $("filter").value.toLowerCase();
  const runs = sorted(state.runs.filter(run => run.name.toLowerCase().includes(wanted)), column);
  const values = state.runs.map(all.find(c => c.best).value).filter(v => v != null);
  const winner = values.length ? (direction() === "min" ? Math.min(...values) : Math.max(...values)) : null;
  document.querySelector("tbody").replaceChildren(...runs.map(run => row(run, all, winner)));
  $("count").textContent = `${runs.length} of ${state.runs.length} runs`;
  $("empty").hidden = state.runs.length > 0;
}

function row(run, all, winner) {
  const line = element("tr", "", { className: state.hidden.has(run.name) ? "off" : "" });
  const box = element("input", "", { type: "checkbox", checked: !state.hidden.has(run.name), title: "Show the curve" });
  box.setAttribute("aria-label", `Show ${run.name}`);
  box.onchange = () => {
    box.checked ? state.hidden.delete(run.name) : state.hidden.add(run.name);
    keep();
    drawTable();
    drawChart();
  };
  const first = element("td");
  first.append(box);
  line.append(first);
  for (const c of all) {
    const value = c.value(run);
    const cell = element("td", "", { className: (c.text ? "text " : "") + (c.best ? "best" : "") });
    if (c.key === "name") {
      const dot = element("i");
      dot.style.background = colour(run.name);
      cell.append(dot);
    }
    cell.append(typeof value === "number" ? number(value) : value == null ? "" : String(value));
    if (c.key === "name" && run.damage) cell.append(element("span", " damaged", { className: "warn", title: run.damage }));
    if (c.best && value != null && value === winner) line.classList.add("winner");
    line.append(cell);
  }
  const last = element("td");
  const remove = element("button", "\u2715", { type: "button", title: "Delete this run" });
  remove.setAttribute("aria-label", `Delete ${run.name}`);
  remove.onclick = () => ask(run.name);
  last.append(remove);
  line.append(last);
  return line;
}

function ask(name) {
  $("doomed").textContent = name;
  const dialog = $("ask");
  dialog.returnValue = "keep";
  dialog.onclose = async () => {
    if (dialog.returnValue !== "delete") return;
    const answer = await fetch(`api/delete?${new URLSearchParams({ run: name })}`, { method: "POST", headers: { "x-token": token } });
    $("state").textContent = answer.ok ? `${name} is deleted` : await answer.text();
    state.runs = answer.ok ? state.runs.filter(run => run.name !== name) : state.runs;
    drawTable();
  };
  dialog.showModal();
}

// -- the chart -----------------------------------------------------------------------------------------------

const shown = () => Object.entries(state.curves).filter(([name]) => !state.hidden.has(name));
let view = null;  // how the last picture was drawn: for the pointer

function ticks(low, high, log, most) {
  if (log) {
    const found = [];
    for (let e = Math.floor(low); e <= Math.ceil(high); e++)
      for (const m of high - low < 2 ? [1, 2, 5] : [1]) {
        const at = e + Math.log10(m);
        if (at >= low - 1e-9 && at <= high + 1e-9) found.push([at, number(Number((m * 10 ** e).toPrecision(6)))]);
      }
    return found;
  }
  const raw = (high - low) / most, base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * base).find(s => s >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) found.push([v, number(Number(v.toPrecision(6)))]);
  return found;
}

function drawChart() {
  const canvas = $("chart"), scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
  const ink = name => style.getPropertyValue(name).trim();
  pen.scale(scale, scale);
  pen.fillStyle = ink("--paper");
  pen.fillRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  const logX = $("logx").checked, logY = $("logy").checked;
  const fx = s => logX ? Math.log10(s) : s;
  const fy = v => logY ? Math.log10(v) : v;
  const drawable = (s, v) => v !== null && (!logY || v > 0) && (!logX || s > 0);
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [, c] of shown())
    c.steps.forEach((s, i) => {
      if (!drawable(s, c.values[i])) return;
      const x = fx(s), y = fy(c.values[i]);
      if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y;
    });
  view = null;
  if (!(x1 >= x0)) {
    pen.fillStyle = ink("--quiet");
    pen.textAlign = "center";
    pen.fillText(state.runs.length ? "No run that is shown has this measure." : "", width / 2, height / 2);
    return;
  }
  if (x1 === x0) { x0 -= 0.5; x1 += 0.5; }
  if (y1 === y0) { const by = Math.abs(y0) * 0.1 || 0.5; y0 -= by; y1 += by; }
  const margin = (y1 - y0) * 0.05;
  y0 -= margin; y1 += margin;
  const box = { left: 64, right: width - 18, top: 14, bottom: height - 40 };
  const px = x => box.left + (x - x0) / (x1 - x0) * (box.right - box.left);
  const py = y => box.bottom - (y - y0) / (y1 - y0) * (box.bottom - box.top);
  pen.strokeStyle = ink("--line");
  pen.fillStyle = ink("--quiet");
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const [y, text] of ticks(y0, y1, logY, 6)) {
    pen.beginPath(); pen.moveTo(box.left, py(y)); pen.lineTo(box.right, py(y)); pen.stroke();
    pen.fillText(text, box.left - 8, py(y) + 4);
  }
  pen.textAlign = "center";
  for (const [x, text] of ticks(x0, x1, logX, 9)) {
    pen.beginPath(); pen.moveTo(px(x), box.top); pen.lineTo(px(x), box.bottom); pen.stroke();
    pen.fillText(text, px(x), box.bottom + 17);
  }
  pen.fillText(logX ? "step (log)" : "step", (box.left + box.right) / 2, height - 8);
  pen.lineWidth = 1.6;
  pen.lineJoin = "round";
  for (const [name, c] of shown()) {
    pen.strokeStyle = pen.fillStyle = colour(name);
    pen.beginPath();
    let down = false, last = null;
    c.steps.forEach((s, i) => {
      if (!drawable(s, c.values[i])) { down = false; return; }
      const x = px(fx(s)), y = py(fy(c.values[i]));
      down ? pen.lineTo(x, y) : pen.moveTo(x, y);
      down = true;
      last = [x, y];
    });
    pen.stroke();
    if (last) { pen.beginPath(); pen.arc(...last, 2.6, 0, 7); pen.fill(); }
  }
  view = { px, py, fx, fy, drawable };
}

function nearest(steps, x) {
  let [low, high] = [0, steps.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    view.px(view.fx(steps[middle])) < x ? low = middle : high = middle;
  }
  return Math.abs(view.px(view.fx(steps[low])) - x) <= Math.abs(view.px(view.fx(steps[high])) - x) ? low : high;
}

$("frame").onpointermove = event => {
  const tip = $("tip"), at = $("frame").getBoundingClientRect();
  const [x, y] = [event.clientX - at.left, event.clientY - at.top];
  let best = null;
  if (view)
    for (const [name, c] of shown()) {
      if (!c.steps.length) continue;
      const i = nearest(c.steps, x);
      if (!view.drawable(c.steps[i], c.values[i])) continue;
      const far = Math.hypot(view.px(view.fx(c.steps[i])) - x, view.py(view.fy(c.values[i])) - y);
      if (!best || far < best.far) best = { name, far, step: c.steps[i], value: c.values[i] };
    }
  tip.hidden = !best || best.far > 60;
  if (tip.hidden) return;
  const dot = element("i");
  dot.style.background = colour(best.name);
  tip.replaceChildren(dot, `${best.name}   step ${best.step}   ${number(best.value)}`);
  tip.style.left = `${Math.min(x + 14, at.width - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.max(y - 38, 4)}px`;
};
$("frame").onpointerleave = () => { $("tip").hidden = true; };

// -- controls ------------------------------------------------------------------------------------------------

function save(name, url) {
  const link = element("a", "", { href: url, download: name });
  link.click();
}

$("tag").onchange = () => { state.tag = $("tag").value; state.best = ""; fillTags(); keep(); drawTable(); readCurves(); };
$("best").onchange = () => { state.best = $("best").value; keep(); drawTable(); };
$("smoothing").oninput = () => { $("smoothed").textContent = $("smoothing").value; readCurves(); };
$("logx").onchange = readCurves;
$("logy").onchange = drawChart;
$("filter").oninput = drawTable;
$("csv").onclick = () => save("runs.csv", `runs.csv?token=${encodeURIComponent(token)}`);
$("png").onclick = () => $("chart").toBlob(blob => {
  const url = URL.createObjectURL(blob);
  save(`${state.tag.replace(/[^\w.-]+/g, "_")}.png`, url);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
});
new ResizeObserver(() => { drawChart(); }).observe($("frame"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawChart);
refresh();
