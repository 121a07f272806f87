"""Printed pages: the month's quota first, then their price, on the account and its statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hub_world import World
from room_world import GRID, Rooms, at, furnish

from visiohub.booking.rooms.printing import (
    PrintTerms,
    count_pages,
    count_pages_once,
    print_terms,
)
from visiohub.booking.rooms.refusals import BookingChanged, PagesNotSold
from visiohub.booking.rooms.statements import statement_of
from visiohub.booking.secrets import new_token
from visiohub.domain.booking import BookedRoom, RoomState
from visiohub.domain.tariff.grid import Grid, Quota
from visiohub.domain.tariff.months import Month
from visiohub.errors import InvalidForm, NotAllowed
from visiohub.storage.uow import UnitOfWork

NINE = at(9)


def printing(page: str | None) -> Grid:
    row = replace(GRID.tariffs[0], quota=Quota(pages=20), page=Decimal(page) if page else None)
    return replace(GRID, tariffs=(row,))


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world, grid=printing("0.15"))


@pytest.fixture
def room(rooms: Rooms) -> BookedRoom:
    return rooms.book().rooms[0]


def terms(rooms: Rooms, room: BookedRoom) -> PrintTerms | None:
    found: PrintTerms | None = rooms.world.see(print_terms, room, NINE)
    return found


def printed_lines(rooms: Rooms) -> list[str]:
    found = rooms.world.see(statement_of, rooms.account.id, Month(2026, 11), rooms.coordinator)
    return [one.label for one in found.lines if one.label.startswith("Impression")]


def test_the_quota_goes_first_then_each_page_is_charged(rooms: Rooms, room: BookedRoom) -> None:
    world = rooms.world
    assert terms(rooms, room) == PrintTerms(20, Decimal("0.15"))
    free = world.do(count_pages, room.id, 15, world.reception, NINE)
    assert (free.free, free.charged) == (15, 0)
    assert terms(rooms, room) == PrintTerms(5, Decimal("0.15"))
    line = world.do(count_pages, room.id, 12, world.reception, NINE)
    assert (line.free, line.charged, line.amount.total) == (5, 7, Decimal("1.05"))
    found = world.see(statement_of, rooms.account.id, Month(2026, 11), rooms.coordinator)
    labels = [one.label for one in found.lines]
    assert "Impression, 12 p." in labels
    assert "Impression, 15 p." not in labels
    [first, second] = world.see(lambda uow: uow.audit.list(action="booking.print"))
    assert {first.after["pages"], second.after["pages"]} == {15, 12}


def test_a_form_that_is_sent_twice_counts_once(rooms: Rooms, room: BookedRoom) -> None:
    world = rooms.world
    key = new_token()
    for first in (True, False):  # of the quota, which leaves no charge
        assert world.do(count_pages_once, room.id, 15, key, world.reception, NINE) is first
    assert terms(rooms, room) == PrintTerms(5, Decimal("0.15"))
    for _ in range(2):
        world.do(count_pages_once, room.id, 12, key, world.reception, NINE)
    assert printed_lines(rooms) == ["Impression, 12 p."]
    world.do(count_pages_once, room.id, 12, new_token(), world.reception, NINE)
    assert printed_lines(rooms) == ["Impression, 12 p."] * 2
    with pytest.raises(NotAllowed):
        world.do(count_pages_once, room.id, 12, key, rooms.coworker, NINE)


def test_a_new_month_has_a_new_quota(rooms: Rooms, room: BookedRoom) -> None:
    world = rooms.world
    world.do(count_pages, room.id, 20, world.reception, NINE)
    later = NINE + timedelta(days=20)
    assert world.see(print_terms, room, later) == PrintTerms(20, Decimal("0.15"))


def test_beyond_the_quota_without_a_price_nothing_is_counted(world: World) -> None:
    rooms = furnish(world, grid=printing(None))
    room = rooms.book().rooms[0]
    with pytest.raises(PagesNotSold):
        world.do(count_pages, room.id, 21, world.reception, NINE)
    assert terms(rooms, room) == PrintTerms(20, None)
    world.do(count_pages, room.id, 20, world.reception, NINE)
    assert terms(rooms, room) is None


@pytest.mark.parametrize("pages", [0, 1001])
def test_a_number_of_pages_is_asked(rooms: Rooms, room: BookedRoom, pages: int) -> None:
    with pytest.raises(InvalidForm):
        rooms.world.do(count_pages, room.id, pages, rooms.world.reception, NINE)


def test_the_venue_alone_counts_for_who_has_the_room(rooms: Rooms, room: BookedRoom) -> None:
    world = rooms.world
    with pytest.raises(NotAllowed):
        world.do(count_pages, room.id, 1, rooms.coworker, NINE)

    def over(uow: UnitOfWork) -> None:
        uow.booked_rooms.get(room.id).state = RoomState.NO_SHOW

    world.do(over)
    with pytest.raises(BookingChanged):
        world.do(count_pages, room.id, 1, world.reception, NINE)


def test_where_nobody_has_written_prices_nothing_is_printed(rooms: Rooms, room: BookedRoom) -> None:
    def forget(uow: UnitOfWork) -> None:
        for prices in uow.price_lists.list():
            uow.price_lists.remove(prices)

    rooms.world.do(forget)
    assert terms(rooms, room) is None
    with pytest.raises(PagesNotSold):
        rooms.world.do(count_pages, room.id, 1, rooms.world.reception, NINE)
