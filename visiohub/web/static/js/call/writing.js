// The field for words on the kiosk's screen, and the ready phrases.

import { text } from './texts.js';

const $ = (id) => document.getElementById(id);
const field = $('say-text');

const MOST = 120; // PROTOCOL.md §8.7

const tooLong = () => field.value.length > MOST;

function countWords(n) {
  if (n === 0) return text('signs_most');
  if (n > MOST) return text('signs_over', { n, over: n - MOST });
  return text(n === 1 ? 'signs_one' : 'signs', { n });
}

function count() {
  $('say-count').textContent = countWords(field.value.length);
  $('say-count').classList.toggle('trouble', tooLong());
  if (!tooLong()) refuse(false);
}

/** Too long stays in the field, and is not shown until it is shorter: nothing is cut off. */
function refuse(refused) {
  $('say-long').hidden = !refused;
  $('say-long').textContent = refused ? text('signs_refused') : '';
  field.setAttribute('aria-invalid', String(refused));
  if (refused) field.focus();
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
    if (tooLong()) {
      refuse(true);
      return;
    }
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
