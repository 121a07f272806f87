// The one WebSocket of a staff page to the hub (signaling/protocol/PROTOCOL.md).
//
// Liveness: every wait here is bounded by `tick`, which runs twice a second. An open line is
// pinged every `ping_every_s` and given up after `dead_after_s` without a word. While the line is
// down, something asks anew at every tick: what was sent into a cut is repeated by TCP at growing
// intervals, and would still sleep when the line is back.

const PROTOCOL_VERSION = 1;
const TICK_MS = 500;
const ATTEMPT_MS = 4500; // to the welcome; Chromium holds an attempt back for up to 5 s
const QUESTION_MS = 1900; // three round trips of 0.6 s, and over before the fourth tick
const SESSION_EVERY_MS = 5000; // between two questions whether this page is still signed in
/**
 * Giving up must end the TCP connection: those that live on are asleep, and a browser allows a
 * host six. Chromium ends a WebSocket's but not a fetch's, Firefox a fetch's but not a WebSocket's,
 * and neither can be asked. So WebSockets race, but in Firefox /healthz is asked first.
 */
const SOCKETS_RACE = !navigator.userAgent.includes('Firefox/');
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
 * asks not to come back: signed out, page too old; also when the session ended while the line was
 * down, and the hub refuses the upgrade).
 */
export class Wire extends EventTarget {
  #url;
  #tabId;
  #socket = null;
  #attempts = new Map(); // WebSocket not yet connected -> since when
  #asking = false; // /healthz
  #askedSession = -Infinity; // when
  #state = 'down'; // down, opening (connected, not yet welcomed), open, closed
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
    queueMicrotask(() => this.#state === 'down' && this.#attempt());
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
    this.#dropSockets();
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
    } else if (this.#state === 'down') {
      this.#try();
    }
  }

  #try() {
    const now = performance.now();
    for (const [socket, since] of this.#attempts) if (now - since > ATTEMPT_MS) this.#giveUp(socket);
    if (SOCKETS_RACE) this.#attempt();
    else if (!this.#attempts.size && !this.#asking) this.#ask();
  }

  async #ask() {
    this.#asking = true;
    try {
      const answer = await fetch('/healthz', { signal: AbortSignal.timeout(QUESTION_MS), cache: 'no-store' });
      if (answer.ok && this.#state === 'down') this.#attempt();
    } catch {
      // the next tick asks again
    } finally {
      this.#asking = false;
    }
  }

  #attempt() {
    const socket = new WebSocket(this.#url);
    this.#attempts.set(socket, performance.now());
    socket.onopen = () => this.#greet(socket);
    socket.onclose = () => {
      this.#attempts.delete(socket);
      this.#askSession();
    };
  }

  /**
   * An attempt was refused, and no script is told why: without a session each would be, for ever.
   * In a cut line attempts hang until they are given up, so that no question is left asleep there.
   */
  async #askSession() {
    const now = performance.now();
    if (this.#state !== 'down' || now - this.#askedSession < SESSION_EVERY_MS) return;
    this.#askedSession = now;
    try {
      const answer = await fetch('/home', {
        headers: { 'X-Fragment': '1' },
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(QUESTION_MS),
      });
      if (answer.status === 401 && this.#state === 'down') this.#end({ type: 'bye', code: 'signed_out' });
    } catch {
      // the hub is not there at all: the attempts go on
    }
  }

  #giveUp(socket) {
    this.#attempts.delete(socket);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** The first that connects is the one; the hub sees no other. */
  #greet(socket) {
    this.#attempts.delete(socket);
    this.#dropSockets();
    this.#become('opening');
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = () => this.#lost();
    socket.send(JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION, tab_id: this.#tabId }));
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
          this.#end(message);
          return;
        }
    }
    this.#tell('message', message);
  }

  #end(bye) {
    this.close();
    this.#tell('over', bye);
  }

  #lost() {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#dropSockets();
    this.#become('down');
    if (wasOpen) this.#tell('down', { since: new Date() });
  }

  #dropSockets() {
    for (const socket of this.#attempts.keys()) this.#giveUp(socket);
    if (this.#socket) this.#giveUp(this.#socket);
    this.#socket = null;
  }

  #hurry = () => {
    if (this.#state === 'down') this.#try();
    // After a sleep the socket may be dead without knowing it: ask at once.
    else if (this.#state === 'open') this.#pinged = 0;
  };

  // A page kept for the "back" button must not hold a place on the hub.
  #leave = () => {
    if (this.#state === 'closed') return;
    this.#dropSockets();
    this.#become('down');
  };

  #return = (event) => {
    if (event.persisted) this.#hurry();
  };

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
