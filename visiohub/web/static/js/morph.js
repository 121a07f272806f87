// Makes an element's content like a fresh one while keeping every node that can be kept, and with
// it the focus, the caret, what is typed, and open sheets. Rows keep their identity by data-key.

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id || null : null);
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

/** Makes the children of `old` like those of `fresh`. */
export function morphChildren(old, fresh) {
  const wanted = new Set([...fresh.childNodes].map(keyOf).filter(Boolean));
  const byKey = new Map();
  for (const child of [...old.childNodes]) {
    const key = keyOf(child);
    if (key && !wanted.has(key)) child.remove();
    else if (key) byKey.set(key, child);
  }
  let cursor = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = keyOf(next);
    const match = key ? byKey.get(key) : cursor && !keyOf(cursor) && alike(cursor, next) ? cursor : null;
    if (!match || !alike(match, next)) {
      if (match && match === cursor) cursor = cursor.nextSibling;
      match?.remove();
      old.insertBefore(next, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else old.insertBefore(match, cursor);
    morph(match, next);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    const theReaders = name === 'open' && old.matches('details');
    if (!fresh.hasAttribute(name) && !theReaders) old.removeAttribute(name);
  }
  morphChildren(old, fresh);
}
