// The one WebSocket of a staff page to the hub (signaling/protocol/PROTOCOL.md).
//
// Liveness: every wait here is bounded by `tick`, which runs twice a second. An open line is
// pinged every `ping_every_s` and given up after `dead_after_s` without a word; an attempt lives
// 8 s; while the line is down, /healthz is asked until it answers (Chromium throttles repeated
// WebSocket attempts, not fetches) and only then is a WebSocket opened.

const PROTOCOL_VERSION = 1;
const TICK_MS = 500;
const ATTEMPT_MS = 8000;
const PROBE_MS = 1500;
const PROBE_EVERY_MS = 700;
/** `bye` codes after which coming back by itself would be wrong. */
const FINAL_BYES = new Set(['signed_out', 'superseded', 'too_old', 'too_new']);

const TAB_KEY = 'visiohub-tab';

/**
 * This tab's name: the same over reloads and links followed, another in every other tab.
 * It lies in sessionStorage only between two pages of the tab, so that a duplicated tab, which
 * inherits sessionStorage, finds none and takes its own.
 */
export function tabId() {
  const id =
    sessionStorage.getItem(TAB_KEY) ??
    Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, '0')).join('');
  sessionStorage.removeItem(TAB_KEY);
  addEventListener('pagehide', () => sessionStorage.setItem(TAB_KEY, id));
  addEventListener('pageshow', () => sessionStorage.removeItem(TAB_KEY));
  return id;
}

/** ws: or wss: address of a path on this hub. */
export function wireUrl(path = '/signaling/v1/staff') {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/**
 * Events: `open` (detail: the welcome_browser message), `down` (detail: {since: Date}),
 * `message` (detail: any message but pings, parsed), `over` (detail: the hub's `bye` that
 * asks not to come back: signed out, page too old).
 */
export class Wire extends EventTarget {
  #url;
  #tabId;
  #socket = null;
  #state = 'down'; // down, probing, opening, open, closed
  #ticker;
  #topics = [];
  #since = 0; // of the state
  #heard = 0;
  #pinged = 0;
  #pings = 0;
  #pingEvery = 4000;
  #deadAfter = 8000;

  constructor(url, tabId) {
    super();
    this.#url = url;
    this.#tabId = tabId;
    this.#startTicker();
    // Listeners are added by the caller after construction: open on the next turn.
    queueMicrotask(() => this.#state === 'down' && this.#open());
    addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#return);
  }

  get isOpen() {
    return this.#state === 'open';
  }

  /** Sends now, or returns false: nothing is kept back for later. */
  send(message) {
    if (this.#state !== 'open') return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Replaces the topics; they are asked for again after each reconnection. */
  subscribe(topics) {
    this.#topics = [...topics];
    this.send({ type: 'subscribe', topics: this.#topics });
  }

  close() {
    this.#become('closed');
    this.#dropSocket();
    this.#ticker?.terminate?.();
    removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#return);
  }

  #startTicker() {
    try {
      this.#ticker = new Worker(new URL('./ticker.js', import.meta.url));
      this.#ticker.onmessage = () => this.#tick();
    } catch {
      const timer = setInterval(() => this.#tick(), TICK_MS);
      this.#ticker = { terminate: () => clearInterval(timer) };
    }
  }

  #become(state) {
    this.#state = state;
    this.#since = performance.now();
  }

  #tick() {
    const now = performance.now();
    if (this.#state === 'open') {
      if (now - this.#heard > this.#deadAfter) this.#lost();
      else if (now - this.#pinged >= this.#pingEvery) {
        this.#pinged = now;
        this.send({ type: 'ping', n: ++this.#pings });
      }
    } else if (this.#state === 'opening') {
      if (now - this.#since > ATTEMPT_MS) this.#lost();
    } else if (this.#state === 'down' && now - this.#since >= PROBE_EVERY_MS) {
      this.#probe();
    }
  }

  async #probe() {
    this.#become('probing');
    let alive = false;
    try {
      const answer = await fetch('/healthz', { signal: AbortSignal.timeout(PROBE_MS), cache: 'no-store' });
      alive = answer.ok;
    } catch {
      alive = false;
    }
    if (this.#state !== 'probing') return;
    if (alive) this.#open();
    else this.#become('down');
  }

  #open() {
    this.#dropSocket();
    this.#become('opening');
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION, tab_id: this.#tabId }));
    };
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = () => this.#lost();
  }

  #receive(message) {
    this.#heard = performance.now();
    switch (message.type) {
      case 'welcome_browser':
        this.#pingEvery = message.ping_every_s * 1000;
        this.#deadAfter = message.dead_after_s * 1000;
        this.#become('open');
        this.#pinged = this.#heard;
        if (this.#topics.length) this.send({ type: 'subscribe', topics: this.#topics });
        this.#tell('open', message);
        return;
      case 'ping':
        this.send({ type: 'pong', n: message.n });
        return;
      case 'pong':
        return;
      case 'bye':
        if (FINAL_BYES.has(message.code)) {
          this.close();
          this.#tell('over', message);
          return;
        }
    }
    this.#tell('message', message);
  }

  #lost() {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#dropSocket();
    this.#become('down');
    if (wasOpen) this.#tell('down', { since: new Date() });
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #hurry = () => {
    if (this.#state === 'down') this.#probe();
    // After a sleep the socket may be dead without knowing it: ask at once.
    else if (this.#state === 'open') this.#pinged = 0;
  };

  // A page kept for the "back" button must not hold a place on the hub.
  #leave = () => {
    if (this.#state === 'closed') return;
    this.#dropSocket();
    this.#become('down');
  };

  #return = (event) => {
    if (event.persisted) this.#hurry();
  };

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
