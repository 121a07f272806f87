// Keeps a part of a page as the hub has it: on `changed` the fragment is fetched anew and put in
// place of the old one, without taking away the focus, an open sheet or what is being typed.
//
// Markup: <div data-live="/agent/day" data-topics="day:CAF kiosks" id="live">. When the line is
// down, #offline says how old the list is, and everything marked data-needs-line waits.
import { hourAt } from './clock.js';
import { morphChildren } from './morph.js';
import { Wire, tabId, wireUrl } from './wire.js';

const MIN_BETWEEN_MS = 300;
const AGE_EVERY_MS = 10_000;
const FALLBACK_MS = 60_000;

const region = document.querySelector('[data-live]');
const banner = document.getElementById('offline');
const bannerText = document.getElementById('offline-text');
const announcer = document.getElementById('announcer');
const texts = JSON.parse(document.getElementById('texts')?.textContent ?? '{}');

let fetching = false;
let again = false;
let fetched = Date.now();

/** The wire of this page; the call page and the buttons below share it. */
export const wire = new Wire(wireUrl(), tabId());

wire.addEventListener('open', () => {
  setLine(true);
  // Something may have changed between the page and the wire, or while the line was down.
  refresh();
});
wire.addEventListener('down', () => setLine(false));
wire.addEventListener('over', ({ detail }) => {
  if (detail.code === 'superseded') setLine(false);
  else location.reload();
});
wire.addEventListener('message', ({ detail }) => {
  if (detail.type === 'changed') refresh();
  if (detail.type === 'error') say(texts.refused);
});
if (region) wire.subscribe(region.dataset.topics.split(' ').filter(Boolean));

setInterval(() => {
  if (!wire.isOpen) showAge();
}, AGE_EVERY_MS);
// Waiting times and "in 10 minutes" grow old without any event.
setInterval(() => {
  if (wire.isOpen && document.visibilityState === 'visible') refresh();
}, FALLBACK_MS);

/** Fetches the part anew; while somebody moves something in it (`data-held`), nothing changes under them. */
export async function refresh() {
  if (!region || 'held' in region.dataset) return;
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(region.dataset.live, {
      headers: { 'X-Fragment': '1' },
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(8000),
    });
    if (answer.type === 'opaqueredirect' || answer.status === 401) location.reload();
    else if (answer.ok) {
      const html = await answer.text();
      if (!('held' in region.dataset)) {
        put(html);
        fetched = Date.now();
      }
    }
  } catch {
    // The wire notices a dead line by itself and calls again at its return.
  } finally {
    await new Promise((done) => setTimeout(done, MIN_BETWEEN_MS));
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  const heard = region.querySelector('[data-say]')?.dataset.say;
  const active = document.activeElement;
  const row = active?.closest('[data-live] [data-key]');
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  morphChildren(region, fresh);
  if (region.contains(active)) active.focus({ preventScroll: true });
  else if (row) (neighbour?.isConnected ? neighbour.querySelector('a, button') : null)?.focus({ preventScroll: true });
  region.dispatchEvent(new Event('fresh'));
  const said = region.querySelector('[data-say]')?.dataset.say;
  if (said && said !== heard) say(said);
  setLine(wire.isOpen);
}

/** To those who do not see the page. */
export function say(text) {
  if (announcer && text) announcer.textContent = text;
}

function setLine(up) {
  document.documentElement.dataset.line = up ? 'open' : 'cut';
  for (const control of document.querySelectorAll('[data-needs-line]')) {
    control.setAttribute('aria-disabled', String(!up));
  }
  if (up) banner.hidden = true;
  else showAge();
}

function showAge() {
  const hour = hourAt(fetched);
  bannerText.textContent = (texts.offline ?? '').replace('{hour}', hour);
  banner.hidden = false;
}

document.addEventListener('click', (event) => {
  const control = event.target.closest('[aria-disabled="true"]');
  if (control) {
    event.preventDefault();
    event.stopPropagation();
    say(bannerText.textContent);
  }
}, true);

// Make wait, refuse: forms that go over the wire (PROTOCOL.md §7.5, §7.6).
document.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-wire]');
  if (!form) return;
  event.preventDefault();
  const message = { type: form.dataset.wire, call_id: form.dataset.call };
  const fields = new FormData(form, event.submitter);
  if (message.type === 'make_wait') message.minutes = Number(fields.get('minutes'));
  if (message.type === 'refuse') {
    message.reason = fields.get('reason');
    message.text = String(fields.get('text') ?? '').trim();
  }
  if (!wire.send(message)) {
    say(bannerText.textContent);
    return;
  }
  form.closest('details')?.removeAttribute('open');
  say(message.type === 'make_wait' ? texts.waits : texts.refusal);
});
