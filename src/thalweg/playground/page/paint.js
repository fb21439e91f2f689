// Colours, heat maps and points.

export const GRID = 40, REACH = 6;
const CLASSES = [[23, 102, 166], [217, 130, 43], [46, 139, 107], [166, 66, 110], [118, 98, 190], [140, 120, 40], [60, 150, 180], [190, 80, 60], [90, 110, 60], [110, 90, 80], [70, 70, 150], [120, 120, 120]];
const dark = matchMedia("(prefers-color-scheme: dark)");
const ends = () => (dark.matches ? { minus: [240, 164, 91], zero: [38, 45, 54], plus: [90, 169, 238] } : { minus: [217, 130, 43], zero: [243, 244, 243], plus: [23, 102, 166] });
let ramp = makeRamp();
dark.addEventListener("change", () => { ramp = makeRamp(); });

function makeRamp() {
  const { minus, zero, plus } = ends();
  const made = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const value = i / 127.5 - 1, end = value < 0 ? minus : plus, much = Math.abs(value) ** 0.8;
    for (let c = 0; c < 3; c++) made[3 * i + c] = Math.round(zero[c] + (end[c] - zero[c]) * much);
  }
  return made;
}

export const colour = (value) => {
  const i = 3 * Math.round((Math.max(-1, Math.min(1, value)) + 1) * 127.5);
  return `rgb(${ramp[i]} ${ramp[i + 1]} ${ramp[i + 2]})`;
};
export const classColour = (i) => `rgb(${CLASSES[i % CLASSES.length].join(" ")})`;

const scratch = document.createElement("canvas");
scratch.width = scratch.height = GRID;

function put(canvas, pixels) {
  const small = scratch.getContext("2d"), image = small.createImageData(GRID, GRID);
  image.data.set(pixels);
  small.putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = true;
  context.drawImage(scratch, 0, 0, canvas.width, canvas.height);
}

export function heat(canvas, bytes, discrete = false) {
  const pixels = new Uint8ClampedArray(GRID * GRID * 4);
  for (let i = 0; i < GRID * GRID; i++) {
    const value = discrete ? (bytes[i] < 128 ? 0 : 255) : bytes[i];
    pixels.set([ramp[3 * value], ramp[3 * value + 1], ramp[3 * value + 2], 255], 4 * i);
  }
  put(canvas, pixels);
}

export function classHeat(canvas, maps, discrete) {
  const pixels = new Uint8ClampedArray(GRID * GRID * 4), paper = ends().zero;
  for (let i = 0; i < GRID * GRID; i++) {
    let best = 0;
    maps.forEach((map, k) => { if (map[i] > maps[best][i]) best = k; });
    const sure = discrete ? 0.85 : Math.max(0.08, (maps[best][i] / 255 - 1 / maps.length) / (1 - 1 / maps.length)) * 0.85;
    const full = CLASSES[best % CLASSES.length];
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = paper[c] + (full[c] - paper[c]) * sure;
    pixels[4 * i + 3] = 255;
  }
  put(canvas, pixels);
}

const FUNCTIONS = { "x1": (x) => x, "x2": (x, y) => y, "x1^2": (x) => x * x, "x2^2": (x, y) => y * y, "x1 x2": (x, y) => x * y, "sin x1": (x) => Math.sin(x), "sin x2": (x, y) => Math.sin(y) };

export function featureMap(name) {
  const bytes = new Uint8Array(GRID * GRID), most = { "x1^2": 36, "x2^2": 36, "x1 x2": 36, "sin x1": 1, "sin x2": 1 }[name] ?? 6;
  for (let row = 0; row < GRID; row++) for (let column = 0; column < GRID; column++) {
    const x = -REACH + (2 * REACH * column) / (GRID - 1), y = REACH - (2 * REACH * row) / (GRID - 1);
    bytes[row * GRID + column] = Math.round((FUNCTIONS[name](x, y) / most + 1) * 127.5);
  }
  return bytes;
}

export function dots(canvas, points, classes, { radius, ring = false, fade = 1 }) {
  const context = canvas.getContext("2d"), scale = canvas.width / (2 * REACH);
  const several = classes.length > 2;
  context.globalAlpha = fade;
  for (const [x, y, label] of points) {
    context.beginPath();
    context.arc((x + REACH) * scale, (REACH - y) * scale, radius, 0, 7);
    context.fillStyle = several ? classColour(label) : colour(label);
    context.fill();
    context.lineWidth = ring ? radius * 0.55 : radius * 0.3;
    context.strokeStyle = ring ? (dark.matches ? "#fff" : "#111") : dark.matches ? "rgb(20 24 29 / .9)" : "rgb(255 255 255 / .95)";
    context.stroke();
  }
  context.globalAlpha = 1;
}
