"""A place that is closed after it was booked: who edits its rules sees what lies in the closure."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hub_world import NOW, World
from room_world import TOMORROW, Rooms, at, furnish

from visiohub.booking.rooms import changes
from visiohub.booking.rooms.shut_over import shut_over
from visiohub.domain.booking import desk_of
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.errors import NotAllowed


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def found(rooms: Rooms, place_id: str) -> list[str]:
    return [one.id for one in rooms.world.see(shut_over, place_id, rooms.coordinator, NOW)]


def test_bookings_and_appointments_in_a_closure_are_listed(rooms: Rooms) -> None:
    world = rooms.world
    booked = rooms.book("09:00", "11:00")
    appointment = world.book("10:00", day=TOMORROW)
    rooms.book("14:00", "15:00", day=TOMORROW + timedelta(days=1))
    rooms.book("09:00", "11:00", rooms=(rooms.far,))
    assert found(rooms, world.venue.id) == []
    closure = Closure(at(0), at(0) + timedelta(days=1), "Travaux")
    rooms.terms(world.venue.id, rules=OpeningRules(closures=(closure,)))
    assert found(rooms, world.venue.id) == [booked.rooms[0].id, appointment.appointment_id]
    assert found(rooms, desk_of(world.venue.id)) == []
    world.do(changes.cancel, booked.booking.id, 1, rooms.coordinator, NOW)
    assert found(rooms, world.venue.id) == [appointment.appointment_id]
    with pytest.raises(NotAllowed):
        world.see(shut_over, world.venue.id, rooms.coworker, NOW)


def test_of_a_room_only_its_own_and_of_an_exceptional_day_only_what_is_closed(
    rooms: Rooms,
) -> None:
    early = rooms.book("08:00", "09:30")
    rooms.book("10:00", "12:00")
    rooms.book("08:00", "09:00", rooms=(rooms.beside,))
    day = ExceptionalDay(TOMORROW, ((time(9), time(12)),), "Inventaire")
    rooms.terms(rooms.room.id, rules=OpeningRules(exceptions=(day,)))
    assert found(rooms, rooms.room.id) == [early.rooms[0].id]
