"""Mails about bookings of rooms, as a real server got them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from mail_server import MailServer
from opened import body, event, sent
from room_world import TOMORROW, Rooms, at, furnish, release_unused

from visiohub.booking.announce_rooms import remind_bookers
from visiohub.booking.rooms import accounts, attendance, book, changes
from visiohub.booking.rooms.forms import WhenForm
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import desk_of
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.model import OpeningRange

BOOKER = "coworker@example.fr"


@pytest.fixture
def rooms(world: World) -> Rooms:
    """The coworker has an address."""
    rooms = furnish(world)

    def give(uow: Any) -> None:
        uow.persons.get(rooms.coworker.id).email = BOOKER

    world.do(give)
    return rooms


def only(rooms: Rooms, post: MailServer) -> Any:
    mails = sent(rooms.world, post)
    assert set(mails) == {BOOKER}
    return mails[BOOKER]


def test_a_booking_s_life_in_mails(rooms: Rooms, post: MailServer) -> None:
    booked = rooms.book("09:00", "11:00", rooms=(rooms.room, rooms.far))
    mail = only(rooms, post)
    assert mail["Subject"].startswith("Salle réservée : mardi 24 novembre 2026, 9 h")
    asked = event(mail)
    assert asked.method.value == "REQUEST"
    assert asked.vevent.dtstart.value.hour == 9
    for name in ("Guillestre", "Réunion", "Serres", "Conseil"):
        assert name in asked.vevent.location.value
        assert name in body(mail)
    assert f"/bookings/{booked.booking.id}" in body(mail)

    ids = tuple(room.id for room in (rooms.room, rooms.far))
    form = WhenForm(room_ids=ids, day=TOMORROW, starts=time(13), ends=time(15))
    rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.world.admin, NOW)
    mail = only(rooms, post)
    moved = event(mail)
    assert moved.vevent.dtstart.value.hour == 13
    assert "C’était\u00a0: mardi 24 novembre 2026, 9" in body(mail)

    rooms.world.do(changes.cancel, booked.booking.id, 2, rooms.coworker, NOW)
    ended = event(only(rooms, post))
    assert (ended.method.value, ended.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert {c.vevent.uid.value for c in (asked, moved, ended)} == {
        f"booking-{booked.booking.id}@visiohub"
    }
    sequences = [int(c.vevent.sequence.value) for c in (asked, moved, ended)]
    assert sequences == sorted(set(sequences))


@pytest.mark.parametrize(
    ("paid_by", "hours_later", "says"),
    [
        ("account", 0, "Vous n’avez rien à payer. Rendu sur le relevé : 10,00 €."),
        ("account", 1, "Il vous reste 5,00 € à payer. Rendu sur le relevé : 5,00 €."),
        ("account", 24, "Il vous reste 10,00 € à payer."),
        ("paid", 0, "Fédération n’a rien à payer. Rendu sur le relevé : 10,00 €."),
        ("paid", 1, "Il reste 5,00 € à payer par Fédération. Rendu sur le relevé : 5,00 €."),
    ],
)
def test_a_cancellation_says_what_is_to_be_paid(
    rooms: Rooms, post: MailServer, paid_by: str, hours_later: int, says: str
) -> None:
    booked = rooms.book("09:00", "11:00", membership_id=getattr(rooms, paid_by).id)
    assert says in _after_cancelling(rooms, post, booked, NOW + timedelta(hours=hours_later))


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (NOW, "quota est rendu."),
        (at(12, 30), "quota n’est pas rendu."),
    ],
)
def test_a_cancellation_says_what_becomes_of_the_pass(
    rooms: Rooms, post: MailServer, when: datetime, says: str
) -> None:
    rooms.world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    booked = rooms.book("12:30", "16:30", uses_passes=True)
    said = _after_cancelling(rooms, post, booked, when)
    assert f"Vous n’avez rien à payer. Ce qui a été pris d’un carnet ou d’un {says}" in said


def _after_cancelling(rooms: Rooms, post: MailServer, booked: Booked, when: datetime) -> str:
    sent(rooms.world, post)
    rooms.world.hub.clock = lambda: when
    rooms.world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, when)
    return " ".join(body(only(rooms, post)).split())


def test_what_is_booked_for_days_says_until_which(rooms: Rooms, post: MailServer) -> None:
    rooms.book("14:00", "10:00", last_day=TOMORROW + timedelta(days=1))
    said = " ".join(body(only(rooms, post)).split())
    assert "mardi 24 novembre 2026, 14 h, jusqu’à mercredi 25 novembre 2026, 10 h." in said


def test_what_the_venue_has_yet_to_agree_to_is_asked_for(rooms: Rooms, post: MailServer) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    first, second = rooms.book("09:00", "11:00"), rooms.book("13:00", "15:00")
    deliveries = [event(mail) for mail in _all(rooms, post)]
    assert {c.vevent.status.value for c in deliveries} == {"TENTATIVE"}
    rooms.world.do(changes.approve, first.rooms[0].id, 1, rooms.world.reception, NOW)
    mail = only(rooms, post)
    assert mail["Subject"].startswith("Salle accordée")
    agreed = event(mail)
    assert (agreed.vevent.status.value, agreed.vevent.sequence.value) == ("CONFIRMED", "1")
    rooms.world.do(changes.refuse, second.rooms[0].id, 1, rooms.world.reception, NOW)
    mail = only(rooms, post)
    assert mail["Subject"].startswith("Salle refusée")
    assert event(mail).method.value == "CANCEL"


def _all(rooms: Rooms, post: MailServer) -> list[Any]:
    before = len(post.taken)
    sent(rooms.world, post)
    return post.mails[before:]


def test_a_series_is_named_whole_and_each_date_is_an_invitation(
    rooms: Rooms, post: MailServer
) -> None:
    form = rooms.series("FREQ=WEEKLY;COUNT=3")
    made = rooms.world.do(book.book_series, form, rooms.coworker, NOW)
    mails = _all(rooms, post)
    (whole,) = (m for m in mails if not _has_calendar(m))
    for day in ("24 novembre", "1er décembre", "8 décembre"):
        assert day in body(whole)
    invited = [event(m) for m in mails if _has_calendar(m)]
    assert {c.method.value for c in invited} == {"REQUEST"}
    assert all(len(c.vevent_list) == 1 for c in invited)
    assert sorted((c.vevent.uid.value, c.vevent.dtstart.value) for c in invited) == sorted(
        (f"booking-{b.id}@visiohub", b.starts_at) for b in (one.booking for one in made.booked)
    )
    attendees = {c.vevent.attendee.value for c in invited}
    assert attendees == {f"mailto:{BOOKER}"}
    one = made.booked[1].booking
    rooms.world.do(changes.cancel, one.id, one.version, rooms.coworker, NOW)
    ended = event(only(rooms, post))
    assert (ended.method.value, ended.vevent.uid.value) == ("CANCEL", f"booking-{one.id}@visiohub")


def _has_calendar(mail: Any) -> bool:
    return any(part.get_content_type() == "text/calendar" for part in mail.walk())


def test_a_reminder_comes_once(rooms: Rooms, post: MailServer) -> None:
    rooms.book("09:00", "11:00", day=TOMORROW + timedelta(days=2))
    sent(rooms.world, post)
    later = NOW + timedelta(days=2, hours=2)
    rooms.world.hub.clock = lambda: later
    assert rooms.world.do(remind_bookers, NOW) == 0
    assert rooms.world.do(remind_bookers, later) == 1
    assert rooms.world.do(remind_bookers, later + timedelta(minutes=10)) == 0
    assert only(rooms, post)["Subject"].startswith("Rappel de votre réservation")


def test_nobody_came_and_both_the_booker_and_the_venues_are_told(
    rooms: Rooms, post: MailServer
) -> None:
    def give(uow: Any) -> None:
        uow.persons.get(rooms.world.reception.id).email = "accueil@example.fr"

    rooms.world.do(give)
    booked = rooms.book("09:00", "11:00", rooms=(rooms.room, rooms.beside, rooms.far))
    here = next(room for room in booked.rooms if room.room_id == rooms.beside.id)
    sent(rooms.world, post)
    starts_at = booked.booking.starts_at
    rooms.world.do(attendance.check_in, here.id, 1, rooms.world.reception, starts_at)
    late = starts_at + timedelta(minutes=15)
    rooms.world.hub.clock = lambda: late
    assert release_unused(rooms.world, late) == 2
    mails = sent(rooms.world, post)
    assert set(mails) == {BOOKER, "accueil@example.fr"}
    for mail in mails.values():
        assert mail["Subject"].startswith("Salle rendue, personne n’est venu")
        assert "libre depuis 9\u00a0h\u00a015" in body(mail)
        assert "Atelier" not in body(mail)
        assert all(part.get_content_type() != "text/calendar" for part in mail.walk())
    assert "Conseil" in body(mails[BOOKER])
    assert "Il vous reste 20,00\u00a0€ à payer." in body(mails[BOOKER])
    assert "à payer" not in body(mails["accueil@example.fr"])
    assert f"/bookings/{booked.booking.id}" in body(mails[BOOKER])
    assert "Conseil" not in body(mails["accueil@example.fr"])  # another venue's
    assert "/planning/bookings/" in body(mails["accueil@example.fr"])
    assert release_unused(rooms.world, late + timedelta(minutes=1)) == 0
    assert sent(rooms.world, post) == {}


def test_a_cancellation_names_the_rooms_of_which_its_money_is(
    rooms: Rooms, post: MailServer
) -> None:
    afternoon = OpeningRules(weekly=(OpeningRange(1, time(13), time(16)),))
    rooms.terms(desk_of(rooms.world.elsewhere.id), rules=afternoon)
    booked = rooms.book("09:00", "11:00", rooms=(rooms.room, rooms.far))
    rooms.world.hub.clock = lambda: at(9, 20)
    assert release_unused(rooms.world, at(9, 15)) == 1  # nobody can tell of the far one
    sent(rooms.world, post)
    rooms.world.do(changes.cancel, booked.booking.id, 2, rooms.coworker, at(9, 20))
    mail = only(rooms, post)
    assert "Conseil" in body(mail)
    assert "Réunion" not in body(mail)
    assert "Il vous reste 10,00\u00a0€ à payer." in body(mail)
    assert event(mail).method.value == "CANCEL"


@pytest.mark.parametrize("came", [True, False], ids=["came", "nobody_came"])
def test_of_several_venues_the_one_that_is_closed_is_told_of(
    rooms: Rooms, post: MailServer, came: bool
) -> None:
    booked = rooms.book("09:00", "11:00", rooms=(rooms.room, rooms.far))
    here = next(room for room in booked.rooms if room.room_id == rooms.room.id)
    closure = Closure(at(0), at(23), "Travaux")
    rooms.terms(rooms.world.elsewhere.id, rules=OpeningRules(closures=(closure,)))
    sent(rooms.world, post)
    if came:
        rooms.world.do(attendance.check_in, here.id, 1, rooms.world.reception, at(9))
    rooms.world.hub.clock = lambda: at(9, 15)
    assert release_unused(rooms.world, at(9, 15)) == (1 if came else 2)
    mails = {mail["Subject"].split(":")[0].strip(): mail for mail in _all(rooms, post)}
    mail = mails.pop("Lieu fermé, salle annulée")
    said = body(mail)
    assert "Conseil" in said
    assert "Réunion" not in said
    assert "Le lieu est fermé à cette heure." in said
    assert "Rendu sur le relevé\u00a0: 10,00\u00a0€." in said
    assert "à payer" not in said
    assert f"/bookings/{booked.booking.id}" in said
    assert not _has_calendar(mail)
    assert list(mails) == ([] if came else ["Salle rendue, personne n’est venu"])


def test_where_all_is_closed_all_is_cancelled(rooms: Rooms, post: MailServer) -> None:
    rooms.book("09:00", "11:00", rooms=(rooms.far,))
    closure = Closure(at(0), at(23), "Travaux")
    rooms.terms(rooms.world.elsewhere.id, rules=OpeningRules(closures=(closure,)))
    sent(rooms.world, post)
    rooms.world.hub.clock = lambda: at(9, 15)
    assert release_unused(rooms.world, at(9, 15)) == 1
    mail = only(rooms, post)
    assert "Vous n’avez rien à payer." in body(mail)
    assert event(mail).method.value == "CANCEL"


def test_what_was_never_answered_falls_and_is_said_to_cost_nothing(
    rooms: Rooms, post: MailServer
) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book("09:00", "11:00")
    sent(rooms.world, post)
    late = booked.booking.starts_at + timedelta(minutes=15)
    rooms.world.hub.clock = lambda: late
    assert release_unused(rooms.world, late) == 1
    mail = only(rooms, post)
    assert mail["Subject"].startswith("Demande restée sans réponse")
    assert "Elle n’est pas due." in body(mail)


def test_a_room_that_is_freed_after_the_hub_was_out_is_said_to_cost_nothing(
    rooms: Rooms, post: MailServer
) -> None:
    rooms.book("09:00", "11:00")
    sent(rooms.world, post)
    late = at(9, 25)
    rooms.world.hub.clock = lambda: late
    assert release_unused(rooms.world, late, up_since=at(9, 10)) == 1
    mail = only(rooms, post)
    assert mail["Subject"].startswith("Salle rendue")
    assert "libre depuis 9\u00a0h\u00a025" in body(mail)
    assert "Vous n’avez rien à payer." in body(mail)


def test_without_an_address_nobody_is_written_to(world: World, post: MailServer) -> None:
    furnish(world).book()
    assert sent(world, post) == {}
