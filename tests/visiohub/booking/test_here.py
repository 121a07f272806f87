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
from visiohub.domain.door import AT_ONCE, LIVING, SEEN_EVERY
from visiohub.domain.model import OpeningRange, Person, Room
from visiohub.errors import NotAllowed, NotFound, TooManyAttempts

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
    assert rooms.world.see(told_by, room, booked.booking.starts_at, at(9)) is told
    absent = told is not ToldBy.NOBODY
    assert release_unused(rooms.world, at(9, 15)) == absent
    assert kept(rooms, booked) is (RoomState.NO_SHOW if absent else RoomState.CONFIRMED)


@pytest.fixture
def alone(rooms: Rooms) -> str:
    """The address of the room's screen, beside which no reception is there in the morning."""
    afternoon = OpeningRules(weekly=(OpeningRange(1, time(13), time(16)),))
    rooms.terms(desk_of(rooms.world.venue.id), rules=afternoon)
    token: str = rooms.world.do(doors.give_address, rooms.room.id, rooms.coordinator, at(7))
    return token


def test_a_screen_tells_while_reception_is_away(rooms: Rooms, alone: str) -> None:
    booked = rooms.book()
    rooms.world.do(doors.seen, alone, at(9))
    assert release_unused(rooms.world, at(9, 15)) == 1
    assert kept(rooms, booked) is RoomState.NO_SHOW


def test_a_screen_that_was_never_switched_on_tells_nothing(rooms: Rooms, alone: str) -> None:
    booked = rooms.book()
    assert rooms.world.see(told_by, booked.rooms[0], at(9), SOON) is ToldBy.NOBODY
    assert release_unused(rooms.world, at(9, 15)) == 0
    assert kept(rooms, booked) is RoomState.CONFIRMED


def test_a_screen_that_went_silent_tells_nothing_more(rooms: Rooms, alone: str) -> None:
    booked = rooms.book()
    world, (room,) = rooms.world, booked.rooms
    world.do(doors.seen, alone, at(8, 59))
    edge = at(8, 59) + LIVING
    assert world.see(told_by, room, at(9), edge) is ToldBy.SCREEN
    assert world.see(told_by, room, at(9), edge + timedelta(seconds=1)) is ToldBy.NOBODY
    assert release_unused(world, at(9, 15)) == 0
    world.do(doors.seen, alone, at(10))  # switched on later: it knows nothing of who came before
    assert world.see(told_by, room, at(9), at(10)) is ToldBy.SCREEN
    assert release_unused(world, at(10)) == 0
    assert kept(rooms, booked) is RoomState.CONFIRMED


def test_a_screen_that_comes_on_after_the_start_takes_nobody_for_absent(
    rooms: Rooms, alone: str
) -> None:
    booked, world = rooms.book(), rooms.world
    world.do(doors.seen, alone, at(9) + AT_ONCE + timedelta(seconds=1))
    assert (
        world.see(told_by, booked.rooms[0], at(9), SOON) is ToldBy.SCREEN
    )  # who comes now may say so
    assert release_unused(world, at(9, 15)) == 0
    assert kept(rooms, booked) is RoomState.CONFIRMED


def test_a_screen_that_was_off_for_longer_begins_anew(rooms: Rooms, alone: str) -> None:
    booked, world = rooms.book(), rooms.world
    world.do(doors.seen, alone, at(7))
    world.do(doors.seen, alone, at(9, 5))
    assert release_unused(world, at(9, 15)) == 0
    assert kept(rooms, booked) is RoomState.CONFIRMED


def test_a_screen_that_asks_all_the_time_was_there_from_the_start(rooms: Rooms, alone: str) -> None:
    booked, world = rooms.book(), rooms.world
    for minute in range(0, 80, 5):
        world.do(doors.seen, alone, at(8, minute) if minute < 60 else at(9, minute - 60))
    assert release_unused(world, at(9, 15)) == 1
    assert kept(rooms, booked) is RoomState.NO_SHOW


def test_that_a_screen_asks_is_written_down_now_and_then(rooms: Rooms, alone: str) -> None:
    def news(now: datetime) -> bool:
        return bool(rooms.world.see(doors.door_view, alone, now).is_news)

    assert news(at(8))
    rooms.world.do(doors.seen, alone, at(8))
    assert not news(at(8) + SEEN_EVERY - timedelta(seconds=1))
    assert news(at(8) + SEEN_EVERY)
    again = rooms.world.do(doors.give_address, rooms.room.id, rooms.coordinator, at(8, 2))
    assert rooms.world.see(doors.door_view, again, at(8, 2)).is_news  # another screen, not seen yet
    for address in (alone, "nowhere"):
        with pytest.raises(NotFound):
            rooms.world.do(doors.seen, address, at(8, 2))


def test_a_screen_is_removed_by_who_runs_the_venue(rooms: Rooms, alone: str) -> None:
    booked, world = rooms.book(), rooms.world
    world.do(doors.seen, alone, SOON)
    shown = on_screen(world, booked.rooms[0])
    with pytest.raises(NotAllowed):
        world.do(doors.remove_screen, rooms.room.id, rooms.coworker, SOON)
    world.do(doors.remove_screen, rooms.room.id, world.reception, SOON)
    assert world.see(told_by, booked.rooms[0], at(9), SOON) is ToldBy.NOBODY
    with pytest.raises(NotFound):
        world.see(doors.door_view, alone, SOON)
    with pytest.raises(ScreenCodeUnknown):
        says(rooms, booked, shown, SOON)
    with pytest.raises(NotFound):
        world.do(doors.remove_screen, rooms.room.id, world.reception, SOON)
    (entry,) = world.see(lambda uow: uow.audit.list(action="door.remove"))
    assert (entry.subject, entry.person_id) == (rooms.room.id, world.reception.id)
