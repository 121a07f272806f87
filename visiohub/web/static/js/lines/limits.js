// Limits of a lane, each with its meaning written on it. Pixels are the canvas's.
import { INK, column, y } from './draw.js';

/** One that always holds. */
export function limit(u, value, text) {
  const { left, width } = u.bbox;
  line(u, value, left, width);
  write(u, text, left, y(u, value), width);
}

/** What was agreed, each while it was in force: the longest one names the lane, too, and the others write where they have room. */
export function agreed(u, name, spans) {
  const longest = spans.reduce((most, one) => (most && most.to - most.from >= one.to - one.from ? most : one), null);
  for (const one of spans) {
    const found = column(u, one.from, one.to);
    if (!found) continue;
    const [begin, width] = found;
    line(u, one.value, begin, width);
    if (one === longest) write(u, `${name}, ${one.text}`, begin, y(u, one.value), u.bbox.width);
    else write(u, one.text, begin, y(u, one.value), width);
  }
  if (!longest) write(u, name, u.bbox.left, u.bbox.top, u.bbox.width);
}

function line(u, value, begin, width) {
  const { ctx } = u;
  const at = y(u, value);
  ctx.save();
  ctx.strokeStyle = INK;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(begin, at);
  ctx.lineTo(begin + width, at);
  ctx.stroke();
  ctx.restore();
}

/** Words above this height, or below where nothing is above it; none where they would take more than `room`. */
function write(u, text, begin, at, room) {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  ctx.save();
  ctx.font = `${15 * px}px Hyperlegible, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = at - bbox.top > 22 * px ? 'bottom' : 'top';
  const wide = ctx.measureText(text).width;
  const left = Math.min(begin + 8 * px, bbox.left + bbox.width - wide);
  const top = at + (ctx.textBaseline === 'bottom' ? -2 * px : 3 * px);
  if (wide < room - 8 * px) {
    ctx.lineWidth = 4 * px;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = '#fff';
    ctx.strokeText(text, left, top);
    ctx.fillStyle = INK;
    ctx.fillText(text, left, top);
  }
  ctx.restore();
}
