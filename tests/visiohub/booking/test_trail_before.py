"""The audit trail keeps what was before: of rooms, keys, pages and passes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hub_world import NOW, World
from room_world import GRID, Rooms, at, furnish

from visiohub.booking.rooms import accounts, attendance, changes
from visiohub.booking.rooms.printing import count_pages
from visiohub.domain.model import AuditEntry
from visiohub.domain.tariff.grid import Quota


@pytest.fixture
def rooms(world: World) -> Rooms:
    (tariff,) = GRID.tariffs
    printed = replace(tariff, quota=Quota(pages=20), page=Decimal("0.15"))
    return furnish(world, grid=replace(GRID, tariffs=(printed,)))


def last(rooms: Rooms, action: str) -> AuditEntry:
    found = rooms.world.see(lambda uow: uow.audit.list(action=action))
    entry: AuditEntry = max(found, key=lambda one: one.at)
    return entry


def said(entry: AuditEntry, field: str) -> tuple[object, object]:
    return entry.before.get(field), entry.after.get(field)


def test_a_room_s_state_before_and_after(rooms: Rooms) -> None:
    world, room_id = rooms.world, rooms.room.id
    rooms.terms(room_id, needs_approval=True)
    (room,) = rooms.book().rooms
    world.do(changes.approve, room.id, 1, world.reception, NOW)
    states = ({room_id: "requested"}, {room_id: "confirmed"})
    assert said(last(rooms, "booking.approve"), "rooms") == states
    world.do(attendance.check_in, room.id, 2, world.reception, at(9))
    states = ({room_id: "confirmed"}, {room_id: "checked_in"})
    assert said(last(rooms, "booking.check_in"), "rooms") == states


def test_the_keys_that_are_out_before_and_after(rooms: Rooms) -> None:
    world = rooms.world
    (room,) = rooms.book().rooms
    world.do(attendance.hand_out_key, room.id, "Badge 4", world.reception, at(8, 50))
    assert said(last(rooms, "key.out"), "keys") == ([], ["Badge 4"])
    one = world.do(attendance.hand_out_key, room.id, "Badge 2", world.reception, at(8, 51))
    assert said(last(rooms, "key.out"), "keys") == (["Badge 4"], ["Badge 2", "Badge 4"])
    world.do(attendance.take_key_back, one.id, world.reception, at(11))
    assert said(last(rooms, "key.back"), "keys") == (["Badge 2", "Badge 4"], ["Badge 4"])


def test_the_pages_of_the_month_before_and_after(rooms: Rooms) -> None:
    world = rooms.world
    (room,) = rooms.book().rooms
    world.do(count_pages, room.id, 15, world.reception, at(9))
    assert said(last(rooms, "booking.print"), "month_pages") == (0, 15)
    world.do(count_pages, room.id, 12, world.reception, at(10))
    assert said(last(rooms, "booking.print"), "month_pages") == (15, 27)


def test_the_passes_before_and_after(rooms: Rooms) -> None:
    world = rooms.world
    for _ in range(2):
        world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    ten = "10 demi-journées jusqu’au 23/11/2027"
    found = world.see(lambda uow: uow.audit.list(action="membership.sell_pass"))
    both = sorted((said(entry, "passes") for entry in found), key=str)
    assert both == sorted([([], [ten]), ([ten], [ten, ten])], key=str)
