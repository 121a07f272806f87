"""A booking that the venue takes back costs nothing; one that its person gives up may."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import GRID, Rooms, at, furnish, owed

from visiohub.booking.rooms import accounts, changes, lists
from visiohub.domain.tariff.grid import Quota
from visiohub.errors import NotAllowed

pytestmark = on_both_databases
LATE, BEGUN = at(8), at(9, 5)


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


@pytest.mark.parametrize("now", [LATE, BEGUN], ids=["late", "begun"])
@pytest.mark.parametrize(
    ("by_venue", "stays"),
    [(None, (0, 0)), (True, (0, 0)), (False, (5, 10))],
    ids=["unsaid", "venue", "person"],
)
def test_staff_say_whose_wish_it_is(
    rooms: Rooms, now: datetime, by_venue: bool | None, stays: tuple[int, int]
) -> None:
    booked = rooms.book()
    row = rooms.world.see(lists.show, booked.booking.id, rooms.world.reception)
    (said,) = row.if_cancelled(now, by_venue=by_venue is not False)
    cancel, who = (booked.booking.id, 1), rooms.world.reception
    _, (settled,) = rooms.world.do(changes.cancel, *cancel, who, now, by_venue=by_venue)
    assert settled == said
    assert owed(rooms) == stays[now == BEGUN]
    entry = rooms.world.see(lambda u: u.audit.list(action="booking.cancel"))[0]
    assert entry.after["cancelled_by_venue"] is (by_venue is not False)


def test_ones_own_is_never_the_venues_doing(rooms: Rooms) -> None:
    booked = rooms.book()
    cancel = booked.booking.id, 1, rooms.coworker, LATE
    with pytest.raises(NotAllowed):
        rooms.world.do(changes.cancel, *cancel, by_venue=True)
    rooms.world.do(changes.cancel, *cancel)
    assert owed(rooms) == 5


def test_passes_and_quotas_come_back_whole(world: World) -> None:
    tariff = replace(GRID.tariffs[0], quota=Quota(hours=2))
    rooms = furnish(world, grid=replace(GRID, tariffs=(tariff,)))
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    had = world.see(lambda u: u.memberships.get(rooms.account.id)).standing
    for starts, ends in (("10:00", "12:00"), ("13:00", "16:00")):
        rooms.book(starts, ends)
    drawn = world.see(lambda u: u.memberships.get(rooms.account.id)).standing
    assert drawn.passes[0].left == 9
    for booking in world.see(lambda u: u.bookings.list()):
        world.do(changes.cancel, booking.id, 1, world.reception, booking.starts_at)
    kept = world.see(lambda u: u.memberships.get(rooms.account.id)).standing
    assert (kept.passes, kept.uses) == (had.passes, had.uses)
    assert sum(hours for _, hours in kept.hours) == 0
    assert owed(rooms) == 80
