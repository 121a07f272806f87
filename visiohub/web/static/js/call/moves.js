// What the machine does in several places: say things to the hub, take the call, end it. Pure; each
// changes the state that step() copied and adds effects. signaling/protocol/PROTOCOL.md is the norm (§n).

/** States of a call that somebody holds. */
export const HELD = new Set(['admitted', 'negotiating', 'connected', 'interrupted']);

export const send = (state, effects, type, fields = {}) =>
  effects.push({ do: 'send', message: { type, call_id: state.call.call_id, ...fields } });

/** §7.4, §7.7: enter, or take hold of a call under way, as soon as hub and devices allow. */
export function claim(state, effects) {
  if (state.hub !== 'here' || !state.prepared || state.ended || state.superseded) return;
  if (HELD.has(state.call.state)) {
    if (state.held) sayWhatArrives(state, effects);
    else if (state.mine || !state.call.agent_here) takeOver(state, effects);
    else state.superseded = true; // another tab has it: nobody fights, the agent decides
  } else if (state.wantsIn) {
    state.wantsIn = false;
    state.asked = 'admit';
    state.held = true;
    send(state, effects, 'admit');
  }
}

/** §8.5: after each reconnection the hub must hear whether media flows, else it assumes not. */
export function sayWhatArrives(state, effects) {
  const generation = state.shown || state.generation;
  const failed = state.peers[state.generation] === 'failed';
  send(state, effects, 'media', { generation, flowing: state.peers[generation] === 'flowing' });
  if (failed) send(state, effects, 'renegotiate', { generation: state.generation });
}

/** §8.11: to the hub, and through it to the kiosk, once this tab holds the call. */
export function tellDevices(state, effects) {
  const told = JSON.stringify(state.ownDevices);
  if (!state.held || state.ended || state.hub !== 'here' || !HELD.has(state.call.state)) return;
  if (!state.ownDevices.length || told === state.toldDevices) return;
  state.toldDevices = told;
  send(state, effects, 'agent_devices', { devices: state.ownDevices });
}

export function takeOver(state, effects) {
  state.held = true;
  state.toldDevices = '';
  state.superseded = false;
  send(state, effects, 'take_over');
}

export function reachable(state) {
  state.notice = state.hub === 'here' ? null : 'hub_away';
  return state.hub === 'here';
}

export function end(state, effects, { reason, refusal = null, text = '', fallback_phone = '' }) {
  if (state.ended) return;
  state.ended = { reason, refusal, text, fallback_phone: fallback_phone || state.call.fallback_phone };
  closePeers(state, effects, () => true);
  effects.push({ do: 'release' });
}

export function closePeers(state, effects, which) {
  for (const generation of Object.keys(state.peers).map(Number)) {
    if (!which(generation)) continue;
    delete state.peers[generation];
    effects.push({ do: 'close_peer', generation });
  }
}

export function takeCard(state, card, effects) {
  const entered = HELD.has(card.state) && !HELD.has(state.call.state);
  if (card.state !== state.call.state) state.asked = null;
  state.call = { ...card, citizen: card.citizen || state.call.citizen };
  if (card.state === 'ended') end(state, effects, { reason: card.end_reason, fallback_phone: card.fallback_phone });
  else if (entered && !state.held && !state.mine) {
    // §7.4: others learn from the card itself that the call is taken; the holder's own tabs go on
    // to hear of the negotiation.
    if (card.state === 'admitted') end(state, effects, { reason: 'taken' });
    else state.superseded = true;
  }
}
