// The socket: messages out as JSON, messages in as JSON or, for frames and files, bytes. A dropped one is opened again.

export const LIMIT = 8 * 2 ** 20;

export class Wire {
  constructor(handlers) {
    this.handlers = handlers;
    this.waiting = 300;
    this.name = crypto.randomUUID();
    this.connect();
  }

  connect() {
    const token = new URLSearchParams(location.search).get("token") ?? "";
    this.socket = new WebSocket(`ws://${location.host}/talk?token=${encodeURIComponent(token)}&tab=${this.name}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.waiting = 300;
      this.handlers.open();
    };
    this.socket.onmessage = (event) => (typeof event.data === "string" ? this.text(event.data) : this.bytes(event.data));
    this.socket.onclose = (event) => {
      if (event.code === 1008) return this.handlers.error({ text: "The server refuses this page: its token is wrong. Open the address that thalweg playground printed." });
      this.handlers.closed(event);
      setTimeout(() => this.connect(), this.waiting);
      this.waiting = Math.min(this.waiting * 2, 5000);
    };
  }

  text(data) {
    const message = JSON.parse(data);
    this.handlers[message.type]?.(message);
  }

  bytes(buffer) {
    const kind = String.fromCharCode(new Uint8Array(buffer, 0, 1)[0]);
    if (kind === "K") return this.handlers.file(buffer.slice(1));
    const length = new DataView(buffer).getUint32(1, true);
    const state = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 5, length)));
    this.handlers.frame(state, new Uint8Array(buffer, 5 + length));
    this.send({ type: "ack" });
  }

  send(message) {
    const text = JSON.stringify(message);
    if (text.length > LIMIT) {
      this.handlers.error({ text: `That is ${(text.length / 2 ** 20).toFixed(0)} MB; the playground takes up to 8. Give it fewer rows.` });
      return false;
    }
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }
}
