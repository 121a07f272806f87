"""Pages by real Tab presses: skip link, a visible focus everywhere, the page's order, no trap."""

from __future__ import annotations

from typing import Any

import pytest
from hub_browser import open_page
from hub_site import Site
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = [
    (None, "/"),
    (None, "/sign-in"),
    ("caf1", "/agent"),
    ("caf1", "/agent/check"),
    ("caf1", "/account"),
    ("accueil-gap", "/reception"),
    ("accueil-gap", "/appointments/new?service_id={service}&kiosk_id={kiosk}"),
    ("coordination", "/calls"),
    ("technique", "/kiosks"),
    ("admin", "/admin/people/new"),
]
SETUP = """() => {
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const radios = new Set();
  window.expected = [...document.querySelectorAll(focusable)].filter((e) => {
    if (e.disabled || e.type === 'hidden' || !e.checkVisibility()) return false;
    const group = e.type === 'radio' && e.name;  // the group is one stop
    if (group && radios.has(group)) return false;
    if (group) radios.add(group);
    return true;
  });
}"""
STOP = """() => {
  const at = document.activeElement;
  if (at === document.body || at === document.documentElement) return null;
  const shown = at.matches('.slot input') ? at.nextElementSibling : at;
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  const group = at.type === 'radio' && at.name;
  return {
    index: window.expected.findIndex((e) => e === at || (group && e.name === group)),
    what: `${at.tagName} ${at.id || at.innerText || at.name}`.slice(0, 60),
    ring: parseFloat(style.outlineWidth) >= 3 && style.outlineStyle === 'solid',
    seen: box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1
      && (box.height > innerHeight  // a long table: its sides show the ring
        ? box.top < innerHeight && box.bottom > 0
        : box.top >= 0 && box.bottom <= innerHeight + 1),
  };
}"""


def tab_through(page: Page) -> list[dict[str, Any]]:
    """Every stop from the top until the page is left."""
    page.evaluate(SETUP)
    stops: list[dict[str, Any]] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (stops and stop["index"] == 0):
            return stops
        stops.append(stop)
    raise AssertionError("the keyboard does not get out of the page")


@pytest.mark.parametrize(("login", "path"), PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_tab_reaches_all_in_order_and_is_seen(
    browser: Browser, site: Site, login: str | None, path: str, width: int
) -> None:
    with site.hub.reading() as uow:
        agent = uow.persons.list(login="caf1")[0]
        service = uow.services.list(partner_id=agent.partner_id)[0]
    page, _said = open_page(browser, site, login, width)
    page.goto(site.origin + path.format(service=service.id, kiosk=site.demo.kiosk_id))
    stops = tab_through(page)
    assert [stop["index"] for stop in stops] == list(range(page.evaluate("expected.length")))
    assert [stop["what"] for stop in stops if not stop["ring"]] == []
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    page.context.close()


def test_the_skip_link_leads_past_the_nameboard(browser: Browser, site: Site) -> None:
    page, _said = open_page(browser, site, "caf1")
    page.goto(f"{site.origin}/agent")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.context.close()


def test_menu_of_a_telephone_opens_and_closes_by_keyboard(browser: Browser, site: Site) -> None:
    page, _said = open_page(browser, site, "caf1", 390)
    page.goto(f"{site.origin}/agent")
    menu = page.get_by_role("button", name="Menu")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/agent"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Menu"
    assert not page.locator("#menu").is_visible()
    page.context.close()
