// The page's sentences, in the reader's language, as the hub handed them over.

const texts = JSON.parse(document.getElementById('texts').textContent);

/** The sentence under `key`, its {names} filled in. Throws for a key that the page lacks. */
export function text(key, values = {}) {
  if (!(key in texts)) throw new Error(`no text ${key}`);
  return texts[key].replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

export const hasText = (key) => key in texts;

/** "9 h 45", "9 h" at the place's zone; `at` is a Date. */
export function clock(at, zone) {
  const parts = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', minute: '2-digit', timeZone: zone || undefined }).formatToParts(at);
  const get = (type) => parts.find((part) => part.type === type).value;
  const values = { h: String(Number(get('hour'))), mm: get('minute') };
  return text(values.mm === '00' ? 'clock_whole' : 'clock', values);
}
