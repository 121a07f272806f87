// A line's measurements by time: the plots beside the server's sentence and table, and where to go
// from there, without loading the page anew. Without this module the same links load the page.
//
// Markup: <section data-plots data-figures="…json" data-window="…" data-page="…"> with [data-part]
// for what the server writes and .plots for the canvases; data-query where the time is fixed.
import { morphChildren } from '../morph.js';
import { byKeys } from './keys.js';
import { Lanes, isDrawn, scaleOf } from './lanes.js';

const SLOW_MS = 15_000;
const texts = JSON.parse(document.getElementById('plot-texts').textContent);
const announcer = document.getElementById('announcer');
const sections = [...document.querySelectorAll('[data-plots]')];

if (sections.length === 1 && sections[0].dataset.window) follow(sections[0]);
else together(sections);

/** One line whose time can be changed. */
function follow(section) {
  const lanes = new Lanes(section.querySelector('.plots'), texts, (from, to) => go(`from=${from}&to=${to}`));
  let query = asked();
  let latest = 0;

  async function go(wanted, { quietly = false } = {}) {
    const mine = ++latest;
    try {
      const [figures, html] = await Promise.all([
        got(`${section.dataset.figures}?${wanted}`).then((answer) => answer.json()),
        got(`${section.dataset.window}?${wanted}`).then((answer) => answer.text()),
      ]);
      if (mine !== latest) return;
      query = wanted;
      const fresh = new DOMParser().parseFromString(html, 'text/html').body;
      for (const part of section.querySelectorAll('[data-part]')) {
        morphChildren(part, fresh.querySelector(`[data-part="${part.dataset.part}"]`));
      }
      if (!quietly) history.replaceState(null, '', `${section.dataset.page}?${wanted}`);
      lanes.show(figures);
      failed(section, '');
    } catch {
      if (mine === latest && !quietly) failed(section, texts.failed);
    }
  }

  byKeys(lanes, (name) => {
    const link = section.querySelector(`a[data-key="m-${name}"]`);
    if (link) go(link.dataset.window);
  });
  section.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-window]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link.dataset.window);
  });
  document.getElementById('live')?.addEventListener('fresh', () => go(query, { quietly: true }));
  got(`${section.dataset.figures}?${query}`).then((answer) => answer.json()).then((figures) => lanes.show(figures)).catch(() => failed(section, texts.not_drawn));
}

/** Several lines, each with its own plots, on one scale. */
async function together(all) {
  const answers = await Promise.allSettled(
    all.map((one) => got(`${one.dataset.figures}?${one.dataset.query}`).then((answer) => answer.json())),
  );
  const figures = answers.map((answer) => answer.value ?? null);
  all.filter((_one, n) => !figures[n]).forEach((one) => failed(one, texts.not_drawn));
  const there = figures.filter(Boolean);
  if (!there.length) return;
  const scale = scaleOf(there);
  const last = there.filter(isDrawn).at(-1);
  all.forEach((one, n) => {
    if (!figures[n]) return;
    const place = one.querySelector('.plots');
    const how = { wanted: one.dataset.lanes.split(' '), scale, legend: figures[n] === last };
    const lanes = new Lanes(place, texts, null, how);
    lanes.readout.ariaLabel = `${texts.instant}, ${one.querySelector('h2').textContent.trim()}`;
    byKeys(lanes, () => {});
    lanes.show(figures[n]);
  });
}

/** Says above the plots why they are not what was asked for; empty: they are. */
function failed(section, text) {
  const place = section.querySelector('.plots-failed');
  place.textContent = text;
  place.hidden = !text;
  if (text && announcer) announcer.textContent = text;
}

function asked() {
  const query = new URLSearchParams(location.search);
  return query.has('from') && query.has('to') ? `from=${query.get('from')}&to=${query.get('to')}` : `span=${query.get('span') ?? 'day'}`;
}

async function got(address) {
  const answer = await fetch(address, { headers: { 'X-Fragment': '1' }, signal: AbortSignal.timeout(SLOW_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}
