// What every page has: the clock of the nameboard, focus on a form's errors, dates that submit.
import { hourAt } from './clock.js';

const clock = document.getElementById('clock');

function tell() {
  clock.textContent = hourAt(Date.now());
}

if (clock) {
  tell();
  setInterval(tell, 5000);
}

document.getElementById('errors')?.focus();
for (const button of document.querySelectorAll('[data-back]')) button.addEventListener('click', () => history.back());
for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => print());

// The "done" sentence is said once: a reload does not repeat it.
if (location.search.includes('done=')) {
  const url = new URL(location.href);
  url.searchParams.delete('done');
  history.replaceState(null, '', url);
}

// A sheet closes with Escape and gives the focus back to what opened it.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const sheet = document.querySelector('details.more[open]');
  if (!sheet) return;
  sheet.removeAttribute('open');
  sheet.querySelector('summary').focus();
});
document.addEventListener('toggle', (event) => {
  if (!event.target.matches?.('details.more[open]')) return;
  for (const other of document.querySelectorAll('details.more[open]')) {
    if (other !== event.target) other.removeAttribute('open');
  }
}, true);

for (const field of document.querySelectorAll('[data-submits]')) {
  field.addEventListener('change', () => field.form.requestSubmit());
}
