// The planning by keyboard: an ARIA grid with one stop in the tab order (WAI-ARIA APG, "Grid").
import { Table } from './table.js';
import { Mover } from './mover.js';

const region = document.getElementById('live');
const texts = JSON.parse(document.getElementById('move-texts').textContent);
const mover = new Mover(region, texts);
let table = null;
let current = null; // the key of the stop that Tab comes to
let focused = false;

function read() {
  const element = region.querySelector('table.plan');
  if (!element) return;
  table = new Table(element);
  mover.table = table;
  element.setAttribute('role', 'grid');
  document.getElementById('plan-keys').textContent = texts.keys;
  const stops = table.stops.flat();
  for (const stop of stops) stop.tabIndex = -1;
  const kept = stops.find((stop) => nameOf(stop) === current);
  const first = kept ?? stops.find((stop) => stop.matches('.entry') && stop.checkVisibility()) ?? stops.find((stop) => stop.checkVisibility());
  if (!first) return;
  first.tabIndex = 0;
  current = nameOf(first);
  if (kept && focused && document.activeElement !== kept) kept.focus({ preventScroll: true });
}

/** The same over changes of the page: entries keep their name wherever they move. */
function nameOf(stop) {
  return stop.matches('.entry') ? stop.dataset.key : table.cellOf(stop).dataset.key;
}

function go(stop) {
  if (!stop) return;
  region.querySelector('.plan [tabindex="0"]')?.setAttribute('tabindex', '-1');
  stop.tabIndex = 0;
  current = nameOf(stop);
  stop.focus();
}

function beside(stop, by) {
  let lane = table.laneOf(stop) + by;
  while (lane >= 0 && lane < table.lanes.length && !table.isShown(lane)) lane += by;
  return table.lanes[lane] ? table.stopAt(lane, table.topOf(stop)) : null;
}

function otherDay(stop, by) {
  const { day, room } = table.lanes[table.laneOf(stop)].dataset;
  const days = table.lanes.map((head, n) => ({ ...head.dataset, n })).filter((one) => one.room === room && table.isShown(one.n));
  const next = days[days.findIndex((one) => one.day === day) + by];
  return next ? table.stopAt(next.n, table.topOf(stop)) : null;
}

function next(stop, event) {
  const lane = table.stops[table.laneOf(stop)];
  const shown = table.stops.filter((_, n) => table.isShown(n));
  switch (event.key) {
    case 'ArrowDown': return lane[lane.indexOf(stop) + 1];
    case 'ArrowUp': return lane[lane.indexOf(stop) - 1];
    case 'ArrowRight': return beside(stop, 1);
    case 'ArrowLeft': return beside(stop, -1);
    case 'Home': return event.ctrlKey ? shown[0][0] : lane[0];
    case 'End': return event.ctrlKey ? shown.at(-1).at(-1) : lane.at(-1);
    case 'PageDown': return otherDay(stop, 1);
    case 'PageUp': return otherDay(stop, -1);
    default: return undefined;
  }
}

const KEYS = new Set(['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft', 'Home', 'End', 'PageDown', 'PageUp']);

region.addEventListener('keydown', (event) => {
  const stop = event.target.closest('.plan .entry, .plan .take, .plan td');
  if (!stop || !table || event.altKey || event.metaKey) return;
  if (mover.moving) return;
  if (KEYS.has(event.key)) {
    event.preventDefault();
    go(next(stop, event));
  } else if (event.key === ' ' && stop.dataset.move) {
    event.preventDefault();
    mover.pickUp(stop);
  }
});
region.addEventListener('focusin', (event) => {
  const stop = event.target.closest('.plan .entry, .plan .take, .plan td');
  focused = Boolean(stop);
  if (stop && table.stops.flat().includes(stop)) {
    region.querySelector('.plan [tabindex="0"]')?.setAttribute('tabindex', '-1');
    stop.tabIndex = 0;
    current = nameOf(stop);
  }
});
region.addEventListener('focusout', (event) => {
  if (event.relatedTarget) focused = false; // without: the live part took the element away
});
region.addEventListener('fresh', read);
read();
