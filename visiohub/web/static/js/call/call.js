// The call page: carries events to machine.js and its effects to the wire, the peers, the page.

import { Wire, tabId, wireUrl } from '../wire.js';
import { deviceCards } from './devices.js';
import { begin, phase, step } from './machine.js';
import { OwnMedia } from './media.js';
import { limitsOf, UNKNOWN_LINE } from './limits.js';
import { Peer } from './peer.js';
import { FlowWatch, judgeReceived, judgeSent, octetsReceived, reportBetween } from './quality.js';
import { FarScreen } from './screen.js';
import { listenForShortcuts, shortcutsOn, switchShortcuts } from './shortcuts.js';
import { text } from './texts.js';
import { draw } from './view.js';
import { focusWords, listenForWords } from './writing.js';

const $ = (id) => document.getElementById(id);
const PATIENCE_MS = 1500; // for cameras: the call does not wait longer for them
const JUDGE_OVER = 5; // samples, 500 ms apart
const REPORT_EVERY = 10; // samples
const FIRST_REPORT = 4; // short calls have a record too
const BEFORE_CALL = new Set(['waiting', 'entering']);

const page = JSON.parse($('call-data').textContent);
const own = new OwnMedia();
const peers = new Map(); // generation -> {peer, watch, samples, reported}
let spare = null; // the next Peer, made ahead
let certificate = null;
let limits = UNKNOWN_LINE; // as the hub told
let sound = 'free';
let asked = null; // minutes of the last "please wait"
let since = Date.now(); // of the present phase
let state = begin(page.call, { admit: takeNote('visiohub.admit'), mine: takeNote('visiohub.held') });

/**
 * Notes between two pages of this tab: "Faire entrer" on the day's list, so that one press is
 * enough; and, over a reload, that this tab has the call.
 */
function takeNote(name) {
  const left = sessionStorage.getItem(name) === page.call.call_id;
  sessionStorage.removeItem(name);
  return left;
}

addEventListener('pagehide', () => {
  if (state.held && !state.ended) sessionStorage.setItem('visiohub.held', page.call.call_id);
});

const far = new FarScreen([$('far-a'), $('far-b')], own.speaker, (blocked) => {
  sound = blocked ? 'blocked' : 'free';
  redraw();
});

const wire = new Wire(wireUrl(), tabId());
wire.subscribe(page.topics);
wire.addEventListener('open', ({ detail }) => dispatch({ type: 'hub_open', welcome: detail }));
wire.addEventListener('down', () => dispatch({ type: 'hub_down' }));
wire.addEventListener('over', ({ detail }) => {
  // Before the call nothing is lost: the sign-in leads back here. A call goes on without the hub.
  if (detail.code === 'signed_out' && BEFORE_CALL.has(phase(state))) location.reload();
  else dispatch({ type: 'hub_over' });
});
wire.addEventListener('message', ({ detail }) => {
  if (detail.type === 'changed') {
    if (phase(state) === 'waiting') fetchCard();
  } else if (detail.type === 'call_budget') {
    limits = limitsOf(detail.budget);
    for (const { peer } of peers.values()) peer.limit(limits);
  } else dispatch({ type: 'message', message: detail });
});

function dispatch(event) {
  const before = phase(state);
  const [next, effects] = step(state, event, Date.now());
  state = next;
  for (const effect of effects) perform(effect);
  if (phase(state) !== before) since = Date.now();
  redraw();
}

function perform(effect) {
  switch (effect.do) {
    case 'send':
      if (effect.message.type === 'admit') performance.mark('visiohub:admit');
      return wire.send(effect.message);
    case 'open_peer':
      return openPeer(effect.generation, effect.iceServers);
    case 'answer_peer':
      return peers.get(effect.generation)?.peer.answer(effect.sdp);
    case 'add_candidate':
      return peers.get(effect.generation)?.peer.addCandidate(effect.candidate);
    case 'show_peer':
      return far.show(peers.get(effect.generation).peer.stream);
    case 'close_peer':
      peers.get(effect.generation)?.peer.close();
      return peers.delete(effect.generation);
    case 'release':
      spare?.close();
      spare = null;
      own.close();
      return far.clear();
    case 'fetch_card':
      return fetchCard();
  }
}

function openPeer(generation, iceServers) {
  const peer = spare ?? new Peer(certificate, own);
  spare = null;
  const entry = { peer, watch: new FlowWatch(), samples: [], reported: null, ticks: 0 };
  peers.set(generation, entry);
  peer.limit(limits);
  peer.setTracks(own);
  far.prepare(peer.stream);
  const onMoving = () => tellFlow(generation, entry.watch.moved(Date.now()));
  peer.start(generation, iceServers, { emit: dispatch, onMoving }).then(makeSpare);
}

function makeSpare() {
  if (!state.ended && !state.superseded) spare ??= new Peer(certificate, own);
}

async function fetchCard() {
  try {
    const answer = await fetch(page.card_url, { cache: 'no-store' });
    if (answer.ok) dispatch({ type: 'card', card: await answer.json() });
    else if (answer.status === 404) dispatch({ type: 'card', card: { ...state.call, state: 'ended', end_reason: null } });
  } catch {
    // The hub went away again: its next welcome asks anew.
  }
}

// --- every 500 ms: does media arrive, and how well? -------------------------------------------

async function look(generation, entry) {
  const taken = await entry.peer.sample();
  if (peers.get(generation) !== entry) return;
  tellFlow(generation, entry.watch.feed(octetsReceived(taken), taken.now));
  entry.samples.push(taken);
  if (entry.samples.length > JUDGE_OVER) entry.samples.shift();
  entry.ticks += 1;
  if (entry.ticks === FIRST_REPORT || entry.ticks % REPORT_EVERY === 0) report(generation, entry, taken);
}

function tellFlow(generation, flowing) {
  if (flowing === null) return;
  // What was measured over a silence says nothing about the flow after it.
  if (flowing) peers.get(generation).samples.length = 0;
  dispatch({ type: 'flow', generation, flowing });
}

function report(generation, entry, taken) {
  const from = entry.reported ?? entry.samples[0] ?? taken;
  entry.reported = taken;
  wire.send({ type: 'report', call_id: state.call.call_id, generation, ...reportBetween(from, taken) });
}

function judgement() {
  const samples = peers.get(state.shown)?.samples ?? [];
  if (samples.length < 3) return null;
  const [first, last] = [samples[0], samples.at(-1)];
  return { received: judgeReceived(first, last), sent: judgeSent(first, last), rttMs: last.sent.audio.rttMs ?? last.rttMs };
}

// A worker's clock: browsers slow the timers of a hidden page.
new Worker(new URL('../ticker.js', import.meta.url)).onmessage = () => {
  for (const [generation, entry] of peers) look(generation, entry);
  redraw();
};

function redraw() {
  draw(state, { own, seen: judgement(), zone: page.time_zone, sound, since, asked }, Date.now());
}

// --- own devices ------------------------------------------------------------------------------

own.addEventListener('change', () => {
  const near = own.camera ? new MediaStream([own.camera]) : null;
  if ($('near').srcObject?.getVideoTracks()[0] !== own.camera) $('near').srcObject = near;
  $('near-frame').classList.toggle('empty', !own.camera || own.cameraOff);
  if (state.ended || state.superseded) return;
  const devices = deviceCards(own);
  // what the kiosk says of the camera, from the same card
  own.boardText = page.board[devices[0].status === 'muted' ? 'off' : 'missing'];
  for (const { peer } of peers.values()) peer.setTracks(own);
  spare?.setTracks(own);
  far.playOn(own.speaker);
  dispatch({ type: 'own_devices', devices });
});

async function prepare() {
  certificate ??= await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([own.open(), late]);
  makeSpare();
}

if (!state.ended) prepare().then(() => dispatch({ type: 'prepared' }));

// --- what the agent does ----------------------------------------------------------------------

const press = (id, act) => $(id).addEventListener('click', act);
const toggleMute = () => own.sound && own.mute(!own.muted);
const toggleCamera = () => own.camera && own.turnCameraOff(!own.cameraOff);
const say = (words) => {
  dispatch({ type: 'say', text: words });
  return !state.notice;
};

press('enter', () => dispatch({ type: 'admit' }));
press('hang-up', () => dispatch({ type: 'hang_up' }));
press('mute', toggleMute);
press('camera', toggleCamera);
press('hear', () => far.unblock());
press('take-back', async () => {
  await prepare();
  dispatch({ type: 'take_back' });
});
press('unsay', () => say(''));
listenForWords(say);

$('wait-form').addEventListener('submit', (event) => {
  event.preventDefault();
  asked = Number(new FormData(event.target).get('minutes'));
  dispatch({ type: 'make_wait', minutes: asked });
});

$('refuse-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  dispatch({ type: 'refuse', reason: form.get('reason'), text: form.get('text').trim() });
});

press('by-phone', () => {
  const phone = state.call.fallback_phone;
  $('phone-number').textContent = phone;
  $('phone-number').href = `tel:${phone.replace(/[^+\d]/g, '')}`;
  $('phone-dialog').showModal();
});
press('phone-close', () => $('phone-dialog').close());
press('phone-tell', () => {
  say(page.phone_phrase);
  $('phone-dialog').close();
});

$('shortcuts').checked = shortcutsOn();
$('shortcuts').addEventListener('change', ({ target }) => {
  switchShortcuts(target.checked);
});
listenForShortcuts({ m: toggleMute, c: toggleCamera, e: focusWords });

addEventListener('beforeunload', (event) => {
  if (['live', 'unheard', 'cut', 'connecting'].includes(phase(state))) event.preventDefault();
});

redraw();
