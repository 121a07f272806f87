// Hours as the page says them: on the nameboard's clock, whatever zone the computer is in.
const clock = document.getElementById('clock');
const format = new Intl.DateTimeFormat('fr', { hour: 'numeric', minute: '2-digit', timeZone: clock?.dataset.zone });

/** 9 h 45, 9 h; in English 9:45, 9:00. `instant` is a Date or milliseconds since 1970. */
export function hourAt(instant) {
  const parts = format.formatToParts(instant);
  const hour = Number(parts.find((part) => part.type === 'hour').value);
  const minute = parts.find((part) => part.type === 'minute').value;
  return words(hour, minute);
}

/** The same for minutes after midnight. */
export function hourOf(minutes) {
  return words(Math.floor(minutes / 60) % 24, String(minutes % 60).padStart(2, '0'));
}

function words(hour, minute) {
  if (document.documentElement.lang !== 'fr') return `${hour}:${minute}`;
  return `${hour}\u00a0h${minute === '00' ? '' : `\u00a0${minute}`}`;
}
