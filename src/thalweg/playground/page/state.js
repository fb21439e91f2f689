// The settings, and their form in the address.

export const FEATURES = ["x1", "x2", "x1^2", "x2^2", "x1 x2", "sin x1", "sin x2"];
export const ACTIVATIONS = ["tanh", "relu", "sigmoid", "linear", "elu", "selu", "gelu", "silu", "softplus", "softsign", "leaky_relu"];
export const OPTIMIZERS = ["SGD", "Momentum", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Adafactor", "Lamb", "Muon"];
export const RATES = [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
export const PENALTIES = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
export const PATTERNS = { circle: "Circle", xor: "Exclusive or", gauss: "Gaussian", spiral: "Spiral", plane: "Plane (a number)", hills: "Hills (a number)" };

export const DEFAULTS = {
  data: "circle", noise: 0, train_share: 0.5, batch: 10, features: ["x1", "x2"],
  layers: [{ units: 4, activation: "tanh" }, { units: 2, activation: "tanh" }],
  learning_rate: 0.03, optimizer: "SGD", regularization: "none", regularization_rate: 0, dropout: 0, batch_norm: false, seed: 1, own: {},
};

export function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("s");
  if (!given) return structuredClone(DEFAULTS);
  try {
    const known = JSON.parse(given);
    const made = structuredClone(DEFAULTS);
    for (const key of Object.keys(DEFAULTS)) if (key in known) made[key] = known[key];
    if (made.data === "own") made.data = "circle"; // a table does not travel in an address
    return made;
  } catch {
    return structuredClone(DEFAULTS);
  }
}

export function toAddress(settings) {
  const changed = Object.fromEntries(Object.entries(settings).filter(([k, v]) => JSON.stringify(v) !== JSON.stringify(DEFAULTS[k])));
  const hash = Object.keys(changed).length ? "#s=" + encodeURIComponent(JSON.stringify(changed)) : "";
  history.replaceState(null, "", location.pathname + location.search + hash);
}
