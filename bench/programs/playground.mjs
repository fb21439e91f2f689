// The playground's network in plain JavaScript, one sample at a time over nodes and links, as TensorFlow's Playground trains it:
// 2-4-2-1, tanh, half the squared error, batches of 10, no regularization. Prints the seconds of a step.
const TANH = { output: Math.tanh, der: (x) => { const y = Math.tanh(x); return 1 - y * y; } };
const SQUARE = { error: (output, target) => 0.5 * (output - target) ** 2, der: (output, target) => output - target };

class Node {
  constructor(activation) {
    Object.assign(this, { activation, links: [], outputs: [], bias: 0.1, total: 0, output: 0, outputDer: 0, inputDer: 0, accumulated: 0, count: 0 });
  }

  update() {
    this.total = this.bias;
    for (const link of this.links) this.total += link.weight * link.source.output;
    this.output = this.activation.output(this.total);
    return this.output;
  }
}

class Link {
  constructor(source, target, weight) {
    Object.assign(this, { source, target, weight, errorDer: 0, accumulated: 0, count: 0, regularization: null });
    source.outputs.push(this);
    target.links.push(this);
  }
}

let state = 42;
const random = () => (state = (state * 16807) % 2147483647) / 2147483647;

const layers = [2, 4, 2, 1].map((units) => Array.from({ length: units }, () => new Node(TANH)));
for (let i = 1; i < layers.length; i++) for (const target of layers[i]) for (const source of layers[i - 1]) new Link(source, target, random() - 0.5);

function forward(inputs) {
  layers[0].forEach((node, i) => { node.output = inputs[i]; });
  for (let i = 1; i < layers.length; i++) for (const node of layers[i]) node.update();
  return layers.at(-1)[0].output;
}

function backward(target, error) {
  const output = layers.at(-1)[0];
  output.outputDer = error.der(output.output, target);
  for (let i = layers.length - 1; i >= 1; i--) {
    for (const node of layers[i]) {
      node.inputDer = node.outputDer * node.activation.der(node.total);
      node.accumulated += node.inputDer;
      node.count++;
    }
    for (const node of layers[i]) for (const link of node.links) {
      link.errorDer = node.inputDer * link.source.output;
      link.accumulated += link.errorDer;
      link.count++;
    }
    if (i === 1) continue;
    for (const node of layers[i - 1]) {
      node.outputDer = 0;
      for (const link of node.outputs) node.outputDer += link.weight * link.target.inputDer;
    }
  }
}

function updateWeights(rate, penalty) {
  for (let i = 1; i < layers.length; i++) for (const node of layers[i]) {
    if (node.count > 0) {
      node.bias -= (rate * node.accumulated) / node.count;
      node.accumulated = node.count = 0;
    }
    for (const link of node.links) {
      const slope = link.regularization ? link.regularization.der(link.weight) : 0;
      if (link.count > 0) {
        link.weight -= (rate / link.count) * link.accumulated;
        link.weight -= rate * penalty * slope;
        link.accumulated = link.count = 0;
      }
    }
  }
}

const points = Array.from({ length: 250 }, () => {
  const x = 10 * random() - 5, y = 10 * random() - 5;
  return { inputs: [x, y], label: x * y >= 0 ? 1 : -1 };
});

function epoch() {
  points.forEach((point, i) => {
    forward(point.inputs);
    backward(point.label, SQUARE);
    if ((i + 1) % 10 === 0) updateWeights(0.03, 0);
  });
}

const run = (milliseconds) => {
  const start = performance.now();
  let steps = 0, now = start;
  while (now - start < milliseconds) {
    for (let i = 0; i < 20; i++) epoch();
    steps += 500;
    now = performance.now();
  }
  return (now - start) / 1000 / steps;
};
run(300);
console.log(JSON.stringify({ seconds: run(700) }));
