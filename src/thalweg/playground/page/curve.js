// The loss by epoch: training and test, where the test loss was least, and the spread of ten seeds.

export class Curve {
  constructor(canvas, note) {
    this.canvas = canvas;
    this.note = note;
    this.clear();
  }

  clear() {
    this.points = [];
    this.seeds = null;
    this.draw();
  }

  add(state) {
    const last = this.points.at(-1);
    if (last && state.epoch < last.epoch) this.points = [];
    if (last && state.epoch === last.epoch) this.points.pop();
    this.points.push({ epoch: state.epoch, train: state.train, test: state.test });
    if (this.points.length > 800) this.points = this.points.filter((_, i) => i % 2 === 0 || i === this.points.length - 1);
    this.best = state.best;
    this.draw();
  }

  draw() {
    const { width, height } = this.canvas, context = this.canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    context.clearRect(0, 0, width, height);
    const all = this.points.flatMap((p) => [p.train, p.test]).concat(this.seeds?.curves.flat() ?? []).filter(Number.isFinite);
    const most = Math.max(...all, 1e-9), last = Math.max(this.points.at(-1)?.epoch ?? 1, this.seeds?.epochs ?? 1, 1);
    const x = (epoch) => (epoch / last) * (width - 8) + 4, y = (loss) => height - 6 - (loss / most) * (height - 14);
    if (this.seeds) {
      const { curves, epochs } = this.seeds, count = curves[0].length, at = (i) => x(((i + 1) / count) * epochs);
      const column = (i) => curves.map((c) => c[i]).sort((a, b) => a - b);
      context.fillStyle = style.getPropertyValue("--accent");
      context.globalAlpha = 0.22;
      context.beginPath();
      for (let i = 0; i < count; i++) context.lineTo(at(i), y(column(i)[0]));
      for (let i = count - 1; i >= 0; i--) context.lineTo(at(i), y(column(i).at(-1)));
      context.fill();
      context.globalAlpha = 1;
      this.line(Array.from({ length: count }, (_, i) => [at(i), y(column(i)[curves.length >> 1])]), style.getPropertyValue("--accent"), 2);
    }
    this.line(this.points.map((p) => [x(p.epoch), y(p.train)]), style.getPropertyValue("--train"), 2.5);
    this.line(this.points.map((p) => [x(p.epoch), y(p.test)]), style.getPropertyValue("--test"), 2.5);
    if (this.points.length > 2 && this.best > 0 && this.best < last) {
      context.strokeStyle = style.getPropertyValue("--accent");
      context.setLineDash([5, 5]);
      context.beginPath();
      context.moveTo(x(this.best), 0);
      context.lineTo(x(this.best), height);
      context.stroke();
      context.setLineDash([]);
    }
    const told = this.points.length > 2 && this.best ? `Test loss was least at epoch ${this.best.toLocaleString()}.` : "";
    const finals = this.seeds?.curves.map((c) => c.at(-1)).sort((a, b) => a - b);
    this.note.textContent = told + (finals ? ` Ten seeds after ${this.seeds.epochs} epochs: test loss ${finals[0].toFixed(3)} to ${finals.at(-1).toFixed(3)}, median ${finals[finals.length >> 1].toFixed(3)}.` : "");
  }

  line(points, colour, width) {
    const context = this.canvas.getContext("2d");
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
  }
}
