// The plots by keyboard: the words above them are a slider along the time, whose value is read aloud.
const FAR = 0.1;
const LEAST_S = 60;

/** `move(name)` goes where the page's own link of that name goes: earlier, later, out. */
export function byKeys(lanes, move) {
  const { readout } = lanes;
  readout.addEventListener('keydown', (event) => {
    if (!lanes.shown || event.altKey || event.ctrlKey || event.metaKey) return;
    const { from, to, now, step } = lanes.shown;
    const last = Math.min(to, now) - 1;
    const at = lanes.at ?? last;
    const far = Math.max(step, FAR * (to - from));
    const wanted = {
      ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
      PageDown: at - far, PageUp: at + far, Home: from, End: last,
    }[event.key]; // prettier-ignore
    if (wanted !== undefined) go(wanted, from, last);
    else if (event.key === '+' || event.key === '=') closer(at, to - from);
    else if (event.key === '-') move('out');
    else if (event.key === 'Escape') lanes.point(null);
    else return;
    event.preventDefault();
  });

  /** Past an end of what is shown the time itself moves on. */
  function go(wanted, from, last) {
    if (wanted < from) move('earlier');
    else if (wanted > last) move('later');
    lanes.point(Math.min(Math.max(wanted, from), last));
  }

  function closer(at, span) {
    const half = Math.max(span / 4, LEAST_S / 2);
    lanes.zoom?.(Math.floor(at - half), Math.ceil(at + half));
  }
}
