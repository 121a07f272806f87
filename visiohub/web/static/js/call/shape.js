// Shapes of the status vocabulary, drawn by script as the templates draw them.

const SHAPES_URL = JSON.parse(document.getElementById('shapes').textContent);
const SVG = 'http://www.w3.org/2000/svg';

/** An svg element showing the named shape; decoration, a word stands beside it. */
export function shapeOf(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'shape');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${SHAPES_URL}#${name}`);
  svg.append(use);
  return svg;
}

/** Makes `element` a state: shape, word, tone ('', 'att' or 'def'); no word empties it. */
export function drawState(element, words, shape, tone) {
  const key = words ? `${shape} ${words}` : '';
  if (element.dataset.drawn === key) return;
  element.dataset.drawn = key;
  element.hidden = !words;
  element.className = `state ${tone}`;
  element.replaceChildren();
  if (words) element.append(shapeOf(shape), Object.assign(document.createElement('span'), { textContent: words }));
}
