import { begin, phase, step } from '/modules/machine.js';
import { equal, test } from './harness.js';

const NOW = 1_700_000_000_000;
const CARD = {
  call_id: 'c', state: 'waiting', generation: 0, kiosk_id: 'k', citizen: 'D. R.', arrived_at: '2026-11-20T09:00:00Z',
  agent_here: false, kiosk_here: true, fallback_phone: '04', attempts: 0, gives_up_at: null, end_reason: null,
};
const card = (fields) => ({ ...CARD, ...fields });
const welcome = (...calls) => ({ type: 'hub_open', welcome: { now: new Date(NOW).toISOString(), calls } });
const message = (type, fields) => ({ type: 'message', message: { type, call_id: 'c', ...fields } });
const state_of = (fields) => message('call_state', { call: card(fields) });
const negotiate = (generation) => message('negotiate', { generation, ice_servers: [] });

/** Feeds events one second apart; answers the last state and what each event caused, in short. */
function play(start, ...events) {
  let state = start;
  const caused = [];
  events.forEach((event, n) => {
    const [next, effects] = step(state, event, NOW + n * 1000);
    state = next;
    caused.push(effects.map((effect) => (effect.do === 'send' ? effect.message.type : `${effect.do}${effect.generation ?? ''}`)).join(' '));
  });
  return [state, caused];
}

const here = [{ type: 'prepared' }, welcome(CARD)];
const entered = [...here, { type: 'admit' }, state_of({ state: 'negotiating', generation: 1 }), negotiate(1)];
const live = [...entered, { type: 'flow', generation: 1, flowing: true }, state_of({ state: 'connected', generation: 1 })];

test('a citizen waits until the agent lets them in', () => {
  const [state, caused] = play(begin(CARD), ...here);
  equal([phase(state), caused], ['waiting', ['', '']]);
});

test('letting in asks the hub once, then opens the generation it orders', () => {
  const [state, caused] = play(begin(CARD), ...entered, negotiate(1));
  equal(caused.slice(2), ['admit', '', 'open_peer1', '']);
  equal(phase(state), 'connecting');
});

test('a wish from the day list is done as soon as hub and devices are there', () => {
  const wished = begin(CARD, { admit: true });
  equal(phase(wished), 'entering');
  equal(play(wished, welcome(CARD), { type: 'prepared' })[1], ['', 'admit']);
});

test('a wish made while the hub is away is done at its return', () => {
  const [state, caused] = play(begin(CARD), ...here, { type: 'hub_down' }, { type: 'admit' }, welcome(CARD));
  equal(caused.slice(2), ['', '', 'admit']);
  equal(phase(state), 'entering');
});

test('an admission that the hub never confirmed is asked again', () => {
  equal(play(begin(CARD), ...here, { type: 'admit' }, { type: 'hub_down' }, welcome(CARD))[1].slice(2), ['admit', '', 'admit']);
});

test('offer, answer and candidates pass for an open generation alone', () => {
  const [, caused] = play(
    begin(CARD), ...entered,
    { type: 'offer_made', generation: 1, sdp: 'x' },
    message('answer', { generation: 1, sdp: 'y' }),
    message('candidate', { generation: 1, candidate: 'z', sdp_mid: '0', sdp_m_line_index: 0 }),
    { type: 'candidate_found', generation: 1, candidate: { candidate: 'w' } },
    message('answer', { generation: 7, sdp: 'y' }),
    { type: 'offer_made', generation: 7, sdp: 'x' },
  );
  equal(caused.slice(5), ['offer', 'answer_peer1', 'add_candidate1', 'candidate', '', '']);
});

test('the first media shows the picture and tells the hub', () => {
  const [state, caused] = play(begin(CARD), ...live);
  equal(caused[5], 'media show_peer1');
  equal([phase(state), state.shown], ['live', 1]);
});

test('silence is told at once, keeps the connection, and its revival is told too', () => {
  const [cut, caused] = play(begin(CARD), ...live, { type: 'flow', generation: 1, flowing: false });
  equal([phase(cut), caused.at(-1), cut.cutAt], ['cut', 'media', NOW + 7000]);
  const [back] = play(cut, { type: 'flow', generation: 1, flowing: true });
  equal([phase(back), back.cutAt], ['live', null]);
});

test('a new generation is opened beside the old one and replaces it when it flows', () => {
  const [, caused] = play(begin(CARD), ...live, { type: 'flow', generation: 1, flowing: false }, negotiate(2), { type: 'flow', generation: 2, flowing: true });
  equal(caused.slice(-2), ['open_peer2', 'media show_peer2 close_peer1']);
});

test('the old generation may revive while the new one is tried', () => {
  const [state] = play(begin(CARD), ...live, { type: 'flow', generation: 1, flowing: false }, negotiate(2), { type: 'flow', generation: 1, flowing: true });
  equal([phase(state), state.shown], ['live', 1]);
});

test('a try that never flowed is closed by the next one', () => {
  const [, caused] = play(begin(CARD), ...live, { type: 'flow', generation: 1, flowing: false }, negotiate(2), negotiate(3));
  equal(caused.at(-1), 'close_peer2 open_peer3');
});

test('a dead connection asks for a new one, once', () => {
  const failed = { type: 'peer_failed', generation: 1 };
  equal(play(begin(CARD), ...live, failed, failed)[1].slice(-2), ['renegotiate', '']);
});

test('the kiosk does not hear us: said so, although we receive', () => {
  equal(phase(play(begin(CARD), ...live, state_of({ state: 'interrupted', generation: 1 }))[0]), 'unheard');
});

test('hub away: the picture goes on, and at its return the hub hears that media flows', () => {
  const [away] = play(begin(CARD), ...live, { type: 'hub_down' });
  equal([phase(away), away.hub], ['live', 'away']);
  const [, effects] = step(away, welcome(card({ state: 'connected', generation: 1, agent_here: true })), NOW);
  equal(effects, [{ do: 'send', message: { type: 'media', call_id: 'c', generation: 1, flowing: true } }]);
});

test('a reloaded page takes its call over', () => {
  const under_way = card({ state: 'connected', generation: 3, agent_here: true });
  equal(play(begin(under_way, { mine: true }), { type: 'prepared' }, welcome(under_way))[1], ['', 'take_over']);
});

test('a second tab does not steal the call, but may take it', () => {
  const under_way = card({ state: 'connected', generation: 3, agent_here: true });
  const [state, caused] = play(begin(under_way), { type: 'prepared' }, welcome(under_way));
  equal([phase(state), caused], ['superseded', ['', '']]);
  const [taken, then] = play(state, { type: 'take_back' });
  equal([then, taken.superseded], [['take_over'], false]);
});

test('a call that nobody holds any more is taken over without a question', () => {
  const left = card({ state: 'interrupted', generation: 3, agent_here: false });
  equal(play(begin(left), { type: 'prepared' }, welcome(left))[1], ['', 'take_over']);
});

test('superseded: lets go of everything', () => {
  const [state, caused] = play(begin(CARD), ...live, message('superseded'));
  equal([phase(state), caused.at(-1)], ['superseded', 'close_peer1 release']);
});

test('what stands on the kiosk is said to a page that was loaded anew', () => {
  const [state] = play(begin(CARD), ...live, message('say', { text: 'Un instant' }));
  equal(state.saying, 'Un instant');
});

test('another agent was first', () => {
  const [state] = play(begin(CARD), ...here, state_of({ state: 'admitted', agent_here: true }));
  equal([phase(state), state.ended.reason], ['ended', 'taken']);
});

test('own other tab let the citizen in', () => {
  equal(phase(play(begin(CARD), ...here, state_of({ state: 'negotiating', generation: 1 }))[0]), 'superseded');
});

test('a refused admission names its reason and may be tried again', () => {
  const [state] = play(begin(CARD), ...here, { type: 'admit' }, message('error', { code: 'agent_busy', about: 'admit' }));
  equal([phase(state), state.notice], ['waiting', 'agent_busy']);
});

test('hanging up works at once, also without the hub, which learns it later', () => {
  const [state, caused] = play(begin(CARD), ...live, { type: 'hub_down' }, { type: 'hang_up' }, welcome(card({ state: 'connected' })));
  equal([phase(state), state.ended.reason], ['ended', 'hung_up_by_agent']);
  equal(caused.slice(-2), ['hang_up close_peer1 release', 'hang_up']);
});

test('the end says why, and late messages change nothing', () => {
  const [state, caused] = play(begin(CARD), ...live, message('ended', { reason: 'line_fault', fallback_phone: '' }), negotiate(2), state_of({ state: 'connected' }));
  equal([state.ended.reason, state.ended.fallback_phone], ['line_fault', '04']);
  equal(caused.slice(-3), ['close_peer1 release', '', '']);
});

test('messages of other calls are none of ours', () => {
  equal(play(begin(CARD), ...live, { type: 'message', message: { type: 'ended', call_id: 'other', reason: 'line_fault' } })[0].ended, null);
});

test('words are not sent into the void', () => {
  const [state, caused] = play(begin(CARD), ...live, { type: 'hub_down' }, { type: 'say', text: 'Bonjour' });
  equal([caused.at(-1), state.notice, state.saying], ['', 'hub_away', '']);
});

test('a welcome that does not know the call asks the page how it ended', () => {
  const [, caused] = play(begin(CARD), ...live, { type: 'hub_down' }, welcome());
  equal(caused.at(-1).startsWith('fetch_card'), true);
  const [state] = play(begin(CARD), ...live, { type: 'card', card: card({ state: 'ended', end_reason: 'agent_lost' }) });
  equal(state.ended.reason, 'agent_lost');
});

const own = (status) => ({ type: 'own_devices', devices: [{ kind: 'camera', status, name: '', detail: '' }] });

test('the hub is told of own devices once the call is held, then of each change', () => {
  const [, caused] = play(begin(CARD), own('ok'), ...entered, own('ok'), own('unplugged'), own('ok'));
  equal(caused, ['', '', '', 'admit', 'agent_devices', 'open_peer1', '', 'agent_devices', 'agent_devices']);
});

test('it is told anew after each welcome and by a tab that takes over', () => {
  const [, caused] = play(begin(CARD), own('ok'), ...live, { type: 'hub_down' }, own('unplugged'), welcome(card({ state: 'connected', agent_here: true })));
  equal(caused.slice(-3), ['', '', 'media agent_devices']);
  const [, other] = play(begin(card({ state: 'connected', agent_here: true })), own('ok'), { type: 'prepared' }, welcome(card({ state: 'connected', agent_here: true })), { type: 'take_back' });
  equal(other, ['', '', '', 'take_over agent_devices']);
});
