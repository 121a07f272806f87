// The lanes of a line's page, one uPlot each, on the same time: delays and losses with the calls,
// each direction's rate against its contract, the modem's margin. uPlot is a global of its own file.
/* global uPlot */
import { hourOf } from '../clock.js';
import { FINE, FONT, INK, LINE, SOFT, background, cuts, header, losses, marks, present, silences, smoke } from './draw.js';
import { agreed, limit } from './limits.js';
import { before, held, joined, largest, valueAt } from './series.js';

const LEFT = 84;
const RIGHT = 24; // half of what the last time takes
const TALK_MS = 150;
const LEAST_MARGIN_DB = 6;
const DAY_S = 86_400;
const HEIGHTS = { delay: 250, up: 116, down: 116, margin: 116 };
const ROOM_ABOVE = 1.4; // for what is written on the contract's line
const CLEAR = 44;
const HEAD = 62;
const FOOT = 34;
const MINUTE_S = 60;
/** What each lane's drawing means, by the names of plot_texts. */
const LEGENDS = { delay: 'legend_delay', up: 'legend_rate', down: 'legend_rate', margin: 'legend_margin' };

/** A line that was never measured has nothing to show but calls; a time without measurements is drawn as such. */
export const isDrawn = (figures) => figures.known || figures.calls.length > 0;

/** One scale for several lines: the delay at the top, and the rate as a share of the contract's. */
export function scaleOf(all) {
  const share = (one) => topRate(one, 'up') / mostAgreed(one, 'up');
  return { delay: Math.max(...all.map(topDelay)), up: Math.max(...all.map(share)) };
}

function topDelay(figures) {
  return Math.min(Math.max(largest(figures.delay.p95) * 1.15, TALK_MS * 1.1), 2000);
}

function topRate(figures, way) {
  return Math.max(mostAgreed(figures, way), largest(figures[way].high), largest(figures.modem[`${way}_sync_kbit_s`])) * ROOM_ABOVE;
}

/** Of the contracts that are shown, and of the one in force at the end. */
function mostAgreed(figures, way) {
  return Math.max(figures.contract[way], ...figures.contracts.map((one) => one[way]));
}

export class Lanes {
  /**
   * `zoom(from, to)` is called when somebody draws a stretch with the pointer; null: nobody can.
   * Of several on a page the last one has the legend.
   */
  constructor(place, texts, zoom, { wanted = ['delay', 'up', 'down', 'margin'], scale = null, legend = true } = {}) {
    this.place = place;
    this.texts = texts;
    this.zoom = zoom;
    this.wanted = wanted;
    this.scale = scale;
    this.explains = legend;
    this.plots = [];
    this.shown = null;
    /** The instant that is read, in seconds; null: none. */
    this.at = null;
    this.readout = reader(texts.instant);
    place.append(this.readout);
    new ResizeObserver(() => this.resize()).observe(place.parentElement);
  }

  /** Draws these figures in place of what was there. */
  show(figures) {
    for (const plot of this.plots) plot.destroy();
    this.plots = [];
    for (const child of [...this.place.children]) if (child !== this.readout) child.remove(); // it may have the focus
    this.place.hidden = !isDrawn(figures);
    this.shown = null;
    if (this.place.hidden) return;
    this.shown = figures;
    this.words = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    const language = document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang; // Sat 21, as elsewhere on the pages
    this.clock = (options) => new Intl.DateTimeFormat(language, { timeZone: figures.zone, hourCycle: 'h23', ...options });
    const lanes = this.wanted.filter((name) => name !== 'margin' || figures.modem.up_snr_db.some((one) => one !== null) || figures.modem.down_snr_db.some((one) => one !== null));
    this.readout.ariaValueMin = figures.from;
    this.readout.ariaValueMax = figures.to;
    for (const name of lanes) this.plots.push(this.lane(name, figures, name === lanes.at(-1)));
    if (this.explains) this.place.append(this.legend(lanes));
    const kept = this.at !== null && this.at >= figures.from && this.at < figures.to ? this.at : null;
    this.tell(kept);
    if (kept !== null) requestAnimationFrame(() => this.point(kept)); // where uPlot knows its scales
  }

  /** Reads this instant, and marks it on all plots; null: none. */
  point(at) {
    for (const plot of this.plots) plot.setCursor({ left: at === null ? -10 : plot.valToPos(at, 'x'), top: 1 }, false);
    this.tell(at);
  }

  /** Below the plots, of those that are there. */
  legend(lanes) {
    const list = document.createElement('ul');
    list.className = 'plot-legend';
    for (const name of new Set(['legend_above', ...lanes.map((lane) => LEGENDS[lane])])) {
      const item = document.createElement('li');
      item.textContent = this.texts[name];
      list.append(item);
    }
    return list;
  }

  resize() {
    for (const plot of this.plots) plot.setSize({ width: this.place.clientWidth, height: plot.height });
  }

  lane(name, figures, last) {
    const made = this[name](figures);
    const box = document.createElement('div');
    box.className = `lane lane-${name}`;
    box.setAttribute('aria-hidden', 'true'); // the table after the plots says the same
    this.place.append(box);
    const head = name === 'delay' ? HEAD : 10;
    return new uPlot(
      {
        width: this.place.clientWidth,
        height: HEIGHTS[name] + head + (last ? FOOT : 0),
        padding: [head, RIGHT, last ? 0 : 6, 0],
        legend: { show: false },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), figures.zone),
        cursor: {
          sync: { key: this.zoom ? 'line' : 'compare' },
          y: false,
          points: { show: false },
          drag: { x: Boolean(this.zoom), y: false, setScale: false },
        },
        scales: { x: { range: [figures.from, figures.to] }, y: { range: made.range } },
        axes: [this.time(last), { ...made.axis, size: LEFT, font: FONT, stroke: SOFT, grid: { stroke: FINE, width: 1 }, ticks: { show: false } }],
        series: made.series,
        hooks: {
          drawClear: [(u) => background(u, figures)],
          drawAxes: [(u) => made.under?.(u)],
          draw: [(u) => made.over(u), (u) => present(u, figures, name === 'delay' ? this.hour(new Date(figures.now * 1000)) : '')],
          setSelect: [(u) => this.selected(u)],
          setCursor: [(u) => this.tell(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') : null)],
        },
      },
      made.data,
      box,
    );
  }

  time(last) {
    return {
      show: true,
      size: last ? FOOT : 0,
      font: FONT,
      stroke: SOFT,
      space: 84,
      grid: { stroke: FINE, width: 1, filter: minutes },
      ticks: { show: false },
      filter: minutes,
      values: (u, splits, _axis, _space, step) => splits.map((at) => (at !== null && last && this.apart(u, at) ? this.tick(at, step) : '')),
    };
  }

  /** Whether the words under this time would stand clear of the other axis' own. */
  apart(u, at) {
    const { from, to } = this.shown;
    return ((at - from) / (to - from)) * (u.width - LEFT) > CLEAR;
  }

  tick(at, step) {
    const date = new Date(at * 1000);
    const midnight = this.clock({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date).replace(/\D/g, '') === '0000';
    if (step >= 28 * DAY_S) return this.clock({ month: 'short', year: '2-digit' }).format(date);
    if (step >= DAY_S || midnight) return this.clock({ weekday: step < 7 * DAY_S ? 'short' : undefined, day: 'numeric', month: step < DAY_S ? undefined : 'short' }).format(date);
    return this.hour(date);
  }

  /** As everywhere on the pages, at the venue's clock. */
  hour(date) {
    const parts = this.clock({ hour: '2-digit', minute: '2-digit' }).formatToParts(date);
    const of = (type) => Number(parts.find((part) => part.type === type).value);
    return hourOf(60 * of('hour') + of('minute'));
  }

  delay(figures) {
    const top = this.scale?.delay ?? topDelay(figures);
    const { delay } = figures;
    return {
      data: held([delay.at, delay.p50]),
      range: [-0.16 * top, top],
      axis: { values: (_u, splits) => splits.map((one) => (one < 0 ? '' : this.put('ms', one))) },
      series: [{}, stepped(INK, 2)],
      under: (u) => smoke(u, delay, figures.step),
      over: (u) => {
        silences(u, delay.at, delay.p50, figures.from, Math.min(figures.to, figures.now));
        losses(u, delay, figures.step);
        cuts(u, figures.out);
        limit(u, TALK_MS, this.texts.talk);
        header(u, figures);
      },
    };
  }

  rate(figures, way) {
    const most = mostAgreed(figures, way);
    const top = this.scale && way === 'up' ? this.scale.up * most : topRate(figures, way);
    const spans = figures.contracts.map((one) => ({ ...one, value: one[way], text: this.put('contract', this.put('rate', one[way] / 1000)) }));
    const { data, columns } = joined([figures[way].at, figures[way].rate], [figures.modem.at, figures.modem[`${way}_sync_kbit_s`]]);
    return {
      data: held(data),
      range: [0, top],
      axis: { values: (_u, splits) => splits.map((one) => this.words.format(one / 1000)), splits: () => [0, most] },
      series: [{}, { ...stepped(INK, 2), fill: 'rgba(174, 181, 185, 0.55)' }, { ...stepped(LINE, 1.5), dash: [2, 3] }],
      over: (u) => {
        silences(u, columns[0], columns[1], figures.from, Math.min(figures.to, figures.now));
        cuts(u, figures.out);
        agreed(u, this.put(way, '').trim(), spans);
      },
    };
  }

  up(figures) {
    return this.rate(figures, 'up');
  }

  down(figures) {
    return this.rate(figures, 'down');
  }

  margin(figures) {
    const { modem } = figures;
    const top = Math.max(largest(modem.up_snr_db), largest(modem.down_snr_db), LEAST_MARGIN_DB) * 1.25;
    return {
      data: held([modem.at, modem.up_snr_db, modem.down_snr_db]),
      range: [0, top],
      axis: { values: (_u, splits) => splits.map((one) => this.put('db', one)), splits: () => [0, LEAST_MARGIN_DB] },
      series: [{}, stepped(INK, 2), { ...stepped(INK, 1.5), dash: [6, 4] }],
      over: (u) => {
        silences(u, modem.at, modem.up_snr_db.map((one, i) => one ?? modem.down_snr_db[i]), figures.from, Math.min(figures.to, figures.now));
        cuts(u, figures.out);
        marks(u, modem.at, modem.retrains);
        limit(u, LEAST_MARGIN_DB, this.texts.least_margin);
      },
    };
  }

  put(name, value) {
    const text = typeof value === 'number' ? this.words.format(value) : value;
    return this.texts[name].replace('{n}', text);
  }

  selected(u) {
    if (!this.zoom || u.select.width < 6) return;
    const from = u.posToVal(u.select.left, 'x');
    const to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoom(Math.floor(from), Math.ceil(to));
  }

  /** One moment in words, under the pointer. */
  tell(at) {
    const figures = this.shown;
    if (!figures) return;
    this.at = at;
    this.readout.ariaValueNow = Math.round(at ?? Math.min(figures.to, figures.now));
    this.readout.textContent = at === null ? this.texts[this.zoom ? 'hint_zoom' : 'hint'] : this.inWords(figures, at);
    this.readout.ariaValueText = this.readout.textContent;
  }

  inWords(figures, at) {
    const { delay, modem } = figures;
    const parts = [];
    const i = before(delay.at, at);
    if (at > figures.now) parts.push(...figures.planned.filter((one) => one.from <= at && at < one.to).map((one) => this.put('planned', one.name)));
    else if (figures.out.some((one) => one.from <= at && at < one.to)) parts.push(this.texts.out);
    else if (i < 0 || delay.p50[i] === null) parts.push(this.texts.none);
    else {
      const low = this.put('ms', delay.p5[i]);
      const high = this.put('ms', delay.p95[i]);
      parts.push(this.put('median', this.put('ms', delay.p50[i])), this.texts.smoke.replace('{low}', low).replace('{high}', high));
      if (delay.lost[i] !== null) parts.push(this.put('percent', delay.lost[i]));
    }
    for (const way of ['up', 'down']) {
      const rate = valueAt(figures[way].at, figures[way].rate, at);
      const sync = valueAt(modem.at, modem[`${way}_sync_kbit_s`], at);
      if (rate !== null) parts.push(this.put(way, this.put('rate', rate / 1000)));
      if (sync !== null) parts.push(this.put(`${way}_sync`, this.put('rate', sync / 1000)));
    }
    const margins = [valueAt(modem.at, modem.up_snr_db, at), valueAt(modem.at, modem.down_snr_db, at)].filter((one) => one !== null);
    if (margins.length) parts.push(this.put('margin', this.put('db', Math.min(...margins))));
    const retrains = valueAt(modem.at, modem.retrains, at);
    if (retrains) parts.push(this.put('retrains', retrains));
    const errored = ['up', 'down'].map((way) => valueAt(modem.at, modem[`${way}_errored_s`], at)).filter((one) => one);
    if (errored.length) parts.push(this.put('errored', Math.max(...errored)));
    const call = figures.calls.find((one) => one.from <= at && at < one.to);
    if (call) parts.push(this.put('call', call.name));
    for (const note of figures.notes) if (Math.abs(note.at - at) < (figures.to - figures.from) / 150) parts.push(`« ${note.text} »`);
    const date = new Date(at * 1000);
    const when = [this.clock({ weekday: 'short', day: 'numeric', month: 'short' }).format(date)];
    if (figures.step < DAY_S) when.push(this.hour(date));
    return `${when.join(' ')} · ${parts.join(', ')}`;
  }
}

/** The words above the plots, which keys move along the time (keys.js). */
function reader(label) {
  const made = document.createElement('p');
  made.className = 'readout';
  made.tabIndex = 0;
  made.role = 'slider';
  made.ariaLabel = label;
  return made;
}

/** Nothing is measured more finely than by the minute. */
function minutes(_u, splits) {
  return splits.map((at) => (at % MINUTE_S ? null : at));
}

function stepped(stroke, width) {
  return { stroke, width, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, spanGaps: false };
}
