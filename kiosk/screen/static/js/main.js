// The citizen's page: shows the agent's view-model, sends back what is touched or typed. It keeps
// nothing: no history, no storage, no form field.

import { decodes } from './decoder.js';
import { Link } from './link.js';
import { board, footer, overlay } from './parts.js';
import { Pictures, far, self } from './pictures.js';
import { screen } from './screens.js';
import { h, patch } from './tree.js';

const TOUCH_EVERY_MS = 5000;
const STEPS = [1, 2, 3, 4];

const page = document.getElementById('page');
const said = document.getElementById('said');
const announce = document.getElementById('announce');
const shows = { far: new Set(['call', 'interrupted']), self: new Set(['code', 'waiting', 'admitted', 'call']) };
const during = new Set(['admitted', 'call', 'interrupted']);

let model = null;
let touchedAt = 0;
let beforeOverlay = null;

const known = decodes();
const pictures = new Pictures((what) => link.send(what));
const link = new Link({
  onOpen: async () => link.send({ decodes: await known }),
  onModel: show,
  onPicture: (frame) => pictures.receive(frame),
  onLost: restarting,
});

function show(next) {
  const before = model;
  model = next;
  if (!model.screen) return;
  document.documentElement.lang = model.language;
  document.body.dataset.screen = model.screen;
  document.body.className = [model.larger && 'larger', model.low && 'low', model.dark && 'dark'].filter(Boolean).join(' ');
  if (!shows.far.has(model.screen)) far.clear();
  // on entering, too: what came after it was left shows who was here before
  if (!shows.self.has(model.screen) || !shows.self.has(before?.screen)) self.clear();
  if (!during.has(model.screen)) pictures.close(); // nobody's picture stays in its memory
  if (model.overlay && !before?.overlay) beforeOverlay = document.activeElement;
  const covered = Boolean(model.overlay);
  const under = [model.dark ? null : board(model.board), screen(model), footer(model.footer)].filter(Boolean);
  for (const node of under) node.props.inert = covered;
  patch(page, [...under, overlay(model.overlay)].filter(Boolean));
  fit();
  document.title = page.querySelector('h1')?.textContent || 'visiohub';
  read(model.body.said);
  if (announce.textContent !== model.announce) announce.textContent = model.announce;
  moveFocus(before);
}

// On a small screen, or with larger text, leave out what matters least until all of it fits.
function fit() {
  // the list of services shrinks with the room that it has, and then lies over what is below it;
  // what is said of a cut scrolls within its sheet
  const filled = page.querySelectorAll('main, .services ul, .cut');
  for (let step = 0; step <= STEPS.length; step++) {
    document.body.dataset.fit = STEPS.slice(0, step).join(' ');
    if ([...filled].every((each) => each.scrollHeight <= each.clientHeight)) return;
  }
}

function moveFocus(before) {
  if (model.overlay) {
    if (model.overlay.kind !== before?.overlay?.kind) page.querySelector('.dialogue .buttons button:last-child')?.focus();
  } else if (before?.overlay) {
    (beforeOverlay?.isConnected ? beforeOverlay : page.querySelector('h1'))?.focus();
  } else if (before?.screen !== model.screen) {
    page.querySelector('h1')?.focus({ preventScroll: true });
    page.querySelector('main').scrollTop = 0;
  }
}

/** The agent's sentence, to a screen reader: each one once, also in the words of the one before. */
function read(sentence) {
  patch(said, sentence ? [h('span', { key: sentence.at }, sentence.text)] : []);
}

function restarting() {
  const text = model?.restarting;
  far.clear();
  self.clear();
  pictures.close();
  read(null);
  model = null;
  if (!text) return;
  document.body.dataset.screen = 'restarting';
  document.body.classList.remove('dark');
  patch(page, [h('main', { class: 'message', key: 'restarting' }, h('h1', { tabindex: -1 }, text))]);
  announce.textContent = text;
}

function act(action) {
  touchedAt = Date.now();
  link.send(action);
}

document.addEventListener('click', (event) => {
  const target = event.target.closest('[data-action]');
  if (target) act(JSON.parse(target.dataset.action));
});

for (const kind of ['pointerdown', 'keydown']) {
  document.addEventListener(kind, () => {
    if (Date.now() > touchedAt + TOUCH_EVERY_MS) act({ do: 'touch' });
  });
}

document.addEventListener('keydown', (event) => {
  if (!model || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'Escape') {
    act({ do: model.overlay ? 'dismiss' : 'back' });
  } else if (model.screen === 'code' && !model.overlay) {
    if (/^[0-9]$/.test(event.key)) act({ do: 'digit', value: event.key });
    else if (event.key === 'Backspace') act({ do: 'erase' });
    else if (event.key === 'Enter' && document.activeElement?.localName !== 'button') act({ do: 'submit' });
    else return;
    event.preventDefault();
  }
});

addEventListener('resize', () => model && fit());
document.addEventListener('contextmenu', (event) => event.preventDefault());
document.addEventListener('dragstart', (event) => event.preventDefault());
