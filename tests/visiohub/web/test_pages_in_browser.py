"""Every page in Chromium: WCAG 2.2 AA by axe, no overflow, no console error; live fragments."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hub_browser import LANGUAGES, fits_when_narrow, no_violation, open_page, speaking
from hub_site import Site
from playwright.sync_api import Browser, WebSocketRoute

from visiohub.booking import arrivals, presence, waiting
from visiohub.booking.forms import (
    KioskForm,
    PartnerForm,
    RoomForm,
    ServiceForm,
    TerritoryForm,
    VenueForm,
    read_form,
)
from visiohub.booking.imports import uploads
from visiohub.booking.territory import create, retire
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import Call

pytestmark = pytest.mark.browser

KINDS = ("venues", "rooms", "kiosks", "lines", "partners", "services", "people")
APPOINTMENT = "/appointments/{appointment}"
MOVE = "/planning/move?kind=appointment&id={appointment}"
PAGES = {
    None: [
        "/", "/?word=nowhere", "/sign-in", "/nowhere", "/near", "/near?place=nowhere",
        "/near?what=room&place=Gap", "/near?service_id={service}", "/my",
        "/near/{venue}?service_id={service}", "/wait?service_id={service}&venue_id={venue}",
    ],
    "caf1": [
        "/permanences", "/permanences/new",
        "/agent", "/agent/check", "/agent/call/{call}", "/appointments", "/appointments?from=x",
        "/appointments/new", APPOINTMENT, f"{APPOINTMENT}/move", f"{APPOINTMENT}/trail",
        "/planning?view=day", MOVE, "/help", "/account", "/admin", "/waiting/{waiting}",
        "/calendars",
    ],
    "accueil-laragne": [
        "/reception", "/appointments", "/appointments/new?service_id={service}&kiosk_id={kiosk}",
        "/reception/{venue}", "/planning", "/planning?day=x", "/planning/sheet?venue={laragne}",
        "/waiting", "/waiting/{waiting}", "/waiting?word=nothing",
        "/planning/doors/{laragne}",
    ],
    "technique": [
        "/kiosks", "/kiosks/{kiosk}", "/lines", "/lines?word=nowhere", "/lines/{line}",
        "/lines/compare?line={line}", "/lines/{line}/note", "/lines/{line}/works",
        "/lines/{line}/test", "/lines/{line}/trail",
        "/lines/{line}/modem", "/lines/{line}/speed",
    ],
    "coordination": [
        "/usage", "/calls", "/calls?from=2020-01-01&to=2020-01-02", "/usage?from=31/31/2026",
        "/usage?by=week",
        "/accounts", "/accounts/new", "/accounts/{account}", "/organisations/new",
        "/organisations/{organisation}", "/prices", "/prices?venue={venue}", "/places",
        "/places/{venue}", "/places/{room}", "/places/desk-{venue}", "/school-holidays",
        "/trail", "/planning?view=day&venue={venue}&venue={laragne}",
    ],
    "professionnel": [
        "/venues", "/venues?word=nowhere", "/help", "/bookings", "/bookings/new",
        "/bookings/new?room_ids={room}", "/bookings/{booking}", "/bookings/{booking}/move",
        "/bookings/{visio}", "/bookings/{visio}/visio",
        "/statements/{account}/2026-11",
    ],
    "admin": [
        "/connections", "/connections/api", "/calendars",
        "/admin", "/kiosks/{kiosk}", "/admin/rooms?word=nothing", "/admin/venues/{venue}",
        "/admin/imports", "/admin/imports/{upload}", "/admin/data", "/admin/data/staff/{agent}",
        "/admin/data/citizen/{appointment}",
        "/lines/{line}/terms",
        "/admin/kiosks/{kiosk}", *(f"/admin/{kind}" for kind in KINDS),
        *(f"/admin/{kind}/new" for kind in KINDS),
    ],
}  # fmt: skip
REFUSED = {"/nowhere", "/admin of caf1", "/reception/{venue}"}
"""Pages of trouble: the browser itself notes their status in its console."""


@pytest.fixture(scope="module")
def places(site: Site) -> dict[str, str]:
    """What stands in the addresses' braces."""
    call = call_without_appointment(site)
    with site.hub.reading() as uow:
        embrun = next(v for v in uow.venues.list() if v.town == "Embrun")
        laragne = next(v for v in uow.venues.list() if "Laragne" in v.town)
        line = uow.lines.list(venue_id=embrun.id)[0]
        agent = uow.persons.list(login="caf1")[0]
        service = uow.services.list(partner_id=agent.partner_id)[0]
        booking = uow.bookings.list()[0]
        visio = uow.bookings.list(visio=True)[0]
        organisation = uow.organisations.list()[0]
        booked = uow.booked_rooms.list(booking_id=booking.id)[0]
        admin = uow.persons.list(login="admin")[0]
    wrong = b"Lieu;Nom;Places\nNulle part;A;0\n"
    upload = site.do(uploads.send, "rooms", "salles.csv", wrong, admin, site.hub.clock())
    return {
        "waiting": somebody_waits(site, service.id, laragne.id),
        "agent": agent.id,
        "upload": upload.id,
        "kiosk": site.demo.kiosk_id,
        "venue": embrun.id,
        "laragne": laragne.id,
        "line": line.id,
        "appointment": site.demo.convocation.appointment_id,
        "service": service.id,
        "call": call.id,
        "booking": booking.id,
        "visio": visio.id,
        "room": booked.room_id,
        "account": booking.membership_id,
        "organisation": organisation.id,
    }


def somebody_waits(site: Site, service_id: str, venue_id: str) -> str:
    """Somebody who cannot be written to; the entry's id."""
    now = site.hub.clock()
    form = WaitingForm(
        service_id=service_id, venue_ids=(venue_id,), not_after=now + timedelta(weeks=4)
    )
    return site.do(waiting.join, form, "waits", "192.0.2.77", "fr", now).id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", PAGES)
def test_every_page(
    browser: Browser, site: Site, places: dict[str, str], login: str | None, language: str
) -> None:
    """In French as on a desktop, in English as on a telephone; narrow in both."""
    width = {"fr": 1440, "en": 390}[language]
    page, said = open_page(browser, site, login, width, language)
    with speaking(site, login, language):
        for path in PAGES[login]:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(site.origin + path.format(**places))
            assert page.locator("html").get_attribute("lang") == language
            no_violation(page)
            fits_when_narrow(page)
            if {path, f"{path} of {login}"}.isdisjoint(REFUSED):
                assert said == [], path
            said.clear()
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_and_appointment(browser: Browser, site: Site, language: str) -> None:
    page, said = open_page(browser, site, "caf1", language=language)
    with speaking(site, "caf1", language):
        page.goto(f"{site.origin}/appointments/{site.demo.convocation.appointment_id}")
        page.locator("main form[action$='/convocation'] button").click()
        no_violation(page)
        fits_when_narrow(page)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert said == []
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_once(browser: Browser, site: Site, language: str) -> None:
    """A password and an enrolment code: read, written down, left."""
    with site.hub.reading() as uow:
        person = uow.persons.list(login="msa2")[0]
        kiosk = next(k for k in uow.kiosks.list() if k.id != site.demo.kiosk_id)
    page, said = open_page(browser, site, "admin", language=language)
    with speaking(site, "admin", language):
        for path, button in (
            (f"/admin/people/{person.id}", "button[name=set_password]"),
            (f"/admin/kiosks/{kiosk.id}", "form[action$='/code'] button"),
        ):
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(site.origin + path)
            page.locator(button).click()
            page.locator(".secret").wait_for()
            no_violation(page)
            fits_when_narrow(page)
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
    row.wait_for()
    assert row.get_by_role("link", name="Faire entrer").get_attribute("href") == (
        f"/agent/call/{call.id}"
    )
    no_violation(page)

    row.get_by_text("Autre réponse").click()
    minutes = row.get_by_label("Minutes annoncées à l’écran")
    minutes.fill("25")
    minutes.focus()
    site.do(presence.receive_walk_ins, _person(site), False)
    page.locator('#walk-ins[aria-pressed="false"]').wait_for()
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
    coming.wait_for()
    no_violation(page)
    coming.click()
    page.get_by_text("L’écran dit : quelqu’un arrive").wait_for()
    page.context.close()


@pytest.mark.parametrize(("path", "login"), [("/agent", "caf2"), ("/kiosks", "technique")])
def test_a_cut_line_is_said_and_comes_back_by_itself(
    browser: Browser, site: Site, path: str, login: str
) -> None:
    page, _said = open_page(browser, site, login)
    wires: list[WebSocketRoute] = []
    away = False

    def answer(wire: WebSocketRoute) -> None:
        if away:
            wire.close()
        else:
            wire.connect_to_server()
            wires.append(wire)

    page.route_web_socket("**/signaling/**", answer)
    page.goto(site.origin + path)
    page.locator("html[data-line=open]").wait_for()
    away = True
    page.route("**/healthz", lambda route: route.abort())
    wires[-1].close()
    page.get_by_text("La liaison est coupée").wait_for()
    no_violation(page)
    fits_when_narrow(page)
    away = False
    page.unroute("**/healthz")
    page.locator("#offline").wait_for(state="hidden")
    page.context.close()


def test_a_word_longer_than_a_telephone_is_wide(browser: Browser, empty_site: Site) -> None:
    word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    made = []

    def make(form: type[TerritoryForm], **facts: object) -> str:
        thing = empty_site.do(create, read_form(form, facts), None, empty_site.hub.clock())
        made.append(thing)
        return str(thing.id)

    venue = make(
        VenueForm, name=word, kind=word, street=word, postcode="05000", town=word, latitude=44,
        longitude=6, phone="04 65 71 20 05",
    )  # fmt: skip
    room = make(RoomForm, venue_id=venue, name=word, capacity=2, door=word, equipment=word)
    kiosk = make(KioskForm, room_id=room, name=word)
    partner = make(PartnerForm, name=word, short_name=word[:40], phone="3230")
    make(ServiceForm, partner_id=partner, name=word, duration_minutes=15)
    page, _said = open_page(browser, empty_site, "admin", 390)
    for path in (
        "/", "/venues", "/kiosks", f"/kiosks/{kiosk}", "/admin/venues", "/admin/rooms",
        "/admin/kiosks", "/admin/services", f"/admin/venues/{venue}", f"/admin/rooms/{room}",
    ):  # fmt: skip
        page.goto(empty_site.origin + path)
        fits_when_narrow(page)
    page.context.close()
    for thing in reversed(made):
        empty_site.do(retire, type(thing), thing.id, 1, None, empty_site.hub.clock())


def test_the_empty_hub_says_what_comes_next(browser: Browser, empty_site: Site) -> None:
    page, said = open_page(browser, empty_site, "admin")
    for path in ("/", "/kiosks", "/calls", "/usage", "/admin/venues", "/venues", "/appointments"):
        page.goto(empty_site.origin + path)
        no_violation(page)
        assert said == [], path
    page.context.close()
