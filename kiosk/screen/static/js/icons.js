// Icons and the shapes of the status vocabulary. They always stand beside a word, so they are
// hidden from assistive technology.

import { h } from './tree.js';

const LINE = { fill: 'none', stroke: 'currentColor', 'stroke-width': 2.6, 'stroke-linecap': 'square' };
const line = (d) => h('path', { d, ...LINE });
const full = (d) => h('path', { d, fill: 'currentColor' });
const hole = (d) => h('path', { d, fill: 'none', stroke: 'var(--ground)', 'stroke-width': 2.8 });

const DRAWINGS = {
  forward: () => [line('M3 12H20M13 5l7 7-7 7')],
  back: () => [line('M21 12H4M11 5l-7 7 7 7')],
  plus: () => [line('M12 4V20M4 12H20')],
  minus: () => [line('M4 12H20')],
  hang_up: () => [full('M12 8C8.400 8 5 9 2.300 11c-.8.6-1 1.600-.7 2.500l.8 2.600c.3.9 1.200 1.400 2.100 1.100l3.200-.9c.8-.2 1.300-.9 1.300-1.700v-2c2-.6 4-.6 6 0v2c0 .8.5 1.500 1.300 1.700l3.200.9c.9.3 1.800-.2 2.100-1.100l.8-2.600c.3-.9.1-1.900-.7-2.500C19 9 15.600 8 12 8z')],
  microphone: () => [h('rect', { x: 9, y: 2.5, width: 6, height: 11, rx: 3, ...LINE }), line('M5 11c0 9 14 9 14 0M12 18v4')],
  microphone_off: () => [h('rect', { x: 9, y: 2.5, width: 6, height: 11, rx: 3, ...LINE }), line('M5 11c0 9 14 9 14 0M12 18v4M3 3l18 18')],
  language: () => [h('circle', { cx: 12, cy: 12, r: 9, ...LINE }), line('M3.5 12H20.5M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18')],
  disc: () => [h('circle', { cx: 12, cy: 12, r: 10, fill: 'currentColor' })],
  ring: () => [h('circle', { cx: 12, cy: 12, r: 8.6, ...LINE })],
  half: () => [h('circle', { cx: 12, cy: 12, r: 8.6, ...LINE }), full('M3 12a9 9 0 0 0 18 0z')],
  barred: () => [h('circle', { cx: 12, cy: 12, r: 8.6, ...LINE }), line('M7.5 12h9')],
  tick: () => [h('circle', { cx: 12, cy: 12, r: 10, fill: 'currentColor' }), hole('M7 12.4l3.6 3.6 6.4-7.4')],
  cross: () => [h('rect', { x: 2, y: 2, width: 20, height: 20, fill: 'currentColor' }), hole('M7.5 7.5l9 9M16.5 7.5l-9 9')],
  triangle: () => [line('M12 3.6L21.6 20.6H2.4Z'), line('M12 10v4.4M12 17.4v.2')],
};

/** An icon or shape by its name. */
export function icon(name) {
  const drawing = DRAWINGS[name];
  return drawing ? h('svg', { class: `icon ${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, drawing()) : null;
}
