// One-key shortcuts, which can be turned off for good (WCAG 2.1.4): people who dictate, or whose
// screen reader owns the letters, do without. Hanging up has none: too dear for one key.

const KEY = 'visiohub.shortcuts';

export const shortcutsOn = () => localStorage.getItem(KEY) !== 'off';

export const switchShortcuts = (on) => localStorage.setItem(KEY, on ? 'on' : 'off');

/** `actions`: lower-case letter -> function. Nothing happens while somebody types or with Ctrl, Alt, Meta. */
export function listenForShortcuts(actions) {
  document.addEventListener('keydown', (event) => {
    if (!shortcutsOn() || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable], dialog')) return;
    const act = actions[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
