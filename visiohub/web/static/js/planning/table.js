// The planning's table as rows and lanes: what lies at a row of a lane, and where that is on the page.

const COLUMN = '[data-lane]';

export class Table {
  constructor(element) {
    this.element = element;
    this.step = Number(element.dataset.step);
    this.first = Number(element.dataset.first);
    this.lanes = [...element.querySelectorAll(COLUMN)];
    this.rows = [...element.tBodies[0].rows];
    this.cells = this.lanes.map(() => new Array(this.rows.length).fill(null));
    this.stops = this.lanes.map(() => []);
    this.rows.forEach((row, top) => {
      for (const cell of row.querySelectorAll('td')) {
        const lane = Number(cell.dataset.key.split('-')[0]);
        for (let n = top; n < top + cell.rowSpan; n += 1) this.cells[lane][n] = cell;
        const inside = [...cell.querySelectorAll('.entry, .take')];
        for (const stop of inside.length ? inside : [cell]) this.stops[lane].push(stop);
      }
    });
  }

  /** A telephone shows one lane only. */
  isShown(lane) {
    return this.lanes[lane].checkVisibility();
  }

  cellOf(stop) {
    return stop.closest('td');
  }

  laneOf(stop) {
    return Number(this.cellOf(stop).dataset.key.split('-')[0]);
  }

  topOf(stop) {
    return Number(this.cellOf(stop).dataset.key.split('-')[1]);
  }

  /** The first thing that can be focused in what covers a row of a lane. */
  stopAt(lane, row) {
    const cell = this.cells[lane][row];
    return this.stops[lane].find((stop) => this.cellOf(stop) === cell);
  }

  /** Minutes after midnight at which a row begins. */
  minutes(row) {
    return this.first + row * this.step;
  }

  /** The row under a height of the window, and the lane under a breadth; null outside. */
  at(x, y) {
    const lane = this.lanes.findIndex((head, n) => {
      const box = head.getBoundingClientRect();
      return this.isShown(n) && x >= box.left && x < box.right;
    });
    const row = this.rows.findIndex((one) => y < one.getBoundingClientRect().bottom);
    return lane < 0 ? null : { lane, row: row < 0 ? this.rows.length - 1 : row };
  }

  /** A box on the page over some rows of a lane. */
  box(lane, row, count) {
    const head = this.lanes[lane].getBoundingClientRect();
    const top = this.rows[row].getBoundingClientRect().top;
    const last = this.rows[Math.min(row + count, this.rows.length) - 1].getBoundingClientRect();
    return { left: head.left + scrollX, top: top + scrollY, width: head.width, height: last.bottom - top };
  }

  /** free, taken, shut or no_kiosk; `own` is what is being moved and may lie under itself. */
  stateOf(lane, row, count, own) {
    if (own.dataset.move === 'appointment' && !('kiosk' in this.lanes[lane].dataset)) return 'no_kiosk';
    const under = new Set(this.cells[lane].slice(row, row + count));
    if (row + count > this.rows.length) return 'shut';
    for (const cell of under) {
      if ([...cell.querySelectorAll('.entry:not(.over)')].some((entry) => entry.dataset.key !== own.dataset.key)) return 'taken';
    }
    return [...under].some((cell) => cell.classList.contains('shut')) ? 'shut' : 'free';
  }
}
