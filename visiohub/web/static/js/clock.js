// Hours as the page says them: on the nameboard's clock, whatever zone the computer is in.
const clock = document.getElementById('clock');
const format = new Intl.DateTimeFormat('fr', { hour: 'numeric', minute: '2-digit', timeZone: clock?.dataset.zone });

/** 9 h 45, 9 h; in English 9:45, 9:00. `instant` is a Date or milliseconds since 1970. */
export function hourAt(instant) {
  const parts = format.formatToParts(instant);
  const hour = Number(parts.find((part) => part.type === 'hour').value);
  const minute = parts.find((part) => part.type === 'minute').value;
  if (document.documentElement.lang !== 'fr') return `${hour}:${minute}`;
  return `${hour}\u00a0h${minute === '00' ? '' : `\u00a0${minute}`}`;
}
