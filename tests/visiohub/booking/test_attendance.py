"""Who came to a booked room, who did not; keys go out and come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hub_world import NOW, World
from room_world import Rooms, at, furnish, owed, release_unused, state, to

from visiohub.booking.rooms import attendance, changes, keys, no_shows
from visiohub.booking.rooms.refusals import BookingChanged, KeyBack, KeyOut, NotTheTime
from visiohub.domain.booking import RoomState
from visiohub.errors import InvalidForm, NotAllowed, RoomTaken
from visiohub.storage.uow import UnitOfWork

SOON = at(8, 50)
"""Ten minutes before the booking that most tests make."""


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def test_reception_checks_in_at_its_time(rooms: Rooms) -> None:
    (room,) = rooms.book().rooms
    with pytest.raises(NotTheTime):
        rooms.world.do(attendance.check_in, room.id, 1, rooms.world.reception, at(8))
    with pytest.raises(NotAllowed):
        rooms.world.do(attendance.check_in, room.id, 1, rooms.coworker, SOON)
    rooms.world.do(attendance.check_in, room.id, 1, rooms.world.reception, SOON)


def test_where_nobody_comes_the_room_frees_itself(rooms: Rooms) -> None:
    booked = rooms.book()
    world = rooms.world
    assert release_unused(world, at(9, 14)) == 0
    with pytest.raises(RoomTaken):
        rooms.book("10:00", "11:00", now=at(9, 14), by=world.reception)
    assert release_unused(world, at(9, 15)) == 1
    assert f"reception:{world.venue.id}" in world.topics
    assert state(rooms, booked) == [RoomState.NO_SHOW]
    assert owed(rooms) == Decimal("10.00")
    rooms.book("10:00", "11:00", now=at(9, 15), by=world.reception)
    assert release_unused(world, at(9, 16)) == 0


def test_what_the_venue_never_agreed_to_costs_nothing(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book()
    release_unused(rooms.world, at(9, 15))
    assert state(rooms, booked) == [RoomState.CANCELLED]
    assert owed(rooms) == 0


def test_a_key_goes_out_once_and_comes_back(rooms: Rooms) -> None:
    world = rooms.world
    booked = rooms.book()
    other = rooms.book(rooms=(rooms.beside,))
    hand_out = keys.hand_out_key
    for name, code in (("\u200b\0 ", "missing"), ("x" * 101, "too_long")):
        with pytest.raises(InvalidForm) as wrong:
            world.do(hand_out, booked.rooms[0].id, name, world.reception, SOON)
        assert [e.code for e in wrong.value.errors] == [code]
    loan = world.do(hand_out, booked.rooms[0].id, " Badge 4 ", world.reception, SOON)
    with pytest.raises(KeyOut):
        world.do(hand_out, other.rooms[0].id, "Badge 4", world.reception, SOON)
    assert [k.name for k in world.see(keys.keys_out, world.venue.id, world.reception)] == [
        "Badge 4"
    ]
    release_unused(world, at(9, 15))  # who has the key is there
    assert state(rooms, booked) == [RoomState.CHECKED_IN]
    assert state(rooms, other) == [RoomState.NO_SHOW]
    world.do(keys.take_key_back, loan.id, world.reception, at(11))
    with pytest.raises(KeyBack):
        world.do(keys.take_key_back, loan.id, world.reception, at(11))
    with pytest.raises(BookingChanged):
        world.do(hand_out, other.rooms[0].id, "Badge 4", world.reception, at(11))


@pytest.mark.parametrize(
    ("back_at", "kept"), [(at(8, 55), RoomState.NO_SHOW), (at(9, 5), RoomState.CHECKED_IN)], ids=str
)
def test_who_had_the_key_at_the_start_came(
    rooms: Rooms, back_at: datetime, kept: RoomState
) -> None:
    booked, world = rooms.book(), rooms.world
    loan = world.do(keys.hand_out_key, booked.rooms[0].id, "Badge 4", world.reception, SOON)
    world.do(keys.take_key_back, loan.id, world.reception, back_at)
    release_unused(world, at(9, 15))
    assert state(rooms, booked) == [kept]


def test_a_key_out_makes_nobody_come_to_a_room_that_is_asked_for_anew(rooms: Rooms) -> None:
    world = rooms.world
    rooms.terms(rooms.beside.id, needs_approval=True)
    booked, other = rooms.book(), rooms.book(rooms=(rooms.far,))
    (room,) = booked.rooms
    world.do(keys.hand_out_key, room.id, "Badge 4", world.reception, NOW)
    asked = to("09:00", "11:00", rooms=(rooms.beside,))
    world.do(changes.move, booked.booking.id, asked, 1, world.admin, NOW)
    assert state(rooms, booked) == [RoomState.CONFIRMED]  # who runs the venue agreed
    world.do(changes.move, booked.booking.id, asked, 2, rooms.coworker, NOW)
    assert state(rooms, booked) == [RoomState.REQUESTED]
    assert release_unused(world, at(9, 15)) == 2
    assert state(rooms, booked) == [RoomState.CANCELLED]
    assert state(rooms, other) == [RoomState.NO_SHOW]


def test_what_is_long_over_is_not_read_again(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book()
    assert rooms.world.see(no_shows.unused, at(9, 15), NOW) == [booked.booking.id]
    later = at(9, 15) + no_shows.SETTLED

    def all_of_it(uow: UnitOfWork, now: datetime) -> list[str]:
        return no_shows.unused(uow, now, now, whole=True)

    assert rooms.world.see(no_shows.unused, later, later) == []  # not each minute
    assert rooms.world.see(all_of_it, later) == [booked.booking.id]
    assert rooms.world.see(all_of_it, later + timedelta(minutes=1)) == []
