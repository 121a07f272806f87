"""Reception acts on the rooms of its own venues, and on nothing of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hub_world import NOW, World
from room_world import TOMORROW, Rooms, at, furnish

from visiohub.booking.planning import moves
from visiohub.booking.planning.views import EntryKind
from visiohub.booking.rooms import book, changes, choices, free, lists, statements
from visiohub.booking.rooms.forms import WhenForm
from visiohub.domain.model import Room
from visiohub.domain.tariff.months import Month
from visiohub.errors import NotAllowed, NotFound


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def when(*wanted: Room) -> WhenForm:
    ids = tuple(room.id for room in wanted)
    return WhenForm.model_validate(
        {"room_ids": ids, "day": TOMORROW, "starts": "14:00", "ends": "15:00"}
    )


@pytest.mark.parametrize("with_own", [False, True])
def test_nothing_is_booked_for_others_elsewhere(rooms: Rooms, with_own: bool) -> None:
    world, reception = rooms.world, rooms.world.reception
    wanted = (rooms.room, rooms.far) if with_own else (rooms.far,)
    for use_case in (book.quote, book.book):
        with pytest.raises(NotAllowed):
            world.do(use_case, rooms.form(rooms=wanted), reception, NOW)
    series = rooms.series("FREQ=WEEKLY;COUNT=2", rooms=wanted)
    for use_case in (book.quote_series, book.book_series):
        with pytest.raises(NotAllowed):
            world.do(use_case, series, reception, NOW)
    ids: Sequence[str] = [room.id for room in wanted]
    hour = at(10) - at(9)
    with pytest.raises(NotAllowed):
        world.see(free.common_free, ids, rooms.account.id, hour, at(8), at(12), reception, NOW)
    with pytest.raises(NotAllowed):
        world.see(choices.slots_of_day, ids, rooms.account.id, hour, TOMORROW, reception, NOW)
    rooms.book(by=reception)


@pytest.mark.parametrize("with_own", [False, True])
def test_a_booking_elsewhere_is_not_seen_moved_or_cancelled(rooms: Rooms, with_own: bool) -> None:
    world, reception = rooms.world, rooms.world.reception
    wanted = (rooms.room, rooms.far) if with_own else (rooms.far,)
    booked = rooms.book(rooms=wanted).booking
    with pytest.raises(NotFound):
        world.see(lists.show, booked.id, reception)
    with pytest.raises(NotAllowed):
        world.do(changes.cancel, booked.id, 1, reception, NOW)
    home = (rooms.room, rooms.beside)[: len(wanted)]
    with pytest.raises(NotAllowed):
        world.do(changes.move, booked.id, when(*home), 1, reception, NOW)
    for by in (rooms.coordinator, rooms.coworker):
        assert world.see(lists.show, booked.id, by).booking.id == booked.id


def test_a_booking_is_not_moved_to_another_venue(rooms: Rooms) -> None:
    world, reception = rooms.world, rooms.world.reception
    booked = rooms.book()
    with pytest.raises(NotAllowed):
        world.do(changes.move, booked.booking.id, when(rooms.far), 1, reception, NOW)
    wish: dict[str, Any] = {"day": TOMORROW, "time": "14:00"}
    form = moves.WishForm(room_id=rooms.far.id, **wish)
    with pytest.raises(NotAllowed):
        world.do(moves.move, EntryKind.BOOKING, booked.rooms[0].id, form, 1, reception, NOW)
    form = moves.WishForm(room_id=rooms.beside.id, **wish)
    world.do(moves.move, EntryKind.BOOKING, booked.rooms[0].id, form, 1, reception, NOW)


def test_what_moves_with_rooms_elsewhere_is_not_offered_to_be_moved(rooms: Rooms) -> None:
    booked = rooms.book(rooms=(rooms.room, rooms.far))
    mine = next(room for room in booked.rooms if room.room_id == rooms.room.id)

    def movable(by: Any) -> bool:
        return bool(rooms.world.see(moves.moving, EntryKind.BOOKING, mine.id, by).entry.movable)

    assert not movable(rooms.world.reception)
    assert movable(rooms.coordinator)


def test_reception_reads_no_statement_of_others(rooms: Rooms) -> None:
    month = Month.of(TOMORROW)
    with pytest.raises(NotAllowed):
        rooms.world.see(statements.statement_of, rooms.account.id, month, rooms.world.reception)
    for by in (rooms.coordinator, rooms.coworker):
        rooms.world.see(statements.statement_of, rooms.account.id, month, by)
