"""Who booked says "I am here" by what the door's screen shows; where nothing and nobody could be
told, nobody is absent."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hub_world import World
from postgresql_server import on_both_databases
from room_world import Rooms, at, furnish, on_screen, release_unused

from visiohub.booking.planning import doors
from visiohub.booking.planning.doors import ScreenCodeUnknown
from visiohub.booking.rooms.attendance import ToldBy, told_by
from visiohub.booking.rooms.refusals import BookingChanged, NoBookingHere, NotTheTime
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import BookedRoom, RoomState, desk_of
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.model import OpeningRange, Person, Room
from visiohub.errors import TooManyAttempts

pytestmark = on_both_databases

SOON = at(8, 50)
"""Ten minutes before the booking that most tests make."""


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def says(
    rooms: Rooms,
    booked: Booked,
    code: str,
    now: datetime,
    room: Room | None = None,
    by: Person | None = None,
) -> BookedRoom:
    """I am here, on the page of a booking."""
    where = booked.booking.id, (room or rooms.room).id
    found: BookedRoom = rooms.world.do(
        doors.check_in_from_own_page, *where, code, by or rooms.coworker, now
    )
    return found


def kept(rooms: Rooms, booked: Booked) -> RoomState:
    room: BookedRoom = rooms.world.see(lambda uow: uow.booked_rooms.get(booked.rooms[0].id))
    return room.state


def not_this(code: str) -> str:
    return f"{(int(code) + 1) % 10000:04}"


def test_who_comes_types_what_the_screen_of_the_door_shows(rooms: Rooms) -> None:
    booked = rooms.book()
    shown = on_screen(rooms.world, booked.rooms[0])
    with pytest.raises(NotTheTime):
        says(rooms, booked, shown, at(8))
    for typed in ("", "je suis là", not_this(shown)):
        with pytest.raises(ScreenCodeUnknown):
            says(rooms, booked, typed, SOON)
    assert kept(rooms, booked) is RoomState.CONFIRMED
    came = says(rooms, booked, f" {shown[:2]} {shown[2:]} ", SOON)
    assert (came.state, came.checked_in_at) == (RoomState.CHECKED_IN, SOON)
    assert says(rooms, booked, shown, at(9, 5)).checked_in_at == SOON
    assert release_unused(rooms.world, at(9, 20)) == 0


def test_another_s_booking_and_another_room_are_none_of_it(rooms: Rooms) -> None:
    booked = rooms.book()
    shown = on_screen(rooms.world, booked.rooms[0])
    for room, person in ((rooms.beside, rooms.coworker), (rooms.room, rooms.coordinator)):
        with pytest.raises(NoBookingHere):
            says(rooms, booked, shown, SOON, room, person)


def test_where_no_screen_is_nothing_is_taken_from_afar(rooms: Rooms) -> None:
    booked = rooms.book()
    for typed in ("", "0000"):
        with pytest.raises(ScreenCodeUnknown):
            says(rooms, booked, typed, SOON)
    assert release_unused(rooms.world, at(9, 15)) == 1
    assert kept(rooms, booked) is RoomState.NO_SHOW


def test_codes_are_not_guessed(rooms: Rooms) -> None:
    booked = rooms.book()
    shown = on_screen(rooms.world, booked.rooms[0])
    for _ in range(doors.TRIES):
        with pytest.raises(ScreenCodeUnknown):
            says(rooms, booked, not_this(shown), SOON)
    with pytest.raises(TooManyAttempts):
        says(rooms, booked, shown, SOON)
    says(rooms, booked, shown, SOON + doors.WITHIN + timedelta(seconds=1))


def test_another_address_of_the_screen_is_another_code(rooms: Rooms) -> None:
    booked = rooms.book()
    token = rooms.world.do(doors.give_address, rooms.room.id, rooms.coordinator, at(8))
    expected = rooms.world.see(doors.door_view, token, SOON).moments[0].expects
    assert expected.shows == on_screen(rooms.world, booked.rooms[0])
    codes = {expected.shows}
    for _ in range(3):  # one of three may be the same by chance, hardly all
        rooms.world.do(doors.give_address, rooms.room.id, rooms.coordinator, at(8))
        codes.add(on_screen(rooms.world, booked.rooms[0]))
    assert len(codes) > 1


def test_who_is_there_says_so_of_the_booking_that_they_see(rooms: Rooms) -> None:
    given_up = rooms.book("08:30", "09:30")
    release_unused(rooms.world, at(8, 45))
    before, booked = rooms.book("08:45", "09:00", now=at(8, 45)), rooms.book()
    came = says(rooms, booked, on_screen(rooms.world, booked.rooms[0]), SOON)
    assert came.booking_id == booked.booking.id
    assert kept(rooms, before) is RoomState.CONFIRMED
    with pytest.raises(BookingChanged):
        says(rooms, given_up, on_screen(rooms.world, given_up.rooms[0]), SOON)


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        (time(8), time(8, 45), ToldBy.NOBODY),  # nobody has to come before the start
        (time(8), time(8, 31), ToldBy.NOBODY),  # neither does who comes at the hour
        (time(8), time(9), ToldBy.NOBODY),  # gone when it starts
        (time(8), time(9, 1), ToldBy.RECEPTION),
        (time(9, 10), time(12), ToldBy.RECEPTION),  # there before the room is released
        (time(13), time(16), ToldBy.NOBODY),
    ],
)
def test_where_nobody_could_be_told_nobody_is_absent(
    rooms: Rooms, opens: time, closes: time, told: ToldBy
) -> None:
    tuesday = OpeningRules(weekly=(OpeningRange(1, opens, closes),))
    rooms.terms(desk_of(rooms.world.venue.id), rules=tuesday)
    booked = rooms.book()
    (room,) = booked.rooms
    assert rooms.world.see(told_by, room, booked.booking.starts_at) is told
    absent = told is not ToldBy.NOBODY
    assert release_unused(rooms.world, at(9, 15)) == absent
    assert kept(rooms, booked) is (RoomState.NO_SHOW if absent else RoomState.CONFIRMED)


def test_a_screen_tells_while_reception_is_away(rooms: Rooms) -> None:
    tuesday = OpeningRules(weekly=(OpeningRange(1, time(13), time(16)),))
    rooms.terms(desk_of(rooms.world.venue.id), rules=tuesday)
    booked = rooms.book()
    on_screen(rooms.world, booked.rooms[0])
    assert release_unused(rooms.world, at(9, 15)) == 1
    assert kept(rooms, booked) is RoomState.NO_SHOW
