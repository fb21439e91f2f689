// The network: features, neurons with their maps, and between them lines as thick as the weights.

import { ACTIVATIONS, FEATURES } from "./state.js";
import { GRID, featureMap, heat } from "./paint.js";

const TOP = 84, ROW = 54, SIZE = 42, LEFT = 74;
const svgNamed = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);

export class Diagram {
  // `does`: what the diagram asks of the page: change(how), edit(wire, place), look(index or null)
  constructor(root, does) {
    this.root = root;
    this.does = does;
  }

  build(settings, outputs, classes) {
    this.root.replaceChildren();
    this.svg = this.root.appendChild(svgNamed("svg"));
    const layers = [...settings.layers.map((l) => l.units), outputs];
    const rows = Math.max(FEATURES.length, ...layers);
    this.root.style.height = `${TOP + rows * ROW + 10}px`;
    const room = this.root.parentElement.clientWidth - LEFT - SIZE - 10;
    const column = Math.max(116, Math.min(190, room / layers.length));
    this.root.style.width = `${LEFT + layers.length * column + SIZE + 8}px`;
    this.title("Features", LEFT - 10);
    this.inputs = FEATURES.map((name, i) => this.feature(name, i, settings));
    this.neurons = [];
    this.biases = [];
    let index = 0;
    layers.forEach((units, layer) => {
      const x = LEFT + (layer + 1) * column;
      const last = layer === layers.length - 1;
      if (last) this.title(outputs > 1 ? "Classes" : "Output", x - 4);
      else this.head(layer, x, settings);
      this.neurons.push(Array.from({ length: units }, (_, i) => this.neuron(layer, i, x, index++, last ? classes[outputs > 1 ? i : -1] : null)));
    });
    this.lines = [];
    const used = this.inputs.filter((node) => settings.features.includes(node.dataset.feature));
    this.neurons.forEach((nodes, layer) => {
      const from = layer ? this.neurons[layer - 1] : used;
      this.lines.push(from.map((a, i) => nodes.map((b, j) => this.line(a, b, layer, i, j))));
    });
  }

  title(text, x) {
    const made = Object.assign(document.createElement("div"), { className: "column-title", textContent: text });
    made.style.left = `${x}px`;
    this.root.append(made);
  }

  place(element, x, row) {
    element.style.left = `${x}px`;
    element.style.top = `${TOP + row * ROW}px`;
    element.dataset.x = x;
    element.dataset.y = TOP + row * ROW;
  }

  node(className) {
    const button = Object.assign(document.createElement("button"), { className });
    const canvas = Object.assign(document.createElement("canvas"), { width: GRID, height: GRID });
    button.append(canvas);
    this.root.append(button);
    return button;
  }

  feature(name, row, settings) {
    const on = settings.features.includes(name);
    const button = this.node(on ? "node" : "node off");
    button.dataset.feature = name;
    const shown = name.replace("^2", "²").replace("x1", "x₁").replace("x2", "x₂");
    button.append(Object.assign(document.createElement("span"), { className: "label", textContent: shown }));
    button.setAttribute("aria-pressed", on);
    button.setAttribute("aria-label", `Feature ${name}`);
    this.place(button, LEFT, row);
    heat(button.firstChild, featureMap(name));
    button.addEventListener("click", () => {
      this.does.change((now) => {
        const features = FEATURES.filter((f) => (f === name ? !on : now.features.includes(f)));
        return features.length ? { features } : {};
      });
    });
    return button;
  }

  neuron(layer, row, x, index, name) {
    const button = this.node("node");
    this.place(button, x, row);
    button.setAttribute("aria-label", name ? `Output ${name}` : `Layer ${layer + 1}, neuron ${row + 1}`);
    if (name) button.title = name;
    for (const [event, value] of [["pointerenter", index], ["focus", index], ["pointerleave", null], ["blur", null]]) button.addEventListener(event, () => this.does.look(value));
    const bias = Object.assign(document.createElement("button"), { className: "bias" });
    bias.style.left = `${x - 7}px`;
    bias.style.top = `${TOP + row * ROW + SIZE - 5}px`;
    bias.addEventListener("click", (event) => this.does.edit({ layer, source: null, target: row }, event));
    this.root.append(bias);
    (this.biases[layer] ??= []).push(bias);
    return button;
  }

  head(layer, x, settings) {
    const head = Object.assign(document.createElement("div"), { className: "layer-head" });
    head.style.left = `${x + SIZE / 2 - 52}px`;
    const { units, activation } = settings.layers[layer];
    const count = Object.assign(document.createElement("div"), { className: "count" });
    const button = (text, label, change) => {
      const made = Object.assign(document.createElement("button"), { textContent: text });
      made.setAttribute("aria-label", label);
      made.disabled = units + change < 1 || units + change > 32;
      made.addEventListener("click", () => this.layer(layer, (l) => ({ units: Math.min(32, Math.max(1, l.units + change)) })));
      return made;
    };
    count.append(button("−", `One neuron less in layer ${layer + 1}`, -1), button("+", `One neuron more in layer ${layer + 1}`, 1));
    const select = document.createElement("select");
    select.setAttribute("aria-label", `Activation of layer ${layer + 1}`);
    select.append(...ACTIVATIONS.map((name) => new Option(name, name, false, name === activation)));
    select.addEventListener("change", () => this.layer(layer, () => ({ activation: select.value })));
    head.append(count, `${units} neuron${units > 1 ? "s" : ""}`, select);
    this.root.append(head);
  }

  layer(index, change) {
    this.does.change((now) => ({ layers: now.layers.map((l, i) => (i === index ? { ...l, ...change(l) } : l)) }));
  }

  line(a, b, layer, i, j) {
    const path = svgNamed("path");
    const x0 = +a.dataset.x + SIZE, y0 = +a.dataset.y + SIZE / 2, x1 = +b.dataset.x, y1 = +b.dataset.y + SIZE / 2, half = (x0 + x1) / 2;
    path.setAttribute("d", `M${x0} ${y0}C${half} ${y0} ${half} ${y1} ${x1} ${y1}`);
    path.setAttribute("tabindex", "0");
    path.setAttribute("role", "button");
    const ask = (event) => this.does.edit({ layer, source: i, target: j }, event);
    path.addEventListener("click", ask);
    path.addEventListener("keydown", (event) => { if (event.key === "Enter") ask(event); });
    this.svg.append(path);
    return path;
  }

  // A frame: weights, biases, and every neuron's map.
  show(state, maps) {
    const tone = (value) => (value < 0 ? "var(--minus)" : "var(--plus)");
    this.lines.forEach((from, layer) => from.forEach((row, i) => row.forEach((path, j) => {
      const weight = state.weights[layer][i][j];
      path.style.stroke = tone(weight);
      path.style.strokeWidth = Math.min(9, 0.6 + 2.4 * Math.abs(weight));
      path.style.strokeOpacity = Math.min(0.9, 0.25 + 0.5 * Math.abs(weight));
      path.setAttribute("aria-label", `Weight ${weight.toFixed(2)}, layer ${layer + 1}, from ${i + 1} to ${j + 1}`);
    })));
    this.biases.forEach((row, layer) => row.forEach((dot, i) => {
      const value = state.biases[layer][i];
      dot.style.background = tone(value);
      dot.style.opacity = Math.min(1, 0.35 + Math.abs(value));
      dot.setAttribute("aria-label", `Bias ${value.toFixed(2)}, layer ${layer + 1}, neuron ${i + 1}`);
      dot.title = `bias ${value.toFixed(3)}`;
    }));
    this.neurons.flat().forEach((node, i) => heat(node.firstChild, maps.subarray(i * GRID * GRID, (i + 1) * GRID * GRID)));
  }
}
