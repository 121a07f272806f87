"""Moves, the desk's bookings, doors and the audit trail over HTTP, without a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site, inputs_of

from visiohub.booking import appointments, waiting, waiting_desk
from visiohub.booking.forms import AppointmentForm
from visiohub.booking.planning import doors
from visiohub.booking.rooms import book
from visiohub.booking.rooms.forms import BookingForm
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.booking import BookedRoom
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.door import LIVING
from visiohub.domain.hours import zone_of
from visiohub.domain.model import Person
from visiohub.errors import Busy
from visiohub.web.formats import short_day
from visiohub.web.i18n import speak


@dataclass
class Desk:
    """Laragne on a Thursday of its own."""

    site: Site
    person: Person
    kiosk_id: str
    room_id: str
    service_id: str
    day: date

    def book(self, clock: str) -> str:
        form = AppointmentForm(
            service_id=self.service_id,
            kiosk_id=self.kiosk_id,
            day=self.day,
            time=time.fromisoformat(clock),
        )
        now = self.site.hub.clock()
        return self.site.do(appointments.book, form, self.person, now).appointment_id

    def book_room(self, starts: str, ends: str, **account: str) -> BookedRoom:
        with self.site.hub.reading() as uow:
            held = uow.memberships.list(books_as=Profile.PROFESSIONAL, **account)[0]
        form = BookingForm(
            room_ids=(self.room_id,),
            day=self.day,
            starts=time.fromisoformat(starts),
            ends=time.fromisoformat(ends),
            membership_id=held.id,
        )
        made = self.site.do(book.book, form, self.person, self.site.hub.clock())
        room: BookedRoom = made.rooms[0]
        return room


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
        person = uow.persons.list(login="accueil-laragne")[0]
        kiosk = uow.kiosks.at_venue(venue.id)[0]
        partner = next(p for p in uow.partners.list() if p.short_name == "CAF")
        services = uow.services.list(partner_id=partner.id, walk_in=False, active=True)
    today = site.hub.clock().date()
    day = first_workday(3, today + timedelta(days=28))
    return Desk(site, person, kiosk.id, kiosk.room_id, services[0].id, day)


async def test_an_overtaken_move_shows_both_versions_and_keeps_what_was_typed(
    desk: Desk, reception: aiohttp.ClientSession
) -> None:
    moving = desk.book("09:00")
    query = {"kind": "appointment", "id": moving}
    async with reception.get("/planning/move", params=query) as answer:
        first = inputs_of(await answer.text())
    wish = {**first, "room_id": desk.room_id, "time": "10 h"}
    async with reception.post("/planning/move", data=wish) as answer:
        assert (answer.status, "est déplacé" in await answer.text()) == (200, True)
    for address, typed in (
        ("/planning/move", {**wish, "time": "11 h 15"}),
        (
            f"/appointments/{moving}/move",
            {"kiosk_id": desk.kiosk_id, "day": str(desk.day), "time": "11:15", "book": "1",
             "version": first["version"]},
        ),
    ):  # fmt: skip
        async with reception.post(address, data=typed) as answer:
            text = await answer.text()
        assert answer.status == 409, address
        assert "Les deux versions" in text
        assert "10\u00a0h" in text
        assert inputs_of(text)["version"] != first["version"]
    async with reception.post("/planning/move", data={**wish, "time": "midi"}) as answer:
        text = await answer.text()
        assert (answer.status, inputs_of(text)["time"]) == (422, "midi")


async def test_an_hour_that_is_over_is_not_offered(
    desk: Desk, reception: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 10:20 of each of the last seven days: some of them was open."""
    zone = zone_of("Europe/Paris")
    with desk.site.hub.reading() as uow:
        venue_id = uow.rooms.get(desk.room_id).venue_id
    offered = set[str]()
    today = desk.site.hub.clock().astimezone(zone).date()
    for back in range(1, 8):
        then = datetime.combine(today - timedelta(days=back), time(10, 20), zone)
        monkeypatch.setattr(desk.site.hub, "clock", lambda then=then: then.astimezone(UTC))
        query = {"venue": venue_id, "day": f"{then.date()}", "view": "day"}
        async with reception.get("/planning", params=query) as answer:
            offered |= set(re.findall(r"&amp;time=(\d\d:\d\d)", await answer.text()))
    assert offered
    assert min(offered) >= "10:20"


async def test_a_booking_moves_at_the_price_that_was_shown(
    desk: Desk, reception: aiohttp.ClientSession
) -> None:
    room = desk.book_room("11:00", "11:30")
    async with reception.get("/planning/move", params={"kind": "booking", "id": room.id}) as answer:
        text = await answer.text()
    shown = inputs_of(text)["shown_total"]
    assert "Prix actuel" in text
    wish = {**inputs_of(text), "room_id": desk.room_id, "time": "11 h 30"}
    async with reception.post("/planning/move", data={**wish, "shown_total": "0.07"}) as answer:
        text = await answer.text()
    assert (answer.status, inputs_of(text)["shown_total"]) == (409, shown)
    assert "au lieu de 0,07\u00a0€" in text
    assert "Déplacer pour" in text
    async with reception.post(
        "/planning/move", data=inputs_of(text) | {"room_id": desk.room_id}
    ) as answer:
        assert (answer.status, "est déplacée" in await answer.text()) == (200, True)


async def test_others_appointments_are_not_moved(desk: Desk, site: Site) -> None:
    moving = desk.book("14:00")
    query = {"kind": "appointment", "id": moving}
    for login, status in (("msa1", 403), ("coordination", 403), ("accueil-serres", 403)):
        async with (
            site.client(login) as client,
            client.get("/planning/move", params=query) as answer,
        ):
            assert answer.status == status, login
    async with site.client("accueil-serres") as client:
        with site.hub.reading() as uow:
            venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
        async with client.get("/planning", params={"venue": venue.id}) as answer:
            assert answer.status == 403


async def test_a_day_that_no_calendar_holds_is_named(
    desk: Desk, reception: aiohttp.ClientSession
) -> None:
    room = desk.book_room("08:00", "08:30")
    for kind, entry_id in (("appointment", desk.book("09:00")), ("booking", room.id)):
        query = {"kind": kind, "id": entry_id}
        async with reception.get("/planning/move", params=query) as answer:
            first = inputs_of(await answer.text())
        for day in ("12/12/2525", "31/12/9999", "0001-01-01"):
            far = {"day": day, "time": "23:59"}
            async with reception.get("/planning/move", params=query | far) as answer:
                assert answer.status == 200, day
            wish = first | {"room_id": desk.room_id, "day": day}
            async with reception.post("/planning/move", data=wish) as answer:
                text = await answer.text()
            assert (answer.status, "des années 2000 à 2199" in text) == (422, True), day


async def test_a_booking_of_several_days_says_until_which(desk: Desk, site: Site) -> None:
    with site.hub.reading() as uow:
        gap = next(v for v in uow.venues.list() if v.town == "Gap")
        room = uow.rooms.list(venue_id=gap.id, name="Atelier partagé")[0]
        held = uow.memberships.list(books_as=Profile.PROFESSIONAL)[0]
        by = uow.persons.list(login="coordination")[0]
    last_day = desk.day + timedelta(days=2)
    form = BookingForm(
        room_ids=(room.id,),
        day=desk.day,
        starts=time(14),
        ends=time(10),
        last_day=last_day,
        membership_id=held.id,
    )
    made = site.do(book.book, form, by, site.hub.clock())
    booked_id = made.rooms[0].id
    speak("fr")
    until = f"à {short_day(last_day)}, 10\u00a0h"
    async with site.client("coordination") as client:
        for path in (
            f"/planning/bookings/{booked_id}",
            f"/planning/move?kind=booking&id={booked_id}",
            f"/planning/sheet?venue={gap.id}&day={desk.day}",
            f"/planning/sheet?venue={gap.id}&day={last_day}",
            f"/planning?venue={gap.id}&day={desk.day}&view=day",
        ):
            async with client.get(path) as answer:
                text = re.sub("title=.*?>", "", await answer.text())
                assert (answer.status, until in text) == (200, True), path


async def test_keys_go_out_once_and_come_back(desk: Desk, reception: aiohttp.ClientSession) -> None:
    room = desk.book_room("15:00", "16:00")
    path = f"/planning/bookings/{room.id}"
    badge = {"name": "Badge 4"}
    async with reception.post(f"{path}/keys/out", data=badge) as answer:
        text = await answer.text()
        assert (answer.status, "notée sortie" in text) == (200, True)
    loan = inputs_of(text)["loan_id"]
    async with reception.post(f"{path}/keys/out", data=badge) as answer:
        text = await answer.text()
        assert (answer.status, "déjà sorti" in text) == (409, True)
        assert inputs_of(text)["name"] == "Badge 4"
    for status in (200, 409):
        async with reception.post(f"{path}/keys/back", data={"loan_id": loan}) as answer:
            assert answer.status == status
    async with reception.post(f"{path}/check-in", data={"version": "1"}) as answer:
        assert answer.status == 409  # weeks too early
    async with reception.get(f"{path}/trail") as answer:
        text = await answer.text()
    assert "Clé ou badge sorti" in text
    assert "Badge 4" in text


async def test_a_key_is_not_lost_with_the_booking_that_it_was_for(
    desk: Desk, site: Site, reception: aiohttp.ClientSession
) -> None:
    room = desk.book_room("13:30", "14:00")
    path, own = f"/planning/bookings/{room.id}", f"/bookings/{room.booking_id}"
    async with reception.post(f"{path}/keys/out", data={"name": "Badge 9"}) as answer:
        loan = inputs_of(await answer.text())["loan_id"]
    async with site.client("professionnel") as booker:
        async with booker.get(own) as answer:
            text = await answer.text()
        assert "À rendre à l’accueil\u00a0: Badge 9." in text
        async with booker.post(f"{own}/cancel", data=inputs_of(text)) as answer:
            text = await answer.text()
        assert "La réservation est annulée" in text
        assert "À rendre à l’accueil\u00a0: Badge 9." in text
    async with reception.get("/reception") as answer:
        out = re.search(r'data-key="l-' + loan + r'".*?</li>', await answer.text(), re.DOTALL)
    assert out is not None
    assert "Badge 9" in out[0]
    assert "Annulé" in out[0]
    async with reception.post(f"{path}/keys/back", data={"loan_id": loan}) as answer:
        assert (answer.status, "notée rendue" in await answer.text()) == (200, True)
    async with reception.get("/reception") as answer:
        assert f"l-{loan}" not in await answer.text()


async def test_printed_pages_are_counted_for_who_has_the_room(
    desk: Desk, reception: aiohttp.ClientSession
) -> None:
    room = desk.book_room("12:30", "13:30", profile="association")
    path = f"/planning/bookings/{room.id}"
    async with reception.get(path) as answer:
        text = await answer.text()
    assert "50 pages sans payer ce mois-ci, puis 0,15\u00a0€ la page." in text
    async with reception.post(f"{path}/pages", data={"pages": "beaucoup"}) as answer:
        text = await answer.text()
        assert (answer.status, 'href="#f-pages"' in text) == (422, True)
    form = {"key": inputs_of(text)["key"], "pages": "60"}
    for says in ("Les pages sont comptées", "Ces pages étaient déjà comptées."):
        async with reception.post(f"{path}/pages", data=form) as answer:
            text = await answer.text()
            assert (answer.status, says in text) == (200, True)
    assert ">0,15\u00a0€ la page." in text
    async with reception.get(f"{path}/trail") as answer:
        assert (await answer.text()).count("Pages imprimées comptées") == 1


async def test_a_door_opens_to_its_address_alone(
    desk: Desk, site: Site, anonymous: aiohttp.ClientSession
) -> None:
    token = site.do(doors.give_address, desk.room_id, desk.person, site.hub.clock())
    async with anonymous.get("/door/not-a-door") as answer:
        assert answer.status == 404
    async with anonymous.get(f"/door/{token}") as answer:
        assert answer.status == 200
    async with anonymous.post(f"/door/{token}/check-in", data={"code": "12 34"}) as answer:
        text = await answer.text()
        assert (answer.status, "Vérifiez les chiffres" in text) == (409, True)


async def test_a_screen_shows_what_it_has_to_while_the_database_is_busy(
    desk: Desk, site: Site, anonymous: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("other transactions were in the way", retry_after_s=5)

    token = site.do(doors.give_address, desk.room_id, desk.person, site.hub.clock())
    monkeypatch.setattr(doors, "seen", busy)
    async with anonymous.get(f"/door/{token}") as answer:
        assert answer.status == 200


async def test_a_screen_is_seen_and_removed(
    desk: Desk, site: Site, reception: aiohttp.ClientSession, anonymous: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        venue_id = uow.rooms.get(desk.room_id).venue_id
    listing = f"/planning/doors/{venue_id}"
    token = site.do(doors.give_address, desk.room_id, desk.person, site.hub.clock())

    async def said() -> str:
        async with reception.get(listing) as answer:
            row = re.search(r"<li(?:(?!<li).)*" + desk.room_id, await answer.text(), re.DOTALL)
        assert row is not None
        return row[0]

    assert "pas encore ouverte sur un écran" in await said()
    async with anonymous.get(f"/door/{token}", headers={"X-Fragment": "1"}) as answer:
        assert answer.status == 200
    assert "écran en marche" in await said()
    clock = site.hub.clock
    site.hub.clock = lambda: clock() + LIVING + timedelta(minutes=1)
    try:
        assert "écran vu pour la dernière fois le" in await said()
    finally:
        site.hub.clock = clock
    data = {"room_id": desk.room_id}
    async with (
        site.client("accueil-serres") as other,
        other.post(f"{listing}/remove", data=data) as answer,
    ):
        assert answer.status == 403
    async with reception.post(f"{listing}/remove", data=data) as answer:
        text = await answer.text()
        assert (answer.status, "L’écran est retiré." in text) == (200, True)
    assert "pas d’écran" in await said()
    async with anonymous.get(f"/door/{token}") as answer:
        assert answer.status == 404
    async with reception.post(f"{listing}/remove", data=data) as answer:
        assert answer.status == 404


async def test_the_venue_cancels_for_nothing_and_sees_so_before(
    desk: Desk, reception: aiohttp.ClientSession
) -> None:
    for who in ("venue", "person"):
        room = desk.book_room("16:00", "16:30")
        path = f"/bookings/{room.booking_id}"
        async with reception.get(f"/planning/bookings/{room.id}") as answer:
            assert f'href="{path}"' in await answer.text()
        async with reception.get(path) as answer:
            text = await answer.text()
        assert "Le lieu\u00a0: il n’y aura rien à payer." in text
        assert 'value="venue" required checked' in text
        data = {"version": inputs_of(text)["version"], "cancelled_by": who}
        async with reception.post(f"{path}/cancel", data=data) as answer:
            assert "La réservation est annulée" in await answer.text()
        async with reception.get(f"/planning/bookings/{room.id}/trail") as answer:
            said = re.sub(r"<[^>]+>|\s+", " ", await answer.text())
        assert "Annulé par le lieu" in said


async def test_what_the_waiting_list_is_offered_is_not_drawn_as_free(desk: Desk) -> None:
    site, now = desk.site, desk.site.hub.clock()
    with site.hub.reading() as uow:
        venue = uow.venues.get(uow.rooms.get(desk.room_id).venue_id)
    form = WaitingForm(
        service_id=desk.service_id, venue_ids=(venue.id,), not_after=now + timedelta(weeks=4)
    )
    entry = site.do(waiting.enter, form, new_token(), "fr", desk.person, now)
    with site.hub.reading() as uow:
        row = waiting_desk.show(uow, entry.id, desk.person)
        slot = waiting_desk.free_slots(uow, row, now)[0].slots[-1]
    site.do(waiting_desk.offer, entry.id, venue.id, slot.starts_at, entry.version, desk.person, now)
    starts = slot.starts_at.astimezone(zone_of(venue.time_zone))
    asked = {"venue": venue.id, "day": f"{starts:%Y-%m-%d}"}
    free = f"/appointments/new?kiosk_id={slot.kiosk_id}&amp;day={starts:%Y-%m-%d}&amp;time="
    for language, said in (("fr", "proposé jusqu’à"), ("en", "offered until")):
        async with site.client("accueil-laragne", language) as client:
            for view in ("day", ""):
                async with client.get("/planning", params={**asked, "view": view}) as answer:
                    text = await answer.text()
                assert said in text
                assert f'href="/waiting/{entry.id}"' in text
                assert f"{free}{starts:%H:%M}" not in text
            async with client.get("/planning/sheet", params=asked) as answer:
                assert said in await answer.text()
