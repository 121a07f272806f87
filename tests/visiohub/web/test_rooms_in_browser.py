"""Rooms in Chromium: a half-day on a pass, three rooms at once, a venue that agrees, who is at the
door, a room that frees itself when nobody comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hub_browser import fits_when_narrow, no_violation, open_page, speaking
from hub_jobs import each_minute
from hub_site import Site
from playwright.sync_api import Browser, Page, expect

from visiohub.booking.planning import doors
from visiohub.booking.rooms import attendance, book, free, lists
from visiohub.booking.rooms.forms import BookingForm
from visiohub.booking.rooms.writing import Booked
from visiohub.domain import hours
from visiohub.domain.booking import RoomBooking

pytestmark = pytest.mark.browser


def choose(page: Page, site: Site, rooms: dict[str, str], length: str) -> None:
    """The rooms (by venue) and how long; then the first day with a free time is shown."""
    page.goto(f"{site.origin}/bookings/new")
    page.get_by_label("Durée").select_option(length)
    for venue, room in rooms.items():
        page.get_by_role("group", name=venue).get_by_role("checkbox", name=room).check()
    no_violation(page)
    page.get_by_role("button", name="Voir les heures libres").click()


def see_price(page: Page) -> None:
    page.get_by_role("button", name="Voir le prix").click()
    expect(page.locator(".steps .now")).to_have_text("Prix")
    no_violation(page)


def kept(site: Site, page: Page) -> RoomBooking:
    """The booking whose page this is."""
    with site.hub.reading() as uow:
        return uow.bookings.get(page.url.partition("?")[0].rpartition("/")[2])


def test_a_telephone_shows_every_amount_of_a_statement(browser: Browser, site: Site) -> None:
    with site.hub.reading() as uow:
        pro = uow.persons.list(login="professionnel")[0]
        own = {account.id for account in uow.memberships.list(person_id=pro.id)}
        owed = next(c for c in uow.charges.list() if c.membership_id in own)
    page, _said = open_page(browser, site, "professionnel", width=390)
    page.goto(f"{site.origin}/statements/{owed.membership_id}/{owed.on:%Y-%m}")
    amounts = page.locator("td.n")
    expect(amounts.first).to_be_visible()
    for amount in amounts.all():
        box = amount.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    no_violation(page)
    page.context.close()


def test_a_half_day_on_a_pass_and_nobody_comes(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "professionnel")
    choose(page, site, {"Guillestre": "Bureau partagé"}, "half_day")
    slot = page.get_by_role("radio").first
    time = slot.get_attribute("value")
    slot.check(force=True)
    see_price(page)
    expect(page.locator(".price")).to_contain_text("1 demi-journée de votre carnet")
    expect(page.locator(".price tfoot td")).to_have_text("0,00\u00a0€")
    page.get_by_role("button", name="Réserver").click()
    expect(page.get_by_role("status").first).to_contain_text("La salle est réservée.")
    no_violation(page)
    fits_when_narrow(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    booking = kept(site, page)

    other, _said = open_page(browser, site, "professionnel")
    taken = f"input[name=slot][value='{time}']"
    choose(other, site, {"Guillestre": "Bureau partagé"}, "half_day")
    other.get_by_label("Autre jour").fill(f"{booking.starts_at:%d/%m/%Y}")
    other.get_by_role("button", name="Voir ce jour").click()
    expect(other.locator(taken)).to_have_count(0)
    expect(other.locator(".reasons")).to_contain_text("La salle est déjà prise")
    no_violation(other)

    with each_minute(site, "release_unused", booking.starts_at - timedelta(minutes=1)) as until:
        until(booking.starts_at + timedelta(minutes=14))
        site.tokens.clear()  # the session of the day of the booking is over
        later, _said = open_page(browser, site, "professionnel")
        later.goto(page.url)
        expect(later.locator(".facts")).to_contain_text("Réservé")
        until(booking.starts_at + timedelta(minutes=15))
        later.reload()
        expect(later.locator(".facts")).to_contain_text("Absence")
    other.get_by_role("button", name="Voir les heures libres").click()
    expect(other.locator(taken)).to_have_count(1)
    assert said == []
    for one in (page, other, later):
        one.context.close()


def test_who_stands_at_the_door_says_so_on_their_own_page(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "professionnel")
    choose(page, site, {"Guillestre": "Bureau partagé"}, "half_day")
    page.get_by_role("radio").first.check(force=True)
    see_price(page)
    page.get_by_role("button", name="Réserver").click()
    expect(page.get_by_role("status").first).to_contain_text("La salle est réservée.")
    booking = kept(site, page)
    with site.hub.reading() as uow:
        (room,) = uow.booked_rooms.list(booking_id=booking.id)
        (coordination,) = uow.persons.list(login="coordination")
    token = site.do(doors.give_address, room.room_id, coordination, site.hub.clock())
    with each_minute(site, "release_unused", booking.starts_at - timedelta(minutes=1)) as until:
        until(booking.starts_at)
        screen, _said = open_page(browser, site, None, width=1280)
        screen.goto(f"{site.origin}/door/{token}")
        no_violation(screen)
        (shown,) = re.findall(r"\d{4}", screen.locator(".moment:visible .code p").inner_text())
        site.tokens.clear()  # the session of the day of the booking is over
        there, _said = open_page(browser, site, "professionnel", width=390)
        there.goto(page.url)
        no_violation(there)
        fits_when_narrow(there)
        for typed, role, answer in (
            (f"{(int(shown) + 1) % 10000:04}", "alert", "Vérifiez les chiffres"),
            (shown, "status", "vous êtes sur place"),
        ):
            there.get_by_label("Code que montre l’écran de la porte").fill(typed)
            there.get_by_role("button", name="Je suis là").click()
            expect(there.get_by_role(role).first).to_contain_text(answer)
        until(booking.starts_at + timedelta(minutes=15))
        there.reload()
        expect(there.locator(".facts")).to_contain_text("Sur place")
    assert said == []
    for one in (page, screen, there):
        one.context.close()


@pytest.mark.parametrize(
    ("language", "on", "remove", "gone"),
    [
        ("fr", "écran en marche", "Retirer l’écran", "pas d’écran"),
        ("en", "screen on", "Remove the screen", "no screen"),
    ],
)
def test_a_screen_that_is_no_longer_there_is_removed(
    browser: Browser, site: Site, language: str, on: str, remove: str, gone: str
) -> None:
    with site.hub.reading() as uow:
        (venue,) = (v for v in uow.venues.list() if v.town == "Laragne-Montéglin")
        room = uow.rooms.list(venue_id=venue.id)[0]
        (coordination,) = uow.persons.list(login="coordination")
    token = site.do(doors.give_address, room.id, coordination, site.hub.clock())
    screen, _said = open_page(browser, site, None, width=1280)
    screen.goto(f"{site.origin}/door/{token}")
    with speaking(site, "accueil-laragne", language):
        desk, said = open_page(browser, site, "accueil-laragne", language=language)
        desk.goto(f"{site.origin}/planning/doors/{venue.id}")
        row = desk.get_by_role("listitem").filter(has_text=room.name)
        expect(row).to_contain_text(on)
        no_violation(desk)
        fits_when_narrow(desk)
        desk.get_by_role("button", name=f"{remove} {room.name}").click()
        expect(desk.get_by_role("status").first).to_be_visible()
        expect(row).to_contain_text(gone)
        no_violation(desk)
    answer = screen.reload()
    assert answer is not None
    assert answer.status == 404
    assert said == []
    for one in (desk, screen):
        one.context.close()


def test_what_a_pass_gives_is_not_told_as_free(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "professionnel")
    choose(page, site, {"Guillestre": "Bureau partagé"}, "half_day")
    page.get_by_role("radio").first.check(force=True)
    page.get_by_label("Une séance de visio").check()
    page.get_by_label("Où sont les autres").fill("Marseille")
    see_price(page)
    expect(page.locator(".price")).to_contain_text("de votre carnet")
    expect(page.locator(".travel")).to_contain_text("sur votre carnet, déjà payé")
    assert said == []
    page.context.close()


def test_three_rooms_at_once(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, "coordination")
    rooms = {"Guillestre": "Bureau visio", "Veynes": "Salle de réunion", "Embrun": "Bureau partagé"}
    choose(page, site, rooms, "120")
    page.get_by_role("radio").first.check(force=True)
    page.get_by_label("Une séance de visio").check()
    page.get_by_label("Où sont les autres").fill("Marseille")
    page.get_by_label("Personnes qui").fill("3")
    see_price(page)
    expect(page.locator(".travel")).to_contain_text("km de route")
    fits_when_narrow(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Réserver").click()
    for town in rooms:
        expect(page.locator(".facts")).to_contain_text(town)
    with site.hub.reading() as uow:
        assert len(uow.booked_rooms.list(booking_id=kept(site, page).id)) == 3
    assert said == []
    page.context.close()


def test_the_venue_agrees(browser: Browser, site: Site) -> None:
    with site.hub.reading() as uow:
        asked = uow.booked_rooms.list(state="requested")[0]
    desk, _said = open_page(browser, site, "accueil-chorges")
    desk.goto(f"{site.origin}/planning/bookings/{asked.id}")
    desk.get_by_role("button", name="Accepter").click()
    expect(desk.get_by_role("status").first).to_contain_text("acceptée")
    no_violation(desk)
    page, _said = open_page(browser, site, "professionnel")
    page.goto(f"{site.origin}/bookings/{asked.booking_id}")
    expect(page.locator(".facts")).to_contain_text("Réservé")
    page.get_by_text("Annuler la réservation").first.click()
    expect(page.locator("main details")).to_contain_text("Vous n’aurez rien à payer.")
    no_violation(page)
    page.get_by_role("button", name="Annuler la réservation").click()
    expect(page.get_by_role("status").first).to_contain_text("annulée")
    for one in (page, desk):
        one.context.close()


def two_of_which_one_is_asked_for(site: Site) -> Booked:
    """A booking of a room that its venue gives on request only, and of one that is free to book."""
    now = site.hub.clock()
    with site.hub.reading() as uow:
        (rules,) = uow.place_rules.list(needs_approval=True)
        (booker,) = uow.persons.list(login="professionnel")
        (guillestre,) = (v for v in uow.venues.list() if v.town == "Guillestre")
        room_ids = tuple(sorted((rules.id, uow.rooms.list(venue_id=guillestre.id)[0].id)))
        account = lists.own_accounts(uow, booker)[0]
        ahead = now + timedelta(days=1), now + timedelta(days=21)
        two_hours = timedelta(hours=2)
        (span,) = free.common_free(
            uow, room_ids, account.id, two_hours, *ahead, booker, now, most=1
        )
    starts, ends = (edge.astimezone(hours.zone_of(guillestre.time_zone)) for edge in span)
    form = BookingForm(
        room_ids=room_ids,
        day=starts.date(),
        starts=starts.time(),
        ends=ends.time(),
        membership_id=account.id,
    )
    made: Booked = site.do(book.book, form, booker, now)
    return made


def test_once_somebody_came_nobody_is_asked_to_refuse(browser: Browser, site: Site) -> None:
    made = two_of_which_one_is_asked_for(site)
    agreed, asked = sorted(made.rooms, key=lambda room: room.state)
    with site.hub.reading() as uow:
        (coordination,) = uow.persons.list(login="coordination")
    desk, said = open_page(browser, site, "accueil-chorges")
    words = {"fr": ("Accepter", "Refuser"), "en": ("Accept", "Refuse")}

    def buttons() -> Iterator[tuple[int, int]]:
        for language, (accept, refuse) in words.items():
            with speaking(site, "accueil-chorges", language):
                desk.goto(f"{site.origin}/planning/bookings/{asked.id}")
                no_violation(desk)
                found = [desk.get_by_role("button", name=name).count() for name in (accept, refuse)]
                yield found[0], found[1]

    assert set(buttons()) == {(1, 1)}
    started = made.booking.starts_at
    site.do(attendance.check_in, agreed.id, agreed.version, coordination, started)
    assert set(buttons()) == {(1, 0)}
    desk.get_by_role("button", name="Accept").click()
    expect(desk.locator(".title")).to_contain_text("Réservé")
    assert said == []
    desk.context.close()
