"""Rooms by day as each reader may see them; moves, doors, the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from room_world import Rooms, at, furnish

from visiohub.booking.planning import doors
from visiohub.booking.planning.doors import DoorCodeUnknown
from visiohub.booking.planning.moves import WishForm, move, moving
from visiohub.booking.planning.read import planning, rooms_at
from visiohub.booking.planning.views import Entry, EntryKind, Lane
from visiohub.booking.rooms import book
from visiohub.booking.trail import trail
from visiohub.domain.booking import RoomState
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.door import door_code
from visiohub.domain.model import Person, Room
from visiohub.errors import (
    EditedMeanwhile,
    InvalidForm,
    NotAllowed,
    NotFound,
    RoomTaken,
    TooManyAttempts,
)
from visiohub.storage.uow import UnitOfWork
from visiohub.web.planning_axis import axis
from visiohub.web.planning_grid import grid

TOMORROW = DAY + timedelta(days=1)
FIVE = timedelta(minutes=5)


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def lanes(world: World, by: Person, *days: Any) -> dict[tuple[str, Any], Lane]:
    def read(uow: UnitOfWork) -> list[Lane]:
        shown = rooms_at(uow, [world.venue.id])
        return list(planning(uow, shown, days, by, NOW).lanes)

    return {(lane.room.id, lane.day): lane for lane in world.see(read)}


def room_of(world: World) -> Room:
    room: Room = world.see(lambda uow: uow.rooms.get(world.kiosk.room_id))
    return room


def test_each_reads_what_is_theirs(rooms: Rooms) -> None:
    world = rooms.world
    world.book("10:00")
    rooms.book("09:00", "11:00", membership_id=rooms.paid.id)
    key, booked = (world.kiosk.room_id, DAY), (rooms.room.id, TOMORROW)

    def entry(by: Person, lane: tuple[str, Any]) -> Entry:
        return lanes(world, by, DAY, TOMORROW)[lane].entries[0]

    seen = entry(world.reception, key)
    assert (seen.who, seen.initials, seen.movable) == ("CAF", "D. R.", True)
    assert entry(world.agent, key).movable
    hidden = entry(world.stranger, key)
    assert (hidden.who, hidden.initials, hidden.what, hidden.movable) == ("", "", "", False)
    watched = entry(world.admin, key)
    assert (watched.who, watched.movable) == ("CAF", False)
    assert entry(world.reception, booked).who == "Fédération"
    assert entry(rooms.coordinator, booked).movable
    assert (entry(world.agent, booked).who, entry(world.agent, booked).movable) == ("", False)


def test_closures_buffers_and_entries_fill_the_table(rooms: Rooms) -> None:
    world = rooms.world
    closed = Closure(at(8, day=DAY), at(9, day=DAY), "travaux")
    rooms.terms(world.venue.id, rules=OpeningRules(closures=(closed,)), limits=Limits(step=FIVE))
    rooms.terms(rooms.room.id, limits=Limits(buffer_after=timedelta(minutes=10), step=FIVE))
    rooms.book("09:05", "10:10")
    world.book("10:00")
    found = world.see(
        lambda uow: planning(
            uow, rooms_at(uow, [world.venue.id]), [DAY, TOMORROW], world.reception, NOW
        )
    )
    table = grid(found, 15, NOW)
    assert (table.axis.first, table.axis.count) == (8 * 60, 36)  # 8:00 to 17:00
    for index, lane in enumerate(table.lanes):
        cells = [cell for row in table.rows for cell in row if cell.lane == index]
        assert sum(cell.rows for cell in cells) == table.axis.count, lane
    booked = next(
        cell
        for row in table.rows
        for cell in row
        if cell.entries and cell.entries[0].kind is EntryKind.BOOKING
    )
    assert (booked.at, booked.ends) == (time(9), time(10, 15))
    assert ("buffer", time(10, 15)) in {(c.ground.kind, c.at) for row in table.rows for c in row}
    reasons = {getattr(c.ground.why, "reason", "") for row in table.rows for c in row}
    assert "travaux" in reasons


def test_what_is_left_of_the_running_hour_is_a_cell_of_its_own(rooms: Rooms) -> None:
    rooms.book("11:00", "12:00")
    world = rooms.world
    found = world.see(
        lambda uow: planning(uow, rooms_at(uow, [world.venue.id]), [TOMORROW], world.reception, NOW)
    )
    index = next(n for n, lane in enumerate(found.lanes) if lane.room.id == rooms.room.id)

    def begins(now: datetime) -> list[time]:
        table = grid(found, 30, now)
        return [c.at for row in table.rows for c in row if c.lane == index and c.at < time(13)]

    whole = begins(NOW)
    assert time(10) in whole
    assert begins(at(10, 5)) == sorted([*whole, time(10, 30)])
    assert begins(at(11, 5)) == begins(at(23)) == whole  # taken; over


def test_the_empty_hours_before_what_lies_in_the_night_are_drawn_low(rooms: Rooms) -> None:
    rooms.book("10:00", "11:00")
    lane = lanes(rooms.world, rooms.coordinator, TOMORROW)[rooms.room.id, TOMORROW]
    (day,) = lane.entries
    night = replace(day, starts_at=at(0), ends_at=at(0, 45))
    alone, _folded = axis([lane], 15, whole=False)
    assert (alone.first, alone.empty) == (8 * 60, frozenset())
    rows, _folded = axis([replace(lane, entries=(night, day))], 15, whole=False)
    assert (rows.first, rows.empty) == (0, frozenset(range(1, 8)))
    assert [rows.is_low(n) for n in (0, 3, 4, 31, 32)] == [False, False, True, True, False]


def test_entries_that_meet_in_a_row_share_a_cell(rooms: Rooms) -> None:
    for place in (rooms.world.venue, rooms.room):
        rooms.terms(place.id, limits=Limits(step=FIVE))
    rooms.book("09:00", "09:40")
    rooms.book("09:40", "10:20")
    world = rooms.world
    found = world.see(
        lambda uow: planning(
            uow, rooms_at(uow, [world.venue.id]), [TOMORROW], rooms.coordinator, NOW
        )
    )
    shared = [len(c.entries) for row in grid(found, 15, NOW).rows for c in row if c.entries]
    assert shared == [2]


def wish(room_id: str, clock: str, day: Any = DAY) -> WishForm:
    return WishForm(room_id=room_id, day=day, time=time.fromisoformat(clock))


def test_an_appointment_moves_to_another_room_with_a_kiosk(rooms: Rooms) -> None:
    world = rooms.world
    booked = world.book("10:00").appointment_id
    kind, later = EntryKind.APPOINTMENT, NOW + timedelta(minutes=1)
    world.do(move, kind, booked, wish(world.beside.room_id, "11:00"), 1, world.agent, later)
    assert world.appointment(booked).kiosk_id == world.beside.id
    with pytest.raises(InvalidForm):
        world.do(move, kind, booked, wish(rooms.room.id, "11:00"), 2, world.agent, NOW)
    with pytest.raises(EditedMeanwhile):
        world.do(move, kind, booked, wish(world.kiosk.room_id, "11:00"), 1, world.agent, NOW)
    for other in (world.stranger, world.admin):
        with pytest.raises(NotAllowed):
            world.see(moving, kind, booked, other)
    with pytest.raises(NotAllowed):
        world.do(move, kind, booked, wish(world.far.room_id, "11:00"), 2, world.reception, NOW)
    kept = world.see(moving, kind, booked, world.reception)
    assert (kept.changed_by, kept.changed_at) == (world.agent.label, later)


def test_a_booking_keeps_its_length_and_its_other_rooms(rooms: Rooms) -> None:
    world, by = rooms.world, rooms.coordinator
    made = rooms.book("09:00", "11:00", rooms=(rooms.room, rooms.far), by=by)
    one = next(r for r in made.rooms if r.room_id == rooms.room.id)
    kind = EntryKind.BOOKING
    moved = world.do(move, kind, one.id, wish(rooms.beside.id, "13:00", TOMORROW), 1, by, NOW)
    assert moved.prices is not None
    booking = world.see(lambda uow: uow.bookings.get(made.booking.id))
    kept = world.see(lambda uow: uow.booked_rooms.list(booking_id=booking.id))
    assert (booking.starts_at, booking.ends_at) == (at(13), at(15))
    assert {r.room_id for r in kept} == {rooms.beside.id, rooms.far.id}
    rooms.book("09:00", "10:00", rooms=(rooms.beside,))
    with pytest.raises(RoomTaken):
        world.do(move, kind, one.id, wish(rooms.beside.id, "09:30", TOMORROW), 2, by, NOW)


@pytest.mark.parametrize("dragged", ["here", "on_the_island"])
def test_a_move_is_by_the_clock_of_the_rooms_own_venue(rooms: Rooms, dragged: str) -> None:
    world = rooms.world
    island = "Indian/Reunion"  # three hours ahead in winter
    world.do(lambda uow: setattr(uow.venues.get(world.elsewhere.id), "time_zone", island))
    form = rooms.form("10:00", "11:00", rooms=(rooms.room, rooms.far))
    booked = world.do(book.book, form, rooms.coworker, NOW)
    wanted = {"here": rooms.room, "on_the_island": rooms.far}[dragged]
    mine = next(room for room in booked.rooms if room.room_id == wanted.id)
    hour = {"here": 11, "on_the_island": 14}[dragged]
    wish = WishForm(room_id=wanted.id, day=TOMORROW, time=time(hour))
    world.do(move, EntryKind.BOOKING, mine.id, wish, 1, rooms.coordinator, NOW)
    moved = world.see(lambda uow: uow.bookings.get(booked.booking.id))
    assert (moved.starts_at, moved.ends_at) == (at(11), at(12))


def test_the_door_takes_its_code_and_counts_wrong_ones(rooms: Rooms) -> None:
    world = rooms.world
    made = rooms.book("09:00", "10:00", membership_id=rooms.paid.id)
    room, now = made.rooms[0], at(8, 45)
    token = world.do(doors.give_address, rooms.room.id, world.reception, NOW)
    shown = world.see(doors.door_view, token, now).moments
    assert shown[0].expects is not None
    assert (shown[0].state, shown[0].expects.who) == ("free", "Fédération")
    wrong = f"{(int(door_code(room.id)) + 1) % 10000:04}"
    with pytest.raises(DoorCodeUnknown):
        world.do(doors.check_in_with_code, token, wrong, now)
    came = world.do(doors.check_in_with_code, token, f" {door_code(room.id)} ", now)
    assert came.state is RoomState.CHECKED_IN
    for _ in range(doors.TRIES - 1):
        with pytest.raises(DoorCodeUnknown):
            world.do(doors.check_in_with_code, token, wrong, now)
    with pytest.raises(TooManyAttempts):
        world.do(doors.check_in_with_code, token, door_code(room.id), now)
    world.do(doors.give_address, rooms.room.id, world.reception, NOW)
    with pytest.raises(NotFound):
        world.see(doors.door_view, token, now)


def test_a_door_names_no_person_and_no_service(rooms: Rooms) -> None:
    world = rooms.world
    world.book("10:00")
    rooms.book("09:00", "10:00")  # of somebody who pays alone
    for room, day in ((room_of(world), NOW), (rooms.room, at(8))):
        token = world.do(doors.give_address, room.id, rooms.coordinator, NOW)
        said = repr(world.see(doors.door_view, token, day).moments)
        for hidden in ("D. R.", "CAF", "Logement", rooms.coworker.label):
            assert hidden not in said


def test_the_trail_says_who_before_and_after(rooms: Rooms) -> None:
    world = rooms.world
    booked = world.book("10:00").appointment_id
    kind = EntryKind.APPOINTMENT
    later = NOW + timedelta(minutes=1)
    world.do(move, kind, booked, wish(world.beside.room_id, "11:00"), 1, world.agent, later)
    newest, first = world.see(trail, subject=booked, limit=10)
    assert (newest.entry.action, newest.who) == ("appointment.move", world.agent.label)
    assert {c.name: (c.before, c.after) for c in newest.changes}["kiosk_id"] == (
        world.kiosk.name,
        world.beside.name,
    )
    assert first.entry.action == "appointment.book"
    assert [r.entry.id for r in world.see(trail, person_id=world.agent.id, limit=10)] == [
        newest.entry.id
    ]
    older = {"subject": booked, "limit": 10}
    (oldest,) = world.see(trail, before=(newest.entry.at, newest.entry.id), **older)
    assert oldest.entry.id == first.entry.id
    assert world.see(trail, before=(first.entry.at, first.entry.id), **older) == []
