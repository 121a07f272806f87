"""The planning in Chromium: moved by keyboard and by drag, overtaken by somebody else, live.

A citizen without a telephone is booked from a free hour; the screen beside a door has no line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from coming_days import first_workday
from hub_browser import fits_when_narrow, no_violation, open_page
from hub_site import Site
from playwright.sync_api import Browser, Page, expect

from visiohub.booking import appointments
from visiohub.booking.forms import AppointmentForm, MoveForm
from visiohub.booking.planning import doors
from visiohub.domain.model import Kiosk, Person, Service, Venue

pytestmark = pytest.mark.browser

PARIS = ZoneInfo("Europe/Paris")
MOVED = "#moved [data-done]"


@dataclass
class Place:
    """Laragne on a Tuesday that nobody else uses."""

    site: Site
    venue: Venue
    kiosk: Kiosk
    agent: Person
    service: Service
    day: date

    @property
    def address(self) -> str:
        return f"{self.site.origin}/planning?venue={self.venue.id}&day={self.day}"

    def book(self, clock: str) -> str:
        form = AppointmentForm(
            service_id=self.service.id,
            kiosk_id=self.kiosk.id,
            day=self.day,
            time=time.fromisoformat(clock),
            initials="D. R.",
        )
        booked = self.site.do(appointments.book, form, self.agent, self.site.hub.clock())
        return booked.appointment_id

    def when(self, appointment_id: str) -> datetime:
        with self.site.hub.reading() as uow:
            starts_at = uow.appointments.get(appointment_id).starts_at
        return starts_at.astimezone(PARIS).replace(tzinfo=None)

    def move(self, appointment_id: str, clock: str) -> None:
        """Somebody else does."""
        with self.site.hub.reading() as uow:
            version = uow.appointments.get(appointment_id).version
        form = MoveForm(kiosk_id=self.kiosk.id, day=self.day, time=time.fromisoformat(clock))
        self.site.do(
            appointments.move, appointment_id, form, version, self.agent, self.site.hub.clock()
        )


@pytest.fixture(scope="module")
def place(site: Site) -> Place:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
        agent = uow.persons.list(login="caf1")[0]
        services = uow.services.list(partner_id=agent.partner_id, walk_in=False, active=True)
        service = next(s for s in services if s.duration_minutes == 30)
        kiosk = uow.kiosks.at_venue(venue.id)[0]
    today = site.hub.clock().astimezone(PARIS).date()
    day = first_workday(1, today + timedelta(days=21))
    return Place(site, venue, kiosk, agent, service, day)


def said(text: str) -> str:
    """Hours are not cut at the end of a line."""
    return re.sub(r"(\d) h( (?=\d))?", lambda m: m[0].replace(" ", "\u00a0"), text)


def open_planning(browser: Browser, place: Place, login: str) -> tuple[Page, list[str]]:
    page, console = open_page(browser, place.site, login, width=1280)
    page.goto(place.address)
    page.locator("html[data-line=open]").wait_for()
    no_violation(page)
    return page, console


def test_a_narrow_day_says_when_and_whose(browser: Browser, place: Place) -> None:
    kept = place.book("16:00")
    page, _said = open_page(browser, place.site, "caf1")
    page.goto(f"{place.address}&view=")
    days = page.locator("th.of a")
    days.nth(4).click()
    entry = page.locator(f'td:not(.open-day) [data-id="{kept}"]')
    title = entry.get_attribute("title")
    assert title is not None
    assert title.startswith(said("CAF, 16 h à 16 h 30, "))
    inside = entry.bounding_box()
    for part in (".when", "b"):
        seen = entry.locator(part).bounding_box()
        assert inside is not None
        assert seen is not None
        assert seen["width"] > 20
        assert seen["y"] + seen["height"] <= inside["y"] + inside["height"]
    no_violation(page)
    page.context.close()


def test_an_agent_moves_an_appointment_by_keyboard_and_by_drag(
    browser: Browser, place: Place
) -> None:
    moving = place.book("09:00")
    page, _said = open_planning(browser, place, "caf1")
    entry = page.locator(f'[data-id="{moving}"]')
    heard = page.locator("#announcer")

    entry.focus()
    page.keyboard.press("Space")
    expect(heard).to_contain_text("Déplacement de CAF, 9 h à 9 h 30")
    page.keyboard.press("PageDown")
    expect(heard).to_contain_text("10 h à 10 h 30, libre")
    page.keyboard.press("Escape")
    expect(heard).to_contain_text("reste à sa place")
    assert place.when(moving).time() == time(9)

    page.keyboard.press("Space")
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    page.locator("dialog form").wait_for()
    no_violation(page)
    page.keyboard.press("Enter")
    page.locator(MOVED).wait_for()
    assert place.when(moving) == datetime.combine(place.day, time(10))
    expect(entry).to_be_focused()
    expect(entry).to_have_attribute("data-title", said("CAF, 10 h à 10 h 30"))
    no_violation(page)

    # to Thursday; meanwhile somebody else moves it, and what was typed is kept
    thursday = place.day + timedelta(days=2)
    target = page.locator(f'th[data-day="{thursday}"]').bounding_box()
    start = entry.bounding_box()
    assert target is not None
    assert start is not None
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] / 2, start["y"] + 8, steps=5)
    expect(page.locator(".ghost")).to_contain_text("10 h")
    page.mouse.up()
    page.get_by_label("Heure").fill("11 h 15")
    place.move(moving, "14:00")
    page.get_by_role("button", name="Déplacer").click()
    both = page.get_by_role("heading", name="Les deux versions")
    both.wait_for()
    no_violation(page)
    expect(page.locator("dialog table")).to_contain_text("14 h")
    assert page.get_by_label("Heure").input_value() == "11 h 15"
    page.get_by_role("button", name="Déplacer quand même").click()
    expect(page.locator(MOVED)).to_contain_text("11 h 15")
    assert place.when(moving) == datetime.combine(thursday, time(11, 15))

    # what others do comes without a reload
    place.move(moving, "09:30")
    expect(entry).to_have_attribute("data-title", said("CAF, 9 h 30 à 10 h"))
    page.context.close()


def test_reception_books_for_a_citizen_without_a_telephone(browser: Browser, place: Place) -> None:
    page, console = open_planning(browser, place, "accueil-laragne")
    hour = f"[href*='day={place.day}&time=15:00']"
    cell = page.locator(f"a.take{hour}")
    cell.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/appointments/new?**")
    no_violation(page)
    page.get_by_label("Service").select_option(place.service.id)
    page.get_by_role("button", name="Voir les heures libres").click()
    assert page.locator("input[name=time]:checked").input_value() == "15:00"
    no_violation(page)
    page.get_by_label("Initiales de la personne").fill("F. B.")
    page.get_by_role("button", name="Prendre ce rendez-vous").click()
    page.get_by_role("button", name="Imprimer la convocation").click()
    assert len(page.locator(".digits").inner_text().replace("\u00a0", "")) == 8
    no_violation(page)
    page.goto(place.address)
    page.get_by_role("link", name="F. B.").wait_for()
    page.goto(f"{place.site.origin}/planning/sheet?venue={place.venue.id}&day={place.day}")
    page.get_by_text("F. B.").wait_for()
    no_violation(page)
    fits_when_narrow(page)
    assert console == []
    page.context.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_full_day_of_four_rooms_prints_on_one_sheet(
    browser: Browser, site: Site, language: str
) -> None:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Gap")
    day = site.hub.clock().date() + timedelta(days=60)  # nothing is booked yet
    page, console = open_page(browser, site, "accueil-gap", language=language)
    page.goto(f"{site.origin}/planning/sheet?venue={venue.id}&day={day}")
    fill = """(rooms) => rooms.forEach((room) => {
        const row = room.querySelector("tr").cloneNode(true);
        row.innerHTML = "<th>16 h 45 à 17 h 30</th><td><b>France Travail</b>, L. C.</td>"
            + "<td>Visio-rendez-vous, Terminé</td><td><span class=box></span></td><td></td>";
        row.className = "";
        while (room.rows.length < COUNT) room.prepend(row.cloneNode(true));
    })"""
    rooms = page.locator("tbody")
    assert rooms.count() == 4
    rooms.evaluate_all(fill.replace("COUNT", "8"))  # two of them free
    assert sheets(page) == 1
    rooms.evaluate_all(fill.replace("COUNT", "12"))
    assert sheets(page) == 2
    assert console == []
    page.context.close()


def sheets(page: Page) -> int:
    """Of A4, on paper."""
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def test_a_telephone_lists_one_room_of_one_day(browser: Browser, place: Place) -> None:
    page, console = open_page(browser, place.site, "accueil-laragne", width=390)
    page.goto(place.address)
    page.locator("html[data-line=open]").wait_for()
    room = page.locator("th.room:visible").bounding_box()  # strict: there is one
    assert room is not None
    assert room["width"] > 250
    no_violation(page)
    fits_when_narrow(page)
    page.set_viewport_size({"width": 390, "height": 844})
    wednesday = page.get_by_role("navigation", name="Jours").get_by_role("link").nth(2)
    wednesday.click()
    page.wait_for_url(f"**day={place.day + timedelta(days=1)}**")
    assert console == []
    page.context.close()


def test_a_telephone_reaches_each_room_and_day_of_a_week(browser: Browser, site: Site) -> None:
    page, console = open_page(browser, site, "accueil-gap", width=390)
    page.goto(f"{site.origin}/planning")  # a week draws two of its four rooms at a time
    page.locator("html[data-line=open]").wait_for()
    days = page.locator(".one-room .of-days a")
    for day in days.all():
        box = day.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.5.8
    days.first.click()
    assert "Lundi" in page.locator(".one-room p").inner_text()
    rooms = page.get_by_role("navigation", name="Salles")
    rooms.get_by_role("link", name="Atelier partagé").click()
    assert page.locator("th.room:visible").inner_text() == "Atelier partagé"
    assert "Lundi" in page.locator(".one-room p").inner_text()
    no_violation(page)
    fits_when_narrow(page)
    assert console == []
    page.context.close()


def test_the_screen_beside_a_door_is_honest_without_its_line(
    browser: Browser, place: Place
) -> None:
    hub = place.site.hub
    with hub.reading() as uow:
        coordination = uow.persons.list(login="coordination")[0]
    token = place.site.do(doors.give_address, place.kiosk.room_id, coordination, hub.clock())
    page, _said = open_page(browser, place.site, None, width=1280)
    page.clock.install()
    page.goto(f"{place.site.origin}/door/{token}")
    shown = page.locator(".moment:visible h1")
    shown.wait_for()
    no_violation(page)
    fits_when_narrow(page)
    page.context.set_offline(True)
    page.clock.run_for("02:00")
    expect(page.locator("#age")).to_contain_text("Sans nouvelles depuis")
    no_violation(page)
    page.clock.run_for("01:01:00")
    expect(page.locator("#age")).to_contain_text("Ne vous fiez pas à cet écran")
    expect(shown).to_have_count(0)
    page.context.set_offline(False)
    with page.expect_response("**/door/**"):  # it asks anew by itself
        for _ in range(5):
            page.clock.run_for("00:05")
    expect(page.locator("#age")).to_be_hidden()
    expect(shown).to_have_count(1)
    page.context.close()
