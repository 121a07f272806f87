// Something of the planning on its way to another hour or room: by pointer, or step by step by keyboard.
import { hourOf } from '../clock.js';
import { refresh, say } from '../live.js';
import { ask } from './dialog.js';

const FROM_PX = 6; // a click that trembles is no drag
const LONG_PRESS_MS = 450;
const EDGE_PX = 64; // of the window: there the page scrolls along
const SCROLL_PX = 14;

export class Mover {
  table = null;
  moving = null; // {entry, lane, row, count, grip}
  #region;
  #texts;
  #ghost = document.createElement('div');
  #pressed = null;
  #timer = 0;

  constructor(region, texts) {
    this.#region = region;
    this.#texts = texts;
    this.#ghost.className = 'ghost';
    this.#ghost.setAttribute('aria-hidden', 'true');
    region.addEventListener('pointerdown', (event) => this.#press(event));
    region.addEventListener('dragstart', (event) => event.preventDefault());
    region.addEventListener('contextmenu', (event) => this.moving && event.preventDefault());
    region.addEventListener('click', (event) => this.#click(event), true);
    document.addEventListener('pointermove', (event) => this.#drag(event));
    document.addEventListener('pointerup', (event) => this.#drop(event));
    document.addEventListener('pointercancel', () => this.#release());
    document.addEventListener('keydown', (event) => this.#key(event), true);
  }

  /** Takes an entry; arrows or taps say where to. */
  pickUp(entry) {
    const cell = this.table.cellOf(entry);
    this.#region.dataset.held = '';
    document.documentElement.classList.add('is-moving');
    entry.classList.add('picked');
    this.moving = { entry, lane: this.table.laneOf(entry), row: this.table.topOf(entry), count: cell.rowSpan, grip: 0 };
    document.body.append(this.#ghost);
    this.#show();
    say(this.#fill(this.#texts.picked, { what: entry.dataset.title }));
  }

  #leave() {
    const { entry } = this.moving;
    this.#end();
    entry.focus({ preventScroll: true });
    say(this.#fill(this.#texts.left, { what: entry.dataset.title }));
    refresh();
  }

  #end() {
    this.moving.entry.classList.remove('picked');
    this.moving = null;
    this.#ghost.remove();
    document.documentElement.classList.remove('is-moving');
    delete this.#region.dataset.held;
  }

  #press(event) {
    const entry = event.target.closest('[data-move]');
    if (!entry || this.moving || event.button !== 0) return;
    this.#pressed = { entry, x: event.clientX, y: event.clientY, touch: event.pointerType === 'touch' };
    if (this.#pressed.touch) this.#timer = setTimeout(() => this.#held(), LONG_PRESS_MS);
  }

  #held() {
    const { entry } = this.#pressed;
    this.#pressed = { ...this.#pressed, done: true };
    navigator.vibrate?.(30);
    this.pickUp(entry);
  }

  #release() {
    clearTimeout(this.#timer);
    this.#pressed = null;
  }

  #drag(event) {
    const from = this.#pressed;
    if (!from) return;
    const far = Math.hypot(event.clientX - from.x, event.clientY - from.y) > FROM_PX;
    if (from.touch) {
      if (far && !from.done) this.#release(); // a finger that scrolls
      return;
    }
    if (!this.moving && far) {
      this.pickUp(from.entry);
      const grip = this.table.at(from.x, from.y);
      this.moving.grip = grip ? grip.row - this.moving.row : 0;
      this.moving.dragged = true;
    }
    if (!this.moving?.dragged) return;
    event.preventDefault();
    if (event.clientY < EDGE_PX) scrollBy(0, -SCROLL_PX);
    else if (event.clientY > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
    this.#to(this.table.at(event.clientX, event.clientY), this.moving.grip);
  }

  #drop(event) {
    const dragged = this.moving?.dragged;
    this.#release();
    if (!dragged) return;
    this.#swallow = true; // the click that follows is the drop's, not a link's
    setTimeout(() => (this.#swallow = false));
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest('.plan');
    const { entry, lane, row } = this.moving;
    const same = lane === this.table.laneOf(entry) && row === this.table.topOf(entry);
    if (over && !same) this.#choose();
    else this.#leave();
  }

  #swallow = false;

  #click(event) {
    if (this.#swallow) {
      this.#swallow = false;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (!this.moving) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.pointerType === 'touch' && event.target.closest('.picked')) return; // the end of the long press
    this.#to(this.table.at(event.clientX, event.clientY), 0);
    this.#choose();
  }

  #to(place, grip) {
    if (!place) return;
    const last = this.table.rows.length - this.moving.count;
    this.moving.lane = place.lane;
    this.moving.row = Math.max(0, Math.min(last, place.row - grip));
    this.#show();
  }

  #key(event) {
    if (!this.moving) return;
    const hour = 60 / this.table.step;
    const rows = { ArrowDown: 1, ArrowUp: -1, PageDown: hour, PageUp: -hour }[event.key];
    const lanes = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') this.#leave();
    else if (event.key === 'Enter') this.#choose();
    else if (rows) this.#to({ lane: this.moving.lane, row: this.moving.row + rows }, 0);
    else if (lanes) this.#to({ lane: this.#nextLane(lanes), row: this.moving.row }, 0);
    else if (event.key !== 'Tab' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    if (rows || lanes) say(this.#where());
  }

  #nextLane(by) {
    let lane = this.moving.lane + by;
    while (this.table.lanes[lane] && !this.table.isShown(lane)) lane += by;
    return this.table.lanes[lane] ? lane : this.moving.lane;
  }

  #where() {
    const { lane, row, count, entry } = this.moving;
    return this.#fill(this.#texts.over, {
      lane: this.table.lanes[lane].dataset.name,
      from: hourOf(this.table.minutes(row)),
      to: hourOf(this.table.minutes(row + count)),
      state: this.#texts[this.table.stateOf(lane, row, count, entry)],
    });
  }

  #show() {
    const { lane, row, count, entry } = this.moving;
    const box = this.table.box(lane, row, count);
    for (const side of ['left', 'top', 'width', 'height']) this.#ghost.style[side] = `${box[side]}px`;
    const state = this.table.stateOf(lane, row, count, entry);
    this.#ghost.classList.toggle('bad', state !== 'free');
    const hour = hourOf(this.table.minutes(row));
    this.#ghost.textContent = state === 'free' ? hour : `${hour}, ${this.#texts[state]}`;
    const top = box.top - scrollY;
    if (!this.moving.dragged && (top < EDGE_PX || top + box.height > innerHeight - EDGE_PX)) scrollBy(0, top - innerHeight / 3);
  }

  #choose() {
    const { entry, lane, row } = this.moving;
    const head = this.table.lanes[lane].dataset;
    const minutes = this.table.minutes(row);
    const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const { move: kind, id, version } = entry.dataset;
    this.#end();
    ask(new URLSearchParams({ kind, id, version, room_id: head.room, day: head.day, time }), entry, this.#texts);
  }

  #fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  }
}
