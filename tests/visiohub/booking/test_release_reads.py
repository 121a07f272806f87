"""What the job that frees unused rooms asks of the database each minute, however much is past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hub_statements import statements
from hub_world import World
from postgresql_server import on_both_databases
from room_world import Rooms, at, furnish
from sqlalchemy import event

from visiohub.booking.rooms import no_shows
from visiohub.domain.booking import BookedRoom, RoomBooking
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases
NOW = at(10)
PAST = tuple(timedelta(days=days) for days in range(1, 31))


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


@contextmanager
def loaded() -> Iterator[list[object]]:
    """The bookings and booked rooms that are read meanwhile."""
    found: list[object] = []

    def one_more(target: object, _context: object) -> None:
        found.append(target)

    for entity in (BookedRoom, RoomBooking):
        event.listen(entity, "load", one_more)
    try:
        yield found
    finally:
        for entity in (BookedRoom, RoomBooking):
            event.remove(entity, "load", one_more)


def read(world: World, now: datetime, *, whole: bool = False) -> tuple[int, int]:
    """How many statements, and how many rows of bookings and their rooms."""

    def unused(uow: UnitOfWork) -> list[str]:
        return no_shows.unused(uow, now, now, whole=whole)

    with statements(world.hub) as asked, loaded() as rows:
        assert world.see(unused) == []
    return len(asked), len(rows)


def left(rooms: Rooms, ago: timedelta) -> None:
    """A booking that began so long ago, to which nobody is noted as having come."""
    booked = rooms.book("13:00", "14:00")

    def put_back(uow: UnitOfWork) -> None:
        booking = uow.bookings.get(booked.booking.id)
        uow.occupancies.free(*(room.owner for room in booked.rooms))
        booking.starts_at -= ago
        booking.ends_at -= ago

    rooms.world.do(put_back)


def test_a_minute_s_reads_do_not_grow_with_the_past(rooms: Rooms) -> None:
    rooms.book("09:00", "11:00")  # goes on, and nobody is noted
    before = read(rooms.world, NOW)
    assert before[1] == 2
    for ago in PAST:
        left(rooms, ago)
    assert read(rooms.world, NOW) == before
    asked, rows = read(rooms.world, NOW, whole=True)
    assert (asked, rows) == (before[0], 2 + 2 * len(PAST))


def test_nor_with_what_goes_on(rooms: Rooms) -> None:
    for room in (rooms.room, rooms.beside):
        rooms.book("09:00", "11:00", rooms=(room,))
    asked, rows = read(rooms.world, NOW)
    rooms.book("09:00", "11:00", rooms=(rooms.far,))
    assert read(rooms.world, NOW) == (asked, rows + 2)
