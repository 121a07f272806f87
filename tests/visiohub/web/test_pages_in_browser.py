"""Every page in Chromium: WCAG 2.2 AA by axe, no overflow, no console error; live fragments."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from hub_site import Site
from playwright.sync_api import Browser, Page, sync_playwright

from visiohub.booking import arrivals, presence
from visiohub.domain.model import Call
from visiohub.web.context import SIGNALING

pytestmark = pytest.mark.browser

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
PAGES = {
    None: ["/", "/sign-in", "/nowhere"],
    "caf1": ["/agent", "/appointments", "/appointments/new", "/kiosks", "/help", "/account"],
    "accueil-laragne": ["/reception", "/appointments/new", "/appointments"],
    "technique": ["/kiosks", "/kiosks/{kiosk}"],
    "coordination": ["/usage", "/calls", "/calls?from=2020-01-01&to=2020-01-02"],
    "professionnel": ["/venues"],
    "admin": [
        "/admin",
        "/admin/venues",
        "/admin/venues/{venue}",
        "/admin/venues/new",
        "/admin/kiosks/{kiosk}",
        "/admin/people/new",
        "/admin/services/new",
        "/admin/rooms?word=nothing",
    ],
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def open_page(
    browser: Browser, site: Site, login: str | None, width: int = 1440, language: str = "fr"
) -> tuple[Page, list[str]]:
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


def addresses(site: Site, login: str | None) -> list[str]:
    with site.hub.reading() as uow:
        venue = uow.venues.list()[0].id
    return [
        path.replace("{kiosk}", site.demo.kiosk_id).replace("{venue}", venue)
        for path in PAGES[login]
    ]


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.parametrize("width", [1440, 720, 390])
def test_every_page(browser: Browser, site: Site, login: str | None, width: int) -> None:
    """720 is 1440 at 200 % zoom."""
    page, said = open_page(browser, site, login, width)
    for path in addresses(site, login):
        page.goto(site.origin + path)
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
        if path != "/nowhere":
            assert said == [], path
    page.context.close()


def test_paper_and_appointment(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "caf1")
    page.goto(f"{site.origin}/appointments/{site.demo.convocation.appointment_id}")
    assert Axe().run(page, options=AXE).violations_count == 0
    page.get_by_role("button", name="Imprimer la convocation").click()
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert said == []
    page.context.close()


def test_booking_by_keyboard_errors_lead_to_fields(browser: Browser, site: Site) -> None:
    page, _said = open_page(browser, site, "accueil-laragne")
    page.goto(f"{site.origin}/appointments/new")
    page.get_by_label("Service").select_option(index=1)
    page.get_by_role("button", name="Voir les heures libres").press("Enter")
    page.get_by_role("button", name="Prendre ce rendez-vous").press("Enter")
    summary = page.get_by_role("alert")
    assert "n’est pas pris" in summary.inner_text()
    assert page.evaluate("document.activeElement.id") == "errors"
    summary.get_by_role("link").first.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in {"f-time", "#f-time"}
    page.context.close()


def call_without_appointment(site: Site) -> Call:
    """Somebody calls a service of CAF at the demo's kiosk."""
    hub = site.hub
    site.do(presence.kiosk_presence, site.demo.kiosk_id, True, "1.0", hub.clock())
    with hub.reading() as uow:
        agent = uow.persons.list(login="caf1")[0]
        service = next(
            s for s in uow.services.list(partner_id=agent.partner_id, walk_in=True) if s.active
        )
    ticket = site.do(
        arrivals.call_service,
        site.demo.kiosk_id,
        service.id,
        "fr",
        frozenset({agent.id}),
        hub.clock(),
    )
    with hub.reading() as uow:
        return uow.calls.get(ticket.call_id)


def test_arrivals_come_live_and_keep_what_is_open(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "caf1")
    page.goto(f"{site.origin}/agent")
    page.locator("html[data-line=open]").wait_for()
    call = call_without_appointment(site)
    row = page.locator(f'[data-key="c-{call.id}"]')
    row.wait_for(timeout=5000)
    assert row.get_by_role("link", name="Faire entrer").get_attribute("href") == (
        f"/agent/call/{call.id}"
    )
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()

    row.get_by_text("Autre réponse").click()
    minutes = row.get_by_label("Minutes annoncées à l’écran")
    minutes.fill("25")
    minutes.focus()
    site.do(presence.receive_walk_ins, _person(site), False)
    page.locator('#walk-ins[aria-pressed="false"]').wait_for(timeout=5000)
    assert minutes.input_value() == "25"
    assert minutes.evaluate("e => e === document.activeElement")
    site.do(presence.receive_walk_ins, _person(site), True)
    assert said == []
    page.context.close()


def _person(site: Site) -> str:
    with site.hub.reading() as uow:
        return uow.persons.list(login="caf1")[0].id


def test_help_is_seen_and_answered(browser: Browser, site: Site) -> None:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
        kiosk = uow.kiosks.at_venue(venue.id)[0]
    page, _said = open_page(browser, site, "accueil-laragne")
    page.goto(f"{site.origin}/reception/{venue.id}")
    page.locator("html[data-line=open]").wait_for()
    site.do(presence.help_wanted, kiosk.id, True, site.hub.clock())
    coming = page.get_by_role("button", name="J’arrive")
    coming.wait_for(timeout=5000)
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    coming.click()
    page.get_by_text("L’écran dit : quelqu’un arrive").wait_for(timeout=5000)
    page.context.close()


def test_a_cut_line_is_said_and_comes_back_by_itself(browser: Browser, site: Site) -> None:
    page, _said = open_page(browser, site, "caf2")
    page.goto(f"{site.origin}/agent")
    signaling = site.app[SIGNALING]
    page.locator("html[data-line=open]").wait_for()
    page.route("**/healthz", lambda route: route.abort())

    async def cut() -> None:
        for tab in signaling._presence.tabs():
            tab.peer.dismiss("internal", "cut by a test")

    site.run(cut())
    page.get_by_text("La liaison est coupée").wait_for(timeout=3000)
    page.unroute("**/healthz")
    page.locator("#offline").wait_for(state="hidden", timeout=5000)
    page.context.close()


def test_the_empty_hub_says_what_comes_next(browser: Browser, empty_site: Site) -> None:
    page, said = open_page(browser, empty_site, "admin")
    for path in ("/", "/kiosks", "/calls", "/usage", "/admin/venues", "/venues", "/appointments"):
        page.goto(empty_site.origin + path)
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert said == [], path
    page.context.close()
