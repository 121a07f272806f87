"""Nobody is absent by the word of a hub that was out, and reception has the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hub_world import NOW, World
from room_world import RULE, TOMORROW, Rooms, at, furnish, on_screen, owed, release_unused

from visiohub.booking.planning import doors
from visiohub.booking.rooms import accounts, attendance, no_shows
from visiohub.booking.rooms.no_shows import A_DAY, LONGEST_BREAK
from visiohub.booking.rooms.refusals import BookingChanged, NotTheTime
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import BookedRoom, RoomState
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.errors import NotAllowed, RoomTaken
from visiohub.jobs.absences import Absences
from visiohub.storage.uow import UnitOfWork

NEXT_DAY = TOMORROW + timedelta(days=1)
HALF = replace(RULE, no_show_percent=Decimal(50))


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world, rule=HALF)


def room_of(rooms: Rooms, booked: Booked) -> BookedRoom:
    found: BookedRoom = rooms.world.see(lambda uow: uow.booked_rooms.get(booked.rooms[0].id))
    return found


def came(rooms: Rooms, booked: Booked, now: datetime) -> BookedRoom:
    version = room_of(rooms, booked).version
    reception = rooms.world.reception
    found: BookedRoom = rooms.world.do(
        attendance.check_in, booked.rooms[0].id, version, reception, now
    )
    return found


def test_who_came_while_the_hub_was_out_is_not_absent(rooms: Rooms) -> None:
    over, begun = rooms.book("08:00", "08:45"), rooms.book("08:45", "11:00")
    world = rooms.world
    assert release_unused(world, at(9), up_since=at(8, 45)) == 1
    assert room_of(rooms, begun).state is RoomState.NO_SHOW
    assert room_of(rooms, over).state is RoomState.CONFIRMED  # freed, it would serve nobody


def test_what_the_hub_heard_of_late_is_freed_late_and_for_nothing(rooms: Rooms) -> None:
    booked, world = rooms.book(), rooms.world
    up_since = at(9, 10)
    assert release_unused(world, at(9, 24), up_since=up_since) == 0  # they have time to say so
    assert release_unused(world, at(9, 25), up_since=up_since) == 1
    assert room_of(rooms, booked).state is RoomState.CANCELLED
    assert owed(rooms) == 0
    rooms.book("10:00", "11:00", now=at(9, 25), by=world.reception)


def test_who_says_so_once_the_hub_is_back_stays(rooms: Rooms) -> None:
    booked = rooms.book()
    came(rooms, booked, at(9, 20))
    assert release_unused(rooms.world, at(9, 25), up_since=at(9, 10)) == 0
    assert room_of(rooms, booked).state is RoomState.CHECKED_IN


@pytest.mark.parametrize(
    ("up_since", "freed"), [(at(9, 14), 1), (at(9, 15), 0), (at(10, 30), 0)], ids=str
)
def test_nobody_is_sent_away_whom_the_hub_could_not_hear_in_time(
    rooms: Rooms, up_since: datetime, freed: int
) -> None:
    booked = rooms.book()
    due = up_since + timedelta(minutes=15)
    assert release_unused(rooms.world, due, up_since=up_since) == freed
    kept = RoomState.CANCELLED if freed else RoomState.CONFIRMED
    assert room_of(rooms, booked).state is kept


def test_absence_is_told_when_it_is_due_or_not_at_all(rooms: Rooms) -> None:
    booked = rooms.book()
    assert release_unused(rooms.world, at(9, 15) + LONGEST_BREAK) == 0
    assert release_unused(rooms.world, at(9, 14) + LONGEST_BREAK) == 1
    assert room_of(rooms, booked).state is RoomState.NO_SHOW


def test_the_job_knows_since_when_the_hub_is_there(rooms: Rooms) -> None:
    first, second = rooms.book("09:00", "11:00"), rooms.book("11:00", "13:00")
    see = rooms.world.see
    started_late = Absences(at(9, 1))
    for minute in (5, 10, 15):
        assert see(started_late.due, at(9, minute)) == []
    assert see(started_late.due, at(9, 16)) == [first.booking.id]
    job = Absences(at(8, 59))
    assert see(job.due, at(9) + timedelta(minutes=4)) == []
    for minute in range(5, 15, 5):
        see(job.due, at(9, minute))
    assert see(job.due, at(9, 15)) == [first.booking.id]
    assert rooms.world.do(job.release, first.booking.id, at(9, 15)) == 1
    see(job.due, at(10, 58))
    slept = at(10, 58) + LONGEST_BREAK + timedelta(minutes=1)
    assert see(job.due, slept) == []
    for minute in range(5, 20, 5):
        assert see(job.due, at(11, minute)) == []
    awake_for_a_quarter = slept + timedelta(minutes=15)
    assert see(job.due, awake_for_a_quarter) == [second.booking.id]
    assert rooms.world.do(job.release, second.booking.id, awake_for_a_quarter) == 1
    assert room_of(rooms, second).state is RoomState.CANCELLED


class OutOfReach:
    """A database that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        raise ConnectionError(name)


def test_nobody_is_absent_while_the_database_answers_nothing(rooms: Rooms) -> None:
    booked, see = rooms.book(), rooms.world.see
    job, out_of_reach = Absences(at(8, 59)), OutOfReach()
    see(job.due, at(9))
    for minute in range(1, 11):
        with pytest.raises(ConnectionError):
            job.due(cast("UnitOfWork", out_of_reach), at(9, minute))
    for minute in (11, 15, 20, 25):
        assert see(job.due, at(9, minute)) == []
    assert see(job.due, at(9, 26)) == [booked.booking.id]
    rooms.world.do(job.release, booked.booking.id, at(9, 26))
    assert (room_of(rooms, booked).state, owed(rooms)) == (RoomState.CANCELLED, 0)


def test_what_ended_while_the_hub_was_out_is_settled_once_it_is_back(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    asked, see = rooms.book(), rooms.world.see
    back = at(14, day=NEXT_DAY)
    job = Absences(at(8))
    assert see(job.due, at(8)) == []
    assert see(job.due, back) == [asked.booking.id]
    assert see(job.due, back + timedelta(minutes=1)) == []  # no longer looked at
    started = Absences(back)
    assert see(started.due, back) == [asked.booking.id]
    rooms.world.do(started.release, asked.booking.id, back)
    assert room_of(rooms, asked).state is RoomState.CANCELLED


def test_what_is_past_is_read_once_a_day(rooms: Rooms) -> None:
    booked, see = rooms.book(), rooms.world.see
    job, now, found = Absences(at(8)), at(13), 0
    see(job.due, at(8))
    see(job.due, now)  # it slept
    closure = Closure(at(0), at(0, day=NEXT_DAY), "Travaux")
    rooms.terms(rooms.room.id, rules=OpeningRules(closures=(closure,)))
    read_at = now
    while not found:
        now += timedelta(minutes=5)
        found = len(see(job.due, now))
    assert now - read_at == A_DAY
    assert see(lambda uow: no_shows.unused(uow, now, now, whole=True)) == [booked.booking.id]


def test_reception_notes_from_paper_until_the_next_day_ends(rooms: Rooms) -> None:
    booked, other = rooms.book(), rooms.book("13:00", "15:00")
    late = came(rooms, booked, at(23, 59, day=NEXT_DAY))
    assert (late.state, late.checked_in_at) == (RoomState.CHECKED_IN, None)
    with pytest.raises(NotTheTime):
        came(rooms, other, at(0, day=NEXT_DAY + timedelta(days=1)))
    with pytest.raises(NotAllowed):
        rooms.world.do(attendance.check_in, other.rooms[0].id, 1, rooms.coworker, at(16))
    with pytest.raises(BookingChanged):
        came(rooms, booked, at(16))


def test_who_was_taken_for_absent_came_after_all(rooms: Rooms) -> None:
    booked = rooms.book()
    release_unused(rooms.world, at(9, 15))
    assert owed(rooms) == Decimal("5.00")
    shown = on_screen(rooms.world, booked.rooms[0])
    door = booked.booking.id, rooms.room.id, shown, rooms.coworker
    with pytest.raises(BookingChanged):
        rooms.world.do(doors.check_in_from_own_page, *door, at(9, 20))
    now = at(9, 20)
    assert came(rooms, booked, now).checked_in_at == now
    assert owed(rooms) == Decimal("10.00")
    with pytest.raises(RoomTaken):
        rooms.book("10:00", "11:00", now=now, by=rooms.world.reception)
    assert release_unused(rooms.world, at(9, 21)) == 0
    (entry, *_) = [
        e
        for e in rooms.world.see(lambda u: u.audit.list(subject=booked.booking.id))
        if e.action == "booking.check_in"
    ]
    room_id = rooms.room.id
    assert entry.before == {"rooms": {room_id: "no_show"}, "charged": {room_id: "5.00"}}
    assert entry.after == {"rooms": {room_id: "checked_in"}, "charged": {room_id: "10.00"}}


def test_a_room_that_somebody_else_has_is_noted_once_it_is_over(rooms: Rooms) -> None:
    booked = rooms.book()
    release_unused(rooms.world, at(9, 15))
    rooms.book("10:00", "11:00", now=at(9, 15), by=rooms.world.reception)
    with pytest.raises(RoomTaken):
        came(rooms, booked, at(9, 20))
    assert room_of(rooms, booked).state is RoomState.NO_SHOW
    assert owed(rooms) == Decimal("10.00")
    assert came(rooms, booked, at(11)).state is RoomState.CHECKED_IN
    assert owed(rooms) == Decimal("15.00")


def test_what_was_given_back_is_due_by_who_was_charged(rooms: Rooms) -> None:
    booked = rooms.book(membership_id=rooms.paid.id)
    release_unused(rooms.world, at(9, 15))

    def pays_alone(uow: UnitOfWork) -> None:
        uow.memberships.get(rooms.paid.id).organisation_id = None

    rooms.world.do(pays_alone)
    came(rooms, booked, at(12))
    lines = rooms.world.see(lambda u: u.charges.list())
    assert {line.organisation_id for line in lines} == {rooms.organisation.id}
    assert owed(rooms) == Decimal("10.00")


def test_a_pass_is_drawn_from_again(rooms: Rooms) -> None:
    world = rooms.world
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)

    def left() -> int:
        (held,) = world.see(lambda u: u.memberships.get(rooms.account.id)).standing.passes
        return int(held.left)

    booked = rooms.book("08:00", "12:00", uses_passes=True)
    assert left() == 9
    release_unused(world, at(8, 15))
    assert left() == 10
    came(rooms, booked, at(13))
    assert left() == 9


@pytest.mark.parametrize("whole_venue", [True, False], ids=["venue", "room"])
def test_what_begins_in_a_closure_is_cancelled_and_costs_nothing(
    rooms: Rooms, whole_venue: bool
) -> None:
    booked, beside = rooms.book(), rooms.book("13:00", "15:00", rooms=(rooms.far,))
    closure = Closure(at(0), at(0, day=NEXT_DAY), "Travaux")
    place = rooms.world.venue if whole_venue else rooms.room
    rooms.terms(place.id, rules=OpeningRules(closures=(closure,)))
    assert release_unused(rooms.world, at(9, 15)) == 1
    assert room_of(rooms, booked).state is RoomState.CANCELLED
    assert owed(rooms) == beside.rooms[0].quote.totals.total
    release_unused(rooms.world, at(13, 15))
    assert room_of(rooms, beside).state is RoomState.NO_SHOW  # its venue was open


def test_what_begins_on_a_day_closed_as_an_exception_is_no_absence(rooms: Rooms) -> None:
    early, later = rooms.book("08:00", "09:00"), rooms.book("10:00", "12:00")
    day = ExceptionalDay(TOMORROW, ((time(10), time(12)),), "Inventaire")
    rooms.terms(rooms.room.id, rules=OpeningRules(exceptions=(day,)))
    release_unused(rooms.world, at(8, 15))
    release_unused(rooms.world, at(10, 15))
    assert room_of(rooms, early).state is RoomState.CANCELLED
    assert room_of(rooms, later).state is RoomState.NO_SHOW
