// What uPlot does not draw: smoke, losses below zero, calls, cuts, works. Pixels are the canvas's.
const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(`--${name}`).trim();
export const INK = colour('encre');
export const SOFT = colour('encre2');
export const FAULT = colour('def');
export const LINE = colour('trait');
export const FINE = colour('filet');
const SMOKE = [colour('smoke-1'), colour('smoke-2')];
const PALE = colour('pale');
const PAPER = colour('neige');
const WARN = colour('att');
const HERE = colour('jaune');

export const FONT = '15px Hyperlegible, sans-serif';
/** A share of lost probes that fills the room below zero. */
const FULL_LOSS = 10;

const x = (u, at) => u.valToPos(at, 'x', true);
export const y = (u, value) => u.valToPos(value, 'y', true);

/** From one instant to another, within the plot; at least two pixels wide. */
export function column(u, from, to) {
  const left = Math.max(x(u, from), u.bbox.left);
  const right = Math.min(Math.max(x(u, to), left + 2), u.bbox.left + u.bbox.width);
  return right > left ? [left, right - left] : null;
}

/** Behind everything: works, then calls. */
export function background(u, figures) {
  const { ctx, bbox } = u;
  for (const [spans, fill] of [[figures.works, PAPER], [figures.calls, PALE]]) {
    ctx.fillStyle = fill;
    for (const one of spans) {
      const found = column(u, one.from, one.to);
      if (found) ctx.fillRect(found[0], bbox.top, found[1], bbox.height);
    }
  }
}

/** Bands of the delays: 5 to 95 of a hundred probes, then 25 to 75; never smoothed. */
export function smoke(u, delay, step) {
  const bottom = y(u, 0);
  for (const [n, [low, high]] of [[delay.p5, delay.p95], [delay.p25, delay.p75]].entries()) {
    u.ctx.fillStyle = SMOKE[n];
    delay.at.forEach((at, i) => {
      if (high[i] === null || low[i] === null) return;
      const found = column(u, at, at + step);
      if (!found) return;
      const top = Math.max(y(u, high[i]), u.bbox.top);
      u.ctx.fillRect(found[0], top, found[1], Math.max(Math.min(y(u, low[i]), bottom) - top, 1));
    });
  }
}

/** Losses hang below zero. */
export function losses(u, delay, step) {
  const zero = y(u, 0);
  const room = u.bbox.top + u.bbox.height - zero;
  u.ctx.fillStyle = FAULT;
  delay.lost.forEach((percent, i) => {
    if (!percent || delay.out[i] > 0.5) return; // a cut is drawn as such
    const found = column(u, delay.at[i], delay.at[i] + step);
    if (found) u.ctx.fillRect(found[0], zero, found[1], Math.max(Math.min(percent / FULL_LOSS, 1) * room, 2));
  });
}

/** A cut line: hatched, on a thick base. */
export function cuts(u, spans) {
  const { ctx, bbox } = u;
  const base = Math.min(y(u, 0), bbox.top + bbox.height);
  for (const one of spans) {
    const found = column(u, one.from, one.to);
    if (!found) continue;
    const [left, width] = found;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, base - bbox.top);
    ctx.clip();
    ctx.strokeStyle = FAULT;
    ctx.lineWidth = devicePixelRatio;
    const gap = 9 * devicePixelRatio;
    for (let at = left - bbox.height; at < left + width; at += gap) {
      ctx.beginPath();
      ctx.moveTo(at, base);
      ctx.lineTo(at + (base - bbox.top), bbox.top);
      ctx.stroke();
    }
    ctx.restore();
    ctx.fillStyle = FAULT;
    ctx.fillRect(left, base - 2 * devicePixelRatio, width, 4 * devicePixelRatio);
  }
}

/** Something that happened so many times: a mark on the base. */
export function marks(u, at, counts) {
  const px = devicePixelRatio;
  u.ctx.fillStyle = FAULT;
  counts.forEach((count, i) => {
    const left = x(u, at[i]);
    if (!count || left < u.bbox.left || left > u.bbox.left + u.bbox.width) return;
    u.ctx.fillRect(left - 2 * px, y(u, 0) - 14 * px, 4 * px, 14 * px);
  });
}

/** Where nothing was measured the base is dashed: no figure is no zero. */
export function silences(u, at, values, from, to) {
  const { ctx } = u;
  const base = y(u, 0);
  const stretches = [];
  let since = from;
  values.forEach((value, i) => {
    if (value === null) since ??= at[i];
    else if (since !== null) {
      stretches.push([since, at[i]]);
      since = null;
    }
  });
  if (since !== null) stretches.push([since, to]);
  ctx.save();
  ctx.strokeStyle = INK;
  ctx.lineWidth = 3 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const [begin, end] of stretches) {
    const found = column(u, begin, end);
    if (!found || found[1] < 4) continue;
    ctx.beginPath();
    ctx.moveTo(found[0], base);
    ctx.lineTo(found[0] + found[1], base);
    ctx.stroke();
  }
  ctx.restore();
}

/** Above the plot: calls by their partner's name, brackets of alerts, notes. */
export function header(u, figures) {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  const top = bbox.top - 12 * px;
  ctx.font = `${15 * px}px Hyperlegible, sans-serif`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  let free = bbox.left;
  for (const call of figures.calls) {
    const found = column(u, call.from, call.to);
    if (!found) continue;
    ctx.fillStyle = call.broken ? FAULT : INK;
    ctx.fillRect(found[0], top - 6 * px, Math.max(found[1], 3 * px), 7 * px);
    const name = call.broken ? `× ${call.name}` : call.name;
    const wide = ctx.measureText(name).width;
    if (found[0] >= free && found[0] + wide < bbox.left + bbox.width) {
      ctx.fillText(name, found[0], top - 8 * px);
      free = found[0] + wide + 10 * px;
    }
  }
  ctx.fillStyle = INK;
  ctx.strokeStyle = INK;
  ctx.lineWidth = px;
  for (const visio of figures.planned) {
    const found = column(u, visio.from, visio.to);
    if (!found) continue;
    ctx.strokeRect(found[0] + px / 2, top - 6 * px, Math.max(found[1], 4 * px) - px, 6 * px);
    const wide = ctx.measureText(visio.name).width;
    if (found[0] < free || found[0] + wide > u.ctx.canvas.width) continue;
    ctx.fillText(visio.name, found[0], top - 8 * px);
    free = found[0] + wide + 10 * px;
  }
  ctx.strokeStyle = WARN;
  ctx.lineWidth = 2 * px;
  for (const alert of figures.alerts) {
    const found = column(u, alert.from, alert.to);
    if (!found) continue;
    const [left, width] = found;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top - 1 * px);
    ctx.lineTo(left, bbox.top - 6 * px);
    ctx.lineTo(left + width, bbox.top - 6 * px);
    ctx.lineTo(left + width, bbox.top - 1 * px);
    ctx.stroke();
  }
  ctx.fillStyle = INK;
  for (const note of figures.notes) {
    const at = x(u, note.at);
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.fillRect(at - px, bbox.top, 2 * px, bbox.height);
    ctx.beginPath();
    ctx.arc(at, bbox.top, 5 * px, 0, 2 * Math.PI);
    ctx.fill();
  }
}

/** Where the present is, when something is shown behind it; with the time, if one is given. */
export function present(u, figures, time) {
  if (figures.now >= figures.to) return;
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  const at = x(u, figures.now);
  ctx.fillStyle = INK;
  ctx.fillRect(at - px, bbox.top, 2 * px, bbox.height);
  if (!time) return;
  ctx.font = `650 ${15 * px}px Hyperlegible, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  const wide = ctx.measureText(time).width + 12 * px;
  const left = Math.min(at - wide / 2, ctx.canvas.width - wide - px); // above the names of calls
  ctx.fillStyle = HERE;
  ctx.fillRect(left, px, wide, 21 * px);
  ctx.strokeStyle = INK;
  ctx.lineWidth = px;
  ctx.strokeRect(left, px, wide, 21 * px);
  ctx.fillStyle = INK;
  ctx.fillText(time, left + wide / 2, 12 * px);
}
