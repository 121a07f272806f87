// The agent's side of one call, pure: events and `now` (ms) go in, a new state and effects come
// out. No DOM, no RTCPeerConnection, no clock. signaling/protocol/PROTOCOL.md is the norm (§n).
//
// Effects: {do: 'send', message} {do: 'open_peer', generation, iceServers}
// {do: 'answer_peer', generation, sdp} {do: 'add_candidate', generation, candidate}
// {do: 'show_peer', generation} {do: 'close_peer', generation} {do: 'release'}
// {do: 'fetch_card'}: ask the hub's page how the call stands now.

import { claim, closePeers, end, HELD, reachable, send, takeCard, takeOver, tellDevices } from './moves.js';

/**
 * The state before anything happened. `admit`: let the citizen in as soon as that is possible;
 * `mine`: this tab held the call when it was last left or reloaded.
 */
export function begin(call, { admit = false, mine = false } = {}) {
  return {
    call,
    hub: 'joining', // joining, here, away, over
    hubSince: null,
    prepared: false, // own devices are open, or known to be missing, or late
    wantsIn: admit && call.state === 'waiting',
    asked: null, // what the hub was asked and has not answered: admit, make_wait, refuse
    mine,
    held: false, // this page has the call: it let the citizen in, or took over
    superseded: false,
    generation: 0, // newest PeerConnection asked for
    shown: 0, // the one whose picture is on the page; 0: none yet
    peers: {}, // generation -> 'opening' | 'flowing' | 'silent' | 'failed'
    cutAt: null, // ms; since when the shown one is silent
    devices: [], // the kiosk's
    ownDevices: [], // the agent's, as devices.js says them
    toldDevices: '', // what the hub was last told of them, as JSON
    clockAhead: 0, // ms, hub's clock less this one
    saying: '', // text now on the kiosk's screen
    notice: null, // code of the last refusal, by the hub or for want of it ('hub_away')
    owesHangUp: false, // hung up here; the hub has not confirmed it
    ended: call.state === 'ended' ? { reason: call.end_reason, fallback_phone: call.fallback_phone } : null,
  };
}

/** One event at `now` (ms since the epoch). Returns [state, effects]; the old state is left as it was. */
export function step(state, event, now) {
  const next = { ...state, peers: { ...state.peers } };
  const effects = [];
  const handle = HANDLERS[event.type];
  if (!handle) throw new Error(`unknown event ${event.type}`);
  handle(next, event, effects, now);
  tellDevices(next, effects);
  return [next, effects];
}

/**
 * What the page shows: waiting, entering, connecting, live, cut, unheard (we receive, the kiosk
 * does not), superseded, ended.
 */
export function phase(state) {
  if (state.ended) return 'ended';
  if (state.superseded) return 'superseded';
  if (!HELD.has(state.call.state)) return state.wantsIn || state.asked === 'admit' ? 'entering' : 'waiting';
  if (!state.shown) return state.call.state === 'interrupted' ? 'cut' : 'connecting';
  if (state.peers[state.shown] !== 'flowing') return 'cut';
  return state.call.state === 'interrupted' && state.hub === 'here' ? 'unheard' : 'live';
}

const HANDLERS = {
  prepared(state, _event, effects) {
    state.prepared = true;
    claim(state, effects);
  },

  hub_open(state, { welcome }, effects, now) {
    state.hub = 'here';
    state.hubSince = now;
    state.clockAhead = Date.parse(welcome.now) - now;
    state.asked = null;
    state.toldDevices = '';
    if (state.notice === 'hub_away') state.notice = null;
    if (state.owesHangUp) send(state, effects, 'hang_up');
    if (state.ended) return;
    const card = welcome.calls.find((call) => call.call_id === state.call.call_id);
    if (card) takeCard(state, card, effects);
    else effects.push({ do: 'fetch_card' });
    claim(state, effects);
  },

  hub_down(state, _event, _effects, now) {
    if (state.hub === 'over') return;
    state.hub = 'away';
    state.hubSince = now;
    if (state.asked === 'admit') {
      state.wantsIn = true;
      state.held = false;
    }
    state.asked = null;
  },

  hub_over(state, _event, _effects, now) {
    state.hub = 'over';
    state.hubSince = now;
  },

  /** The page's own answer about the call, when the hub's welcome did not name it. */
  card(state, { card }, effects) {
    if (state.ended) return;
    takeCard(state, card, effects);
    claim(state, effects);
  },

  own_devices(state, { devices }) {
    state.ownDevices = devices;
  },

  message(state, { message }, effects, now) {
    if (message.call_id && message.call_id !== state.call.call_id) return;
    if (message.type === 'call_state' && message.call.call_id !== state.call.call_id) return;
    MESSAGES[message.type]?.(state, message, effects, now);
  },

  admit(state, _event, effects) {
    if (phase(state) !== 'waiting') return;
    state.notice = null;
    state.wantsIn = true;
    claim(state, effects);
  },

  make_wait(state, { minutes }, effects) {
    if (phase(state) !== 'waiting' || !reachable(state)) return;
    state.asked = 'make_wait';
    send(state, effects, 'make_wait', { minutes });
  },

  refuse(state, { reason, text }, effects) {
    if (phase(state) !== 'waiting' || !reachable(state)) return;
    state.asked = 'refuse';
    send(state, effects, 'refuse', { reason, text });
  },

  /** §8.7. Nothing is kept for later: the page keeps the words in the field. */
  say(state, { text }, effects) {
    if (!reachable(state)) return;
    state.saying = text;
    send(state, effects, 'say', { text });
  },

  hang_up(state, _event, effects) {
    if (state.ended || state.superseded) return;
    // At once, also while the hub is away: it is told when it is back (§8.9).
    state.owesHangUp = true;
    send(state, effects, 'hang_up');
    end(state, effects, { reason: 'hung_up_by_agent' });
  },

  take_back(state, _event, effects) {
    if (!state.superseded || !reachable(state)) return;
    state.shown = 0;
    state.cutAt = null;
    takeOver(state, effects);
  },

  offer_made(state, { generation, sdp }, effects) {
    if (!(generation in state.peers)) return;
    send(state, effects, 'offer', { generation, sdp });
  },

  candidate_found(state, { generation, candidate }, effects) {
    if (!(generation in state.peers)) return;
    send(state, effects, 'candidate', { generation, ...candidate });
  },

  /** The watchdog: bytes of this generation began or ceased to arrive (§8.5). */
  flow(state, { generation, flowing }, effects, now) {
    if (!(generation in state.peers) || generation < state.shown) return;
    state.peers[generation] = flowing ? 'flowing' : 'silent';
    send(state, effects, 'media', { generation, flowing });
    if (flowing && generation > state.shown) {
      state.shown = generation;
      effects.push({ do: 'show_peer', generation });
      closePeers(state, effects, (other) => other < generation);
    }
    if (generation === state.shown) state.cutAt = flowing ? null : (state.cutAt ?? now);
  },

  peer_failed(state, { generation }, effects, now) {
    if (!(generation in state.peers)) return;
    const known = state.peers[generation] === 'failed';
    state.peers[generation] = 'failed';
    if (generation === state.shown) state.cutAt = state.cutAt ?? now;
    if (!known && generation === state.generation) send(state, effects, 'renegotiate', { generation });
  },
};

const MESSAGES = {
  call_state(state, { call }, effects) {
    if (state.ended) return;
    takeCard(state, call, effects);
  },

  /** §8.3; design decision 4: beside the old one, which may still revive. */
  negotiate(state, { generation, ice_servers: iceServers }, effects) {
    if (state.ended || state.superseded || generation <= state.generation) return;
    closePeers(state, effects, (other) => other !== state.shown);
    state.generation = generation;
    state.peers[generation] = 'opening';
    effects.push({ do: 'open_peer', generation, iceServers });
  },

  answer(state, { generation, sdp }, effects) {
    if (generation in state.peers) effects.push({ do: 'answer_peer', generation, sdp });
  },

  candidate(state, { generation, candidate, sdp_mid, sdp_m_line_index }, effects) {
    if (!(generation in state.peers)) return;
    effects.push({ do: 'add_candidate', generation, candidate: { candidate, sdpMid: sdp_mid, sdpMLineIndex: sdp_m_line_index } });
  },

  devices(state, { devices, kiosk_id: kioskId }) {
    if (!kioskId || kioskId === state.call.kiosk_id) state.devices = devices;
  },

  /** §7.7: another tab of this agent has the call now. */
  superseded(state, _message, effects) {
    if (state.ended) return;
    state.superseded = true;
    state.held = state.mine = false;
    closePeers(state, effects, () => true);
    effects.push({ do: 'release' });
  },

  /** §8.7: the page was loaded anew, or another one held the call. */
  say(state, { text }) {
    state.saying = text;
  },

  ended(state, message, effects) {
    state.owesHangUp = false;
    end(state, effects, message);
  },

  error(state, { code, about }) {
    if (about === 'say') state.saying = '';
    if (about === state.asked) state.asked = null;
    if (about === 'admit' || code === 'not_holder') state.held = false;
    if (about === 'take_over') state.superseded = true;
    if (['admit', 'make_wait', 'refuse', 'take_over', 'say', 'hang_up'].includes(about)) state.notice = code;
  },
};
