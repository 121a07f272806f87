// Draws the call page from the machine's state; keeps no state of its own but what it drew.

import { phase } from './machine.js';
import { advice, withDevices } from './quality.js';
import { drawState, shapeOf } from './shape.js';
import { clock, hasText, text } from './texts.js';

const $ = (id) => document.getElementById(id);
const MINUTE = 60_000;
const USUAL_MS = 30 * MINUTE;
const SLOW_MS = 5000;

/** Word -> [shape, class], as in the status vocabulary. */
const LOOKS = {
  sound_good: ['disc', ''],
  sound_choppy: ['hollow', 'att'],
  sound_none: ['crossed', 'def'],
  picture_good: ['disc', ''],
  picture_reduced: ['half', ''],
  picture_frozen: ['hollow', 'att'],
  picture_none: ['hollow', 'att'],
  picture_out: ['crossed', 'def'],
  quality_cut: ['crossed', 'def'],
  quality_measuring: ['dashed', ''],
};

const set = (element, words) => {
  if (element.textContent !== words) element.textContent = words;
};
/** A number that no line end cuts in two. */
const whole = (phone) => phone.replaceAll(' ', '\u00a0');
const show = (element, wanted) => {
  if (element.hidden === wanted) element.hidden = !wanted;
};

/**
 * `own` is the OwnMedia, `seen` what the page measured: {received, sent, rttMs} or null, `zone` the
 * venue's time zone, `sound` 'blocked' while the browser waits for a click, `now` in ms.
 */
export function draw(state, { own, seen, zone, sound, since, asked }, now) {
  const at = phase(state);
  const hubNow = now + state.clockAhead;
  $('stage').dataset.phase = at;
  const inCall = ['live', 'cut', 'unheard', 'connecting', 'entering'].includes(at);
  drawCard(state, at, zone, now, since);
  drawTime(state, at, zone, hubNow);
  const over = ['ended', 'superseded'].includes(at);
  document.querySelector('.call').classList.toggle('over', over);
  drawSpan(state, at, zone, hubNow);
  drawRoute(state, inCall && at !== 'entering', zone, hubNow);
  drawOwn(own, at);
  drawEntry(state, at, asked);
  drawStrips(state, at, own, sound);
  show($('hang-up'), inCall && at !== 'entering');
  show($('by-phone'), inCall && at !== 'entering' && Boolean(state.call.fallback_phone));
  show($('mute'), !over);
  show($('camera'), !over);
  show($('quality'), inCall && at !== 'entering');
  if (inCall) drawQuality(at, own, state.devices, seen, sound === 'blocked');
  drawLacks(state, inCall);
  show($('writing'), inCall && at !== 'entering');
  drawSaying(state, at);
  show($('own-foot'), !over);
  show($('hear'), sound === 'blocked' && at === 'live');
  keepFocus();
}

/** Whoever pressed a control that is now gone must not fall back to the top of the page. */
function keepFocus() {
  const active = document.activeElement;
  if (active && active !== document.body && !active.checkVisibility()) $('stage').focus({ preventScroll: true });
}

function drawCard(state, at, zone, now, since) {
  const card = CARDS[at]?.(state, zone, now, since);
  const appeared = card && ($('card').hidden || $('card').dataset.of !== at);
  show($('card'), Boolean(card));
  $('card').dataset.of = card ? at : '';
  for (const [id, wanted] of [['card-break', card?.broken], ['card-more', card?.more], ['take-back', at === 'superseded'], ['to-day', at === 'ended'], ['call-venue', card?.phone]]) {
    show($(id), Boolean(wanted));
  }
  if (!card) return;
  set($('card-title'), card.title);
  set($('card-text'), card.text ?? '');
  set($('card-more'), card.more ?? '');
  $('card').classList.toggle('bad', Boolean(card.bad));
  if (card.broken) {
    set($('break-you'), text('cut_you'));
    set($('break-attempt'), card.broken);
  }
  if (card.phone) {
    set($('call-venue'), card.phone);
    $('call-venue').href = `tel:${card.phone.replace(/[^+\d]/g, '')}`;
  }
  if (appeared) {
    set($('spoken'), [card.title, card.text].filter(Boolean).join(' '));
    if (['ended', 'superseded'].includes(at)) $('card').focus({ preventScroll: true });
  }
}

const CARDS = {
  entering: (state) => ({
    title: text('entering_title'),
    text: text(state.hub === 'here' ? 'entering_text' : 'entering_away_text'),
  }),
  connecting: (_state, _zone, now, since) => ({
    title: text('connecting_title'),
    text: text(now - since > SLOW_MS ? 'slow_text' : 'connecting_text'),
  }),
  cut: (state, zone, now) => ({
    bad: true,
    title: text('cut_title'),
    text: text(state.call.kiosk_here || state.hub !== 'here' ? 'cut_text' : 'cut_kiosk_gone_text'),
    broken: state.call.attempts > 1 ? text('cut_attempt', { n: state.call.attempts }) : text('cut_first'),
    more: [cutSince(state, now), givesUp(state, zone)].filter(Boolean).join(' '),
  }),
  unheard: (state, zone) => ({
    bad: true,
    title: text('unheard_title'),
    text: text('unheard_text'),
    more: givesUp(state, zone),
  }),
  superseded: () => ({ title: text('superseded_title'), text: text('superseded_text') }),
  ended: (state) => endCard(state),
};

function cutSince(state, now) {
  const from = state.cutAt ?? (state.call.interrupted_at ? Date.parse(state.call.interrupted_at) - state.clockAhead : null);
  return from === null ? '' : `${text('cut_since', { seconds: Math.max(0, Math.round((now - from) / 1000)) })}.`;
}

function givesUp(state, zone) {
  if (!state.call.gives_up_at || state.call.state !== 'interrupted') return '';
  const phone = state.call.fallback_phone;
  return text(phone ? 'cut_gives_up' : 'cut_gives_up_no_phone', { clock: clock(new Date(state.call.gives_up_at), zone), phone: whole(phone) });
}

function endCard(state) {
  const { reason, text: words, fallback_phone: phone } = state.ended;
  const key = `ended_${reason}`;
  const fault = ['line_fault', 'kiosk_fault', 'agent_lost', 'revoked'].includes(reason);
  let next = text('next_done');
  if (state.owesHangUp && state.hub !== 'here') next = text('next_owed');
  else if (reason === 'refused') next = text('next_refused');
  else if (fault) next = text(phone ? 'next_phone' : 'next_no_phone', { phone: whole(phone) });
  else if (reason === 'left_by_citizen' && phone) next = text('next_left', { phone: whole(phone) });
  return {
    bad: fault,
    title: text(hasText(key) ? key : 'ended_other'),
    text: next,
    more: words ?? '',
    phone: fault || reason === 'left_by_citizen' ? phone : '',
  };
}

function drawTime(state, at, zone, hubNow) {
  const { call } = state;
  set($('left'), timeWords(state, at, hubNow));
  show($('left-text'), at === 'waiting');
  if (at === 'waiting') set($('left-text'), text('waits_since', { clock: clock(new Date(call.arrived_at), zone) }));
}

function timeWords(state, at, hubNow) {
  const { call } = state;
  if (at === 'ended') return text('done');
  if (at === 'waiting') return text('waits', { citizen: call.citizen || text('walk_in') });
  if (call.until) {
    const left = Date.parse(call.until) - hubNow;
    if (left < -MINUTE) return text('over', { minutes: Math.floor(-left / MINUTE) });
    if (left < MINUTE) return text('left_little');
    return text('left', { minutes: Math.floor(left / MINUTE) });
  }
  const minutes = Math.floor((hubNow - Date.parse(call.admitted_at ?? call.arrived_at)) / MINUTE);
  return minutes > 0 ? text('since', { minutes }) : text('just_begun');
}

let endedAt = null;

/** From when to when, once it is over; nothing of a call that nobody admitted. */
function drawSpan(state, at, zone, hubNow) {
  if (at !== 'ended') endedAt = null;
  else endedAt ??= hubNow;
  const from = state.call.admitted_at;
  show($('card-span'), endedAt !== null && Boolean(from));
  if (endedAt === null || !from) return;
  const minutes = Math.max(1, Math.round((endedAt - Date.parse(from)) / MINUTE));
  set($('card-span'), text('span', { from: clock(new Date(from), zone), to: clock(new Date(endedAt), zone), minutes }));
}

function drawRoute(state, wanted, zone, hubNow) {
  const { call } = state;
  const from = Date.parse(call.admitted_at ?? call.arrived_at);
  const to = call.until ? Date.parse(call.until) : null;
  show($('route'), wanted);
  if (!wanted) return;
  // a call without an end is told against a usual one, and never arrives
  const [whole, most] = to === null ? [USUAL_MS, 0.8] : [Math.max(1, to - from), 1];
  const done = Math.min(most, Math.max(0, (hubNow - from) / whole));
  $('route').style.setProperty('--done', String(done));
  // Beside the ends there is no room for three hours in a row.
  $('route').classList.toggle('crowded', done < 0.25 || done > 0.75);
  $('route').classList.toggle('open', to === null);
  $('route').classList.toggle('late', to !== null && hubNow > to);
  set($('route-start'), text('route_start', { clock: clock(new Date(from), zone) }));
  set($('route-now'), clock(new Date(hubNow), zone));
  set($('route-end'), to === null ? '' : text('route_end', { clock: clock(new Date(to), zone) }));
}

function drawOwn(own, at) {
  set($('mute-word'), text(own.muted ? 'unmute' : 'mute'));
  $('mute').classList.toggle('on', own.muted);
  $('mute').toggleAttribute('disabled', !own.sound);
  set($('camera-word'), text(own.cameraOff ? 'camera_on' : 'camera_off'));
  $('camera').classList.toggle('on', own.cameraOff);
  $('camera').toggleAttribute('disabled', !own.camera);
  const unseen = own.cameraOff ? '_off' : '';
  const label = `you${own.muted ? '_muted' : ''}${own.faults.camera ? '_out' : unseen}`;
  set($('near-label'), text(at === 'waiting' && label === 'you' ? 'you_preview' : label));
}

function drawEntry(state, at, asked) {
  show($('entry'), at === 'waiting');
  if (at !== 'waiting') return;
  drawNotice($('notice'), state.notice);
  const minutes = state.call.place?.asked_to_wait_minutes ?? asked;
  show($('wait-done'), Boolean(minutes) && !state.notice);
  if (minutes) set($('wait-done'), text('asked_make_wait', { minutes }));
}

function drawNotice(element, code) {
  show(element, Boolean(code));
  if (code) set(element, text(hasText(`notice_${code}`) ? `notice_${code}` : 'notice_other'));
}

function drawSaying(state, at) {
  show($('said'), Boolean(state.saying));
  if (state.saying) set($('said-text'), text('said', { text: state.saying }));
  drawNotice($('say-trouble'), at === 'waiting' || at === 'entering' ? null : state.notice);
}

/** One line each, worst first, only while it is so. */
function drawStrips(state, at, own, sound) {
  const lines = [];
  const withPicture = ['live', 'unheard'].includes(at);
  if (at !== 'ended' || state.owesHangUp) {
    if (state.hub === 'away') lines.push(['dashed', 'att', text(withPicture ? 'hub_away_live' : 'hub_away')]);
    if (state.hub === 'over') lines.push(['crossed', 'def', text(withPicture ? 'hub_over_live' : 'hub_over')]);
    if (state.hub === 'joining') lines.push(['dashed', '', text('hub_joining')]);
  }
  if (!['ended', 'superseded'].includes(at)) {
    for (const kind of ['microphone', 'speaker', 'camera']) {
      if (own.faults[kind]) lines.push(['hollow', 'att', text(`${kind}_${own.faults[kind]}`)]);
    }
    if (sound === 'blocked') lines.push(['hollow', 'att', text('sound_blocked')]);
  }
  fill($('strips'), lines.map(([shape, tone, words]) => ['p', shape, tone, words]));
}

function drawLacks(state, inCall) {
  const lacking = inCall ? state.devices.filter((device) => device.status !== 'ok') : [];
  const lines = lacking.map((device) => {
    const fault = text('lack', { device: text(`device_${device.kind}`), status: text(`status_${device.status}`) });
    return [...(device.status === 'not_fitted' ? ['li', 'dashed', ''] : ['li', 'hollow', 'att']), `${fault} ${text(`lack_${device.kind}`)}`];
  });
  fill($('lacks'), lines);
  show($('lacks'), lines.length > 0);
}

/** Rebuilt only when the words differ, so that a screen reader hears each once. */
function fill(list, lines) {
  const key = JSON.stringify(lines);
  if (list.dataset.drawn === key) return;
  list.dataset.drawn = key;
  list.replaceChildren(
    ...lines.map(([tag, shape, tone, words]) => {
      const line = document.createElement(tag);
      line.className = tone;
      line.append(shapeOf(shape), Object.assign(document.createElement('span'), { textContent: words }));
      return line;
    }),
  );
}

function drawQuality(at, own, devices, measured, blocked) {
  const seen = measured && withDevices(measured, own, devices, blocked);
  const words = (kind, side) => {
    if (at === 'cut') return 'quality_cut';
    if (!seen) return 'quality_measuring';
    // Without a picture sound is alone, unless there is none either.
    if (kind === 'picture' && seen[side].picture === 'none' && seen[side].sound === 'none') return 'picture_out';
    return `${kind}_${seen[side][kind]}`;
  };
  for (const [id, kind, side] of [['q-in-sound', 'sound', 'received'], ['q-in-picture', 'picture', 'received'], ['q-out-sound', 'sound', 'sent'], ['q-out-picture', 'picture', 'sent']]) {
    const word = at === 'unheard' && side === 'sent' ? 'quality_cut' : words(kind, side);
    // Said once for both, not twice.
    const once = kind === 'picture' && word.startsWith('quality_');
    drawState($(id), once ? '' : text(word), ...LOOKS[word]);
  }
  const said = at === 'live' && seen ? advice(seen, own, devices, blocked) : '';
  set($('quality-text'), said && text(`quality_${said}`));
}
