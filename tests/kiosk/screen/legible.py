"""What a person standing at a screen could read and touch of it: measured in the page itself."""

from __future__ import annotations

import math

from playwright.async_api import Page

PIXEL_MM = 22 * 25.4 * 16 / math.hypot(16, 9) / 1920
"""Of the smallest screen that a kiosk is meant to have: 22 inches, 1920x1080."""
READ_FROM_MM = 1000
LEGIBLE_ARCMIN, READABLE_ARCMIN = 16, 20
"""Height of a capital without accent, as the eye sees it. 16 minutes of arc are the least, 20 to 22
are preferred for reading: ISO 9241-3 (now 9241-303), character height; NUREG-0700, 1.3.1-4."""
TO_BE_READ = (
    "h1, h2, .lead, .hint, .notice, .fault, .note, .empty, .number, .digit, .box, .path p,"
    " .strip .status, .said p, .dialogue p, .message p, .steps li, .go, .home .sign-large"
)
"""What tells the citizen what is so and what to do; the rest is labels and asides."""
HEIGHTS = """(wanted) => {
  const canvas = document.createElement('canvas').getContext('2d');
  return [...document.querySelectorAll('#page *')].filter((e) =>
    e.getClientRects().length && !e.closest('.unseen')
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(e);
      canvas.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      const aside = e.closest('.phone-label, blockquote span, .outline, .black, .said span,'
        + ' .services .notice span');
      return [e.textContent, canvas.measureText('H').actualBoundingBoxAscent,
        Boolean(e.closest(wanted)) && !aside];
    });
}"""
IS_ON_TOP = """(text) => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data !== text) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = [...range.getClientRects()];
    const isOnTop = (line) => {
      const top = document.elementFromPoint(line.left + 2, line.top + line.height / 2);
      return top && (top.contains(node) || node.parentElement.contains(top));
    };
    if (lines.length && lines.every(isOnTop)) return true;
  }
  return false;
}"""
"""Whether these words stand in the picture with nothing over them."""
SPILLS = """[...document.querySelectorAll('main, .services ul')]
  .some((e) => e.scrollHeight > e.clientHeight)"""
MEASURE = """() => {
  const shown = (e) => e.getClientRects().length && !e.closest('.unseen');
  const within = (e) => { const r = e.getBoundingClientRect();
    return Math.min(r.left, r.top) >= -1 && r.right <= innerWidth + 1
      && r.bottom <= innerHeight + 1; };
  const broken = (e) => [...e.querySelectorAll('.word')].flatMap(({ firstChild: text }) =>
    text?.nodeType !== 3 ? [] : [...text.data.matchAll(/\\p{L}+/gu)].filter((word) => {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      return new Set([...range.getClientRects()].map((r) => r.top)).size > 1;
    }).map(String));
  const main = document.querySelector('main');
  const buttons = [...document.querySelectorAll('button')].filter(shown);
  const words = [...document.querySelectorAll('#page *')].filter((e) =>
    shown(e) && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return {
    cut: buttons.filter((e) => !within(e)).map((e) => e.textContent),
    small: buttons.filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 75.5)
      .map((e) => `${e.textContent} ${e.offsetWidth}x${e.offsetHeight}`),
    tiny: words.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 27.9)
      .map((e) => `${e.textContent} ${getComputedStyle(e).fontSize}`),
    over: main.scrollHeight - main.clientHeight,
    astray: [...document.querySelectorAll('.strip .clock')].filter((e) =>
      e.getBoundingClientRect().right > document.querySelector('.stage').getBoundingClientRect()
        .right + 1).map((e) => e.textContent),
    wide: document.documentElement.scrollWidth - innerWidth,
    spilt: buttons.filter((e) => e.scrollWidth > e.clientWidth + 2).map((e) => e.textContent),
    broken: buttons.flatMap(broken),
  };
}"""


async def unreadable_from_one_metre(page: Page) -> list[str]:
    """Words that are too low for the eye at that distance, and their minutes of arc."""
    found = []
    for words, height_px, is_to_be_read in await page.evaluate(HEIGHTS, TO_BE_READ):
        seen = 60 * math.degrees(math.atan(height_px * PIXEL_MM / READ_FROM_MM))
        if seen < (READABLE_ARCMIN if is_to_be_read else LEGIBLE_ARCMIN):
            found.append(f"{words} {seen:.1f}")
    return found
