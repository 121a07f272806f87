"""The audit trail keeps what was before: of rooms, keys, pages and passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import GRID, Rooms, at, furnish, release_unused

from visiohub.booking.imports import uploads
from visiohub.booking.rooms import accounts, attendance, book, changes, keys
from visiohub.booking.rooms.printing import count_pages
from visiohub.domain.model import AuditEntry
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Quota

pytestmark = on_both_databases

ONE_MINUTE = timedelta(minutes=1)


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
    world.do(keys.hand_out_key, room.id, "Badge 4", world.reception, at(8, 50))
    assert said(last(rooms, "key.out"), "keys") == ([], ["Badge 4"])
    one = world.do(keys.hand_out_key, room.id, "Badge 2", world.reception, at(8, 51))
    assert said(last(rooms, "key.out"), "keys") == (["Badge 4"], ["Badge 2", "Badge 4"])
    world.do(keys.take_key_back, one.id, world.reception, at(11))
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


def test_what_a_booking_draws_and_gives_back(rooms: Rooms) -> None:
    world, room_id = rooms.world, rooms.room.id
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    ten, nine = (f"{n} demi-journées jusqu’au 23/11/2027" for n in (10, 9))
    booked = rooms.book("08:00", "12:00", uses_passes=True).booking
    entry = last(rooms, "booking.book")
    assert said(entry, "passes") == ([ten], [nine])
    assert said(entry, "charged") == (None, None)  # nothing is
    world.do(changes.cancel, booked.id, 1, rooms.coworker, NOW)
    assert said(last(rooms, "booking.cancel"), "passes") == ([nine], [ten])

    late = rooms.book("13:00", "15:00", uses_passes=False, now=NOW + ONE_MINUTE).booking
    entry = last(rooms, "booking.book")
    assert said(entry, "passes") == (None, None)  # as it was
    assert said(entry, "charged") == ({}, {room_id: "10.00"})
    world.do(changes.cancel, late.id, 1, rooms.coworker, at(10))
    entry = last(rooms, "booking.cancel")
    assert said(entry, "charged") == ({room_id: "10.00"}, {room_id: "5.00"})
    assert said(entry, "totals") == (None, None)  # the price that was shown


def test_each_booking_of_a_series_says_what_it_drew(world: World) -> None:
    (tariff,) = GRID.tariffs
    rooms = furnish(world, grid=replace(GRID, tariffs=(replace(tariff, quota=Quota(hours=5)),)))
    world.do(book.book_series, rooms.series("FREQ=DAILY;COUNT=3"), rooms.coworker, NOW)
    found = world.see(lambda uow: uow.audit.list(action="booking.book"))
    used = [said(entry, "quota_hours") for entry in found]
    month = "2026-11"
    assert sorted(used, key=str) == sorted(
        [({}, {month: 2}), ({month: 2}, {month: 4}), ({month: 4}, {month: 5})], key=str
    )


def test_who_does_not_come_is_charged_by_the_rule(world: World) -> None:
    rule = CancellationRule(24, Decimal(50), Decimal(75))
    rooms = furnish(world, rule=rule)
    rooms.book()
    assert release_unused(world, at(9, 15)) == 1
    entry = last(rooms, "booking.release")
    assert said(entry, "charged") == ({rooms.room.id: "10.00"}, {rooms.room.id: "7.50"})
    assert said(entry, "state") == ("confirmed", "no_show")


def test_a_file_sent_and_dropped(world: World) -> None:
    made = world.do(uploads.send, "venues", "zolverini.csv", b"x", world.admin, NOW)
    other = world.do(uploads.replace, made.id, "b.csv", b"yz", world.admin, NOW)
    world.do(uploads.drop, other.id, world.admin, NOW)
    found = world.see(lambda uow: [e for e in uow.audit.list() if e.action.startswith("import.")])
    noted = {(e.action, e.subject, str(e.before), str(e.after)) for e in found}
    one, two = ({"kind": "venues", "octets": n} for n in (1, 2))
    assert noted == {
        ("import.send", made.id, "{}", str(one)),
        ("import.send", other.id, "{}", str(two)),
        ("import.drop", made.id, str(one), "{}"),
        ("import.drop", other.id, str(two), "{}"),
    }
    assert {e.person_id for e in found} == {world.admin.id}
