// The dialog for a table of one's own.

import { LIMIT } from "./wire.js";

export class TableDialog {
  constructor(send, use) {
    this.$ = (id) => document.getElementById(id);
    this.send = send;
    this.use = use;
    this.$("own").addEventListener("click", () => this.$("table-dialog").showModal());
    this.$("table-text").addEventListener("input", () => this.text(this.$("table-text").value));
    this.$("table-text").addEventListener("paste", (event) => this.paste(event));
    this.$("table-file").addEventListener("change", () => this.file(this.$("table-file").files[0]));
    this.$("housing").addEventListener("click", () => this.ask({ type: "example" }));
    this.$("table-use").addEventListener("click", () => {
      this.$("table-dialog").close();
      this.use({ x: this.$("column-x").value, y: this.$("column-y").value, target: this.$("column-target").value });
    });
    for (const event of ["dragover", "drop"]) document.addEventListener(event, (e) => {
      e.preventDefault();
      if (event === "drop" && e.dataTransfer.files.length) {
        this.$("table-dialog").open || this.$("table-dialog").showModal();
        this.file(e.dataTransfer.files[0]);
      }
    });
  }

  note(text) {
    this.$("table-note").textContent = text;
  }

  ask(message) {
    this.note("Reading …");
    this.$("table-use").disabled = true;
    this.send(message);
  }

  async file(file) {
    if (!file) return;
    if (file.size > LIMIT * 0.9) return this.tooLarge(file.size);
    this.text(await file.text());
  }

  // A long text goes to the server as it is: a text box would take minutes over it.
  paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (text.length < 200000) return;
    event.preventDefault();
    this.$("table-text").value = text.slice(0, 2000) + "\n…";
    this.text(text);
  }

  text(text) {
    if (text.length > LIMIT * 0.9) return this.tooLarge(text.length);
    if (text.trim()) this.ask({ type: "table", text });
  }

  tooLarge(size) {
    this.note(`That is ${(size / 2 ** 20).toFixed(0)} MB; the playground takes up to 7. It draws 2,000 rows at random anyway: give it fewer.`);
  }

  columns({ columns, x, y, target, rows }) {
    const numbers = columns.filter((c) => c.number).map((c) => c.name), names = columns.map((c) => c.name);
    for (const [id, list, chosen] of [["column-x", numbers, x], ["column-y", numbers, y], ["column-target", names, target]]) {
      this.$(id).replaceChildren(...list.map((name) => new Option(name, name, false, name === chosen)));
    }
    this.$("columns").hidden = false;
    this.$("table-use").disabled = false;
    this.note(`${rows.toLocaleString()} rows.`);
  }
}
