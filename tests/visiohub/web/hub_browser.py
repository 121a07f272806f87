"""Chromium on the hub's pages: signed in, in a language, with WCAG 2.2 AA told by axe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from hub_site import Site
from playwright.sync_api import Browser, Page

from visiohub.booking import accounts

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
LANGUAGES = ("fr", "en")
NARROW = (720, 640, 390, 320)
"""720 is a desktop of 1440 at 200 %, 640 one of 1280; 320 is WCAG 1.4.10's width."""
TOO_WIDE = """async () => {
  const over = () => document.documentElement.scrollWidth - innerWidth;
  for (let frames = 0; frames < 300 && over() > 0; frames++)
    await new Promise(requestAnimationFrame);  // plots are drawn anew once they hear of their width
  if (over() <= 0) return '';
  const culprits = [...document.querySelectorAll('main *, header *, footer *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'))
    .map((e) => e.tagName + '.' + e.className);
  return `${over()} px: ${culprits.slice(-3).join(', ')}`;
}"""


def open_page(
    browser: Browser, site: Site, login: str | None, width: int = 1440, language: str = "fr"
) -> tuple[Page, list[str]]:
    """A page of somebody who is signed in, or not; and what it says to its console."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        extra_http_headers={"Accept-Language": language},
    )
    if login:
        cookie = {"name": "visiohub", "value": site.token(login), "url": site.origin}
        context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's own TypedDict
    page = context.new_page()
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


@contextmanager
def speaking(site: Site, login: str | None, language: str) -> Iterator[None]:
    """The account's own language, which is stronger than the browser's."""
    if login is None:
        yield
        return
    with site.hub.reading() as uow:
        person = uow.persons.list(login=login)[0]
    site.do(accounts.set_language, person.id, language)
    yield
    site.do(accounts.set_language, person.id, "fr")


def no_violation(page: Page, where: str = "") -> None:
    """WCAG 2.2 A and AA, as far as a machine can tell."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, f"{where or page.url}\n{found.generate_report()}"


def fits_when_narrow(page: Page, where: str = "") -> None:
    """No page is wider than its window, at 200 % zoom and at 320 CSS pixels (WCAG 1.4.10)."""
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(TOO_WIDE)
        assert over == "", f"{where or page.url} at {width}: {over}"
