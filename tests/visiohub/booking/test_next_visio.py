"""What begins next on a venue's line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import NOW, World
from room_world import Rooms, furnish

from visiohub.booking.lines.next_visio import NextVisio, next_visio


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def test_the_first_that_begins_from_now_on(rooms: Rooms) -> None:
    world = rooms.world

    def told(after: timedelta = timedelta()) -> NextVisio | None:
        found: NextVisio | None = world.see(next_visio, world.venue.id, NOW + after)
        return found

    assert told() is None
    booking = rooms.book("09:00", "10:00", visio=True).booking
    tomorrow, in_a_room = booking.starts_at, NextVisio(booking.starts_at, booking.ends_at, "")
    assert told() == in_a_room
    appointment = world.appointment(world.book("10:00").appointment_id)
    first = told()
    assert first is not None
    assert (first.starts_at, bool(first.partner)) == (appointment.starts_at, True)
    assert told(appointment.starts_at - NOW + timedelta(minutes=1)) == in_a_room
    assert told(tomorrow - NOW + timedelta(minutes=1)) is None
    assert world.see(next_visio, world.elsewhere.id, NOW) is None


def test_a_room_without_a_visio_is_none(rooms: Rooms) -> None:
    rooms.book("09:00", "10:00")
    assert rooms.world.see(next_visio, rooms.world.venue.id, NOW) is None
