// The connection to the kiosk's agent. A browser slows repeated WebSocket attempts down, so the
// agent is asked by fetch until it answers, then the WebSocket is opened.

const ASK_EVERY_MS = 300;
const ANSWER_WITHIN_MS = 1500;

export class Link {
  constructor({ onOpen, onModel, onPicture, onLost }) {
    Object.assign(this, { onOpen, onModel, onPicture, onLost });
    this.socket = null;
    this.open();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/screen`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.onOpen();
    socket.onmessage = ({ data }) => (typeof data === 'string' ? this.onModel(JSON.parse(data)) : this.onPicture(data));
    socket.onclose = () => {
      this.socket = null;
      this.onLost();
      this.ask();
    };
    this.socket = socket;
  }

  async ask() {
    try {
      const answer = await fetch('/healthz', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), cache: 'no-store' });
      if (answer.ok) {
        this.open();
        return;
      }
    } catch {
      // not there yet
    }
    setTimeout(() => this.ask(), ASK_EVERY_MS);
  }
}
