// Columns of numbers by time, null where nothing is known. Pure.

export const largest = (values) => values.reduce((most, one) => (one !== null && one > most ? one : most), 0);

/** Values said again where a gap begins: uPlot draws up to the next value, and nothing of one alone. */
export function held([at, ...columns]) {
  const times = [];
  const out = columns.map(() => []);
  const add = (when, values) => {
    times.push(when);
    values.forEach((value, n) => out[n].push(value));
  };
  at.forEach((when, i) => {
    const here = columns.map((column) => column[i]);
    const before = i ? columns.map((column) => column[i - 1]) : here;
    const ends = here.some((value, n) => value === null && before[n] !== null);
    if (ends) add(when, here.map((value, n) => value ?? before[n]));
    add(ends ? when + 1 : when, here);
  });
  return [times, ...out];
}

/** Two columns of their own times on one axis; what holds between two times is said again. */
export function joined(first, second) {
  const at = [...new Set([...first[0], ...second[0]])].sort((a, b) => a - b);
  const columns = [first, second].map(([times, values]) => at.map((one) => valueAt(times, values, one)));
  return { data: [at, ...columns], columns: [at, columns[0]] };
}

/** The place of the newest time that is not after `at`; -1 for none. */
export function before(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function valueAt(times, values, at) {
  const i = before(times, at);
  return i < 0 ? null : values[i];
}
