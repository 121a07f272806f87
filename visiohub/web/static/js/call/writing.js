// The field for words on the kiosk's screen, and the ready phrases.

import { text } from './texts.js';

const $ = (id) => document.getElementById(id);
const field = $('say-text');

const MOST = 120; // PROTOCOL.md §8.7

/** Too long stays in the field, and is not shown until it is shorter: nothing is cut off. */
function count() {
  const n = field.value.length;
  const words = n > MOST ? text('signs_over', { n, over: n - MOST }) : text('signs', { n });
  $('say-count').textContent = words;
  $('say-count').classList.toggle('trouble', n > MOST);
  field.setCustomValidity(n > MOST ? words : '');
}

/** `say(words)` answers whether they were sent; if not they stay in the field. */
export function listenForWords(say) {
  field.addEventListener('input', count);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $('say-form').requestSubmit();
  });
  count();

  $('say-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (!words || !say(words)) return;
    field.value = '';
    count();
  });

  $('phrases-open').addEventListener('click', () => {
    const list = $('phrases');
    list.hidden = !list.hidden;
    $('phrases-open').setAttribute('aria-expanded', String(!list.hidden));
  });
  for (const phrase of document.querySelectorAll('[data-phrase]')) {
    phrase.addEventListener('click', () => {
      field.value = phrase.textContent.trim();
      count();
      field.focus();
    });
  }
}

export function focusWords() {
  if (!$('writing').hidden) field.focus();
}
