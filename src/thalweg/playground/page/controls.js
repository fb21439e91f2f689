// The settings above the network and the data beside it.

import { ACTIVATIONS, OPTIMIZERS, PATTERNS, PENALTIES, RATES } from "./state.js";
import { dots } from "./paint.js";

function choice(name, text, values, value, change) {
  const label = document.createElement("label"), select = document.createElement("select");
  if (!values.some((v) => String(v) === String(value))) values = [...values, value];
  select.id = `set-${name}`;
  select.append(...values.map((v) => new Option(String(v), String(v), false, String(v) === String(value))));
  select.addEventListener("change", () => change(typeof value === "number" ? Number(select.value) : select.value));
  label.append(text, select);
  return label;
}

function amount(name, text, value, { min, max, step }, change) {
  const label = document.createElement("label"), input = Object.assign(document.createElement("input"), { type: "number", value, min, max, step });
  input.id = `set-${name}`;
  input.addEventListener("change", () => { if (input.checkValidity()) change(Number(input.value)); else input.reportValidity(); });
  label.append(text, input);
  return label;
}

// Above: `does.change` makes a new network, `does.rates` changes the one that runs.
export function buildSettings(root, settings, does) {
  const all = settings.layers.length && settings.layers.every((l) => l.activation === settings.layers[0].activation) ? settings.layers[0].activation : "each its own";
  const norm = Object.assign(document.createElement("label"), { className: "check" });
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: settings.batch_norm, id: "set-batch_norm" });
  box.addEventListener("change", () => does.change({ batch_norm: box.checked }));
  norm.append(box, "Batch normalization");
  root.replaceChildren(
    choice("learning_rate", "Learning rate", RATES, settings.learning_rate, (v) => does.rates({ learning_rate: v })),
    choice("optimizer", "Optimizer", OPTIMIZERS, settings.optimizer, (v) => does.change({ optimizer: v })),
    choice("activation", "Activation", ACTIVATIONS, all, (v) => does.change((now) => ({ layers: now.layers.map((l) => ({ ...l, activation: v })) }))),
    choice("regularization", "Regularization", ["none", "L1", "L2"], settings.regularization, (v) => does.change({ regularization: v })),
    choice("regularization_rate", "Its rate", PENALTIES, settings.regularization_rate, (v) => does.rates({ regularization_rate: v })),
    amount("dropout", "Dropout", settings.dropout, { min: 0, max: 0.9, step: 0.05 }, (v) => does.change({ dropout: v })),
    amount("batch", "Batch size", settings.batch, { min: 1, max: 256, step: 1 }, (v) => does.change({ batch: v })),
    amount("seed", "Seed", settings.seed, { min: 0, max: 2147483647, step: 1 }, (v) => does.change({ seed: v })),
    norm,
  );
}

// Beside: the patterns to choose from, noise and the share to train on.
export function buildData(settings, does) {
  const root = document.getElementById("patterns");
  root.replaceChildren(...Object.entries(PATTERNS).map(([name, title]) => {
    const button = Object.assign(document.createElement("button"), { title }), canvas = Object.assign(document.createElement("canvas"), { width: 120, height: 120 });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", settings.data === name);
    button.setAttribute("aria-label", title);
    button.dataset.pattern = name;
    dots(canvas, thumbnail(name), name === "plane" || name === "hills" ? [] : ["-1", "1"], { radius: 3.4 });
    button.append(canvas);
    button.addEventListener("click", () => does.change({ data: name }));
    return button;
  }));
  const slider = (name, text, min, max, step, value, show, set) => {
    const label = document.createElement("label"), output = Object.assign(document.createElement("output"), { textContent: show(value) });
    const input = Object.assign(document.createElement("input"), { type: "range", min, max, step, id: `set-${name}` });
    input.value = value;
    input.setAttribute("aria-label", text);
    input.addEventListener("input", () => { output.textContent = show(Number(input.value)); });
    input.addEventListener("change", () => does.change({ [name]: set(Number(input.value)) }));
    label.append(text, output, input);
    return label;
  };
  document.getElementById("data-sliders").replaceChildren(
    slider("train_share", "Share to train on", 10, 90, 10, Math.round(settings.train_share * 100), (v) => `${v} %`, (v) => v / 100),
    slider("noise", "Noise", 0, 50, 5, Math.round(settings.noise * 100), (v) => String(v), (v) => v / 100),
  );
}

function thumbnail(name) {
  const points = [], random = (() => { let s = 7; return () => ((s = (s * 16807) % 2147483647) / 2147483647); })();
  for (let i = 0; i < 110; i++) {
    let x = random() * 10 - 5, y = random() * 10 - 5, label = 0;
    if (name === "circle") {
      const r = i % 2 ? random() * 2.4 : 3.5 + random() * 1.5, a = random() * 7;
      [x, y, label] = [r * Math.sin(a), r * Math.cos(a), i % 2 ? 1 : -1];
    } else if (name === "xor") label = x * y >= 0 ? 1 : -1;
    else if (name === "gauss") [x, y, label] = i % 2 ? [2 + (random() - 0.5) * 4, 2 + (random() - 0.5) * 4, 1] : [-2 + (random() - 0.5) * 4, -2 + (random() - 0.5) * 4, -1];
    else if (name === "spiral") {
      const t = (i >> 1) / 55, a = 11 * t + (i % 2) * Math.PI;
      [x, y, label] = [5 * t * Math.sin(a), 5 * t * Math.cos(a), i % 2 ? 1 : -1];
    } else if (name === "plane") label = (x + y) / 9;
    else label = [[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]].reduce((best, [a, b, s]) => {
      const h = s * Math.max(0, 1 - Math.hypot(x - a, y - b) / 2.4);
      return Math.abs(h) > Math.abs(best) ? h : best;
    }, 0);
    points.push([x, y, label]);
  }
  return points;
}
