// Asks before something is moved, and says what came of it. What was typed stays until it is kept.
import { refresh, say } from '../live.js';

const TIMEOUT_MS = 15_000;
const dialog = document.getElementById('move');
const region = document.getElementById('live');
const PATH = '/planning/move';
let from = null; // the key of what is moved
let texts = {};

/** Opens the form for a move; `query` says what and where to. */
export async function ask(query, entry, words) {
  from = entry.dataset.key;
  texts = words;
  region.dataset.held = '';
  dialog.replaceChildren(Object.assign(document.createElement('p'), { textContent: texts.loading }));
  dialog.showModal();
  const answer = await fetched(`${PATH}?${query}`);
  if (answer) put(answer.html);
  else again(() => ask(query, entry, words));
}

async function fetched(url, options = {}) {
  try {
    const answer = await fetch(url, {
      ...options,
      headers: { 'X-Fragment': '1', ...options.headers },
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 401) return { html: null };
    return { html: await answer.text(), ok: answer.ok };
  } catch {
    return null; // the line is cut
  }
}

function put(html) {
  if (html === null) {
    trouble(texts.session);
    return;
  }
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  dialog.replaceChildren(...fresh.childNodes);
  (dialog.querySelector('#errors') ?? dialog.querySelector('[autofocus]'))?.focus();
}

/** Without a form yet: the only thing to do is to ask again. */
function again(retry) {
  trouble(texts.cut);
  const button = Object.assign(document.createElement('button'), { className: 'button', textContent: texts.again });
  button.addEventListener('click', retry);
  dialog.append(button);
  button.focus();
}

function trouble(text) {
  let place = dialog.querySelector('[data-trouble]');
  if (!place) {
    place = Object.assign(document.createElement('p'), { className: 'error' });
    place.setAttribute('role', 'alert');
    dialog.replaceChildren(place);
  }
  place.hidden = false;
  place.textContent = text;
}

dialog.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.hasAttribute('aria-busy')) return;
  form.setAttribute('aria-busy', 'true');
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetched(PATH, { method: 'POST', body });
  form.removeAttribute('aria-busy');
  if (!answer) trouble(texts.cut);
  else if (answer.html === null) trouble(texts.session);
  else {
    put(answer.html);
    const done = dialog.querySelector('[data-done]');
    if (done) finish(done);
  }
});
dialog.addEventListener('click', (event) => {
  if (!event.target.closest('[data-close]')) return;
  event.preventDefault();
  dialog.close();
});

function finish(done) {
  document.getElementById('moved').replaceChildren(done);
  say(done.textContent.trim());
  dialog.close();
}

dialog.addEventListener('close', async () => {
  delete region.dataset.held;
  dialog.replaceChildren();
  await refresh();
  region.querySelector(`[data-key="${CSS.escape(from)}"]`)?.focus({ preventScroll: true });
});
