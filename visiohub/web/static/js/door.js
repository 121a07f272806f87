// The screen beside a room. The whole rest of the day is in the page, so that without a line it goes
// on by its own clock, says how old its news are, and after a while that they are worth nothing.
import { hourAt } from './clock.js';

const EVERY_MS = 20_000;
const STALE_MS = 90_000;
const LOST_MS = 60 * 60_000;
const SAID_MS = 15_000;
const TIMEOUT_MS = 10_000;
const main = document.getElementById('door');
const clock = document.getElementById('clock');
const age = document.getElementById('age');
let heard = performance.now();
let ahead = serverTime() - heard; // the hub's clock: a screen's own may be wrong
let busy = false;

function serverTime() {
  return Number(document.getElementById('said').dataset.now) * 1000;
}

function show() {
  const now = performance.now() + ahead;
  clock.textContent = hourAt(now);
  for (const one of main.querySelectorAll('.moment')) {
    one.hidden = !(one.dataset.from * 1000 <= now && now < one.dataset.until * 1000);
  }
  const silent = performance.now() - heard;
  const lost = silent > LOST_MS || !main.querySelector('.moment:not([hidden])');
  age.hidden = silent < STALE_MS && !lost;
  age.classList.toggle('lost', lost);
  main.hidden = lost;
  const text = (lost ? age.dataset.lost : age.dataset.stale).replace('{hour}', hourAt(heard + ahead));
  if (!age.hidden && age.textContent !== text) age.textContent = text;
}

async function ask(url, options = {}) {
  const answer = await fetch(url, {
    ...options,
    headers: { 'X-Fragment': '1' },
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok && ![409, 429].includes(answer.status)) throw new Error(`answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
  const typing = main.contains(document.activeElement) && document.activeElement.value && !options.method;
  if (typing) return; // whoever types the code is not interrupted
  main.replaceChildren(...fresh.childNodes);
  heard = performance.now();
  ahead = serverTime() - heard;
  show();
}

async function refresh() {
  if (busy || document.querySelector('#said .notice')) return;
  busy = true;
  try {
    await ask(main.dataset.door);
  } catch {
    show(); // the age says it
  } finally {
    busy = false;
  }
}

main.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    await ask(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    setTimeout(() => document.getElementById('said').replaceChildren(), SAID_MS);
  } catch {
    heard -= STALE_MS; // not noted, and the screen says why
    show();
  }
});

setInterval(refresh, EVERY_MS);
setInterval(show, 1000);
show();
