"""A venue with a price list of its own: its passes are sold and open its rooms; no list at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hub_world import NOW, World
from room_world import GRID, RULE, Rooms, furnish

from visiohub.booking.imports import run
from visiohub.booking.rooms import accounts, changes, choices, prices
from visiohub.domain.tariff.grid import PassOffer, Unit
from visiohub.errors import InvalidForm

LOCAL = PassOffer("ten", Unit.HALF_DAY, 10, Decimal(60), 365)


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def own_list(rooms: Rooms, *passes: PassOffer) -> str:
    """Of the first venue; its id."""
    venue_id = rooms.world.venue.id
    grid = replace(GRID, passes=passes)
    rooms.world.do(prices.save_prices, venue_id, grid, RULE, 0, rooms.coordinator, NOW)
    return venue_id


def forget_prices(rooms: Rooms, *list_ids: str) -> None:
    def forget(uow: object) -> None:
        kept = uow.price_lists  # type: ignore[attr-defined]  # the tests' own
        for list_id in list_ids:
            kept.remove(kept.get(list_id))

    rooms.world.do(forget)


def test_a_venue_s_pass_is_sold_and_opens_its_rooms_alone(rooms: Rooms) -> None:
    world, by = rooms.world, rooms.coordinator
    venue_id = own_list(rooms, LOCAL)
    on_sale = world.see(accounts.passes_on_sale, rooms.account)
    assert [(p.prices.id, p.offer.price) for p in on_sale] == [
        (prices.TERRITORY, Decimal(80)),
        (venue_id, Decimal(60)),
    ]
    held = world.do(accounts.sell_pass, rooms.account.id, "ten", by, NOW, venue_id)
    assert {rooms.room.id, rooms.beside.id} <= held.rooms
    assert rooms.far.id not in held.rooms
    (line,) = world.see(lambda uow: uow.charges.list())
    assert (line.amount.total, line.venue_id) == (Decimal(60), venue_id)
    here = rooms.book("08:00", "12:00")
    assert here.rooms[0].quote.totals.total == 0
    there = rooms.book("08:00", "12:00", rooms=(rooms.far,))
    assert there.rooms[0].quote.totals.total == 12


def test_a_venue_s_pass_for_a_class_opens_that_class_there(rooms: Rooms) -> None:
    world, by = rooms.world, rooms.coordinator
    for room in (rooms.beside, rooms.far):
        rooms.terms(room.id, room_class="large")
    grid = replace(
        GRID,
        room_classes=("", "large"),
        tariffs=(*GRID.tariffs, replace(GRID.tariffs[0], room="large")),
        passes=(replace(LOCAL, rooms=frozenset({"large"})),),
    )
    venue_id = world.venue.id
    world.do(prices.save_prices, venue_id, grid, RULE, 0, by, NOW)
    held = world.do(accounts.sell_pass, rooms.account.id, "ten", by, NOW, venue_id)
    assert held.rooms == {rooms.beside.id}


@pytest.mark.parametrize("list_id", ["nowhere", "elsewhere"])
def test_what_is_not_on_sale_is_not_sold(rooms: Rooms, list_id: str) -> None:
    wanted = rooms.world.elsewhere.id if list_id == "elsewhere" else list_id
    with pytest.raises(InvalidForm):
        rooms.world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW, wanted)


def test_a_venue_without_prices_hides_no_other_s_rooms(rooms: Rooms) -> None:
    own_list(rooms)
    forget_prices(rooms, prices.TERRITORY)
    offered = rooms.world.see(choices.offered_rooms, rooms.account)
    assert {place.venue.id for place in offered} == {rooms.world.venue.id}
    forget_prices(rooms, rooms.world.venue.id)
    assert rooms.world.see(choices.offered_rooms, rooms.account) == []


def test_bookings_are_taken_over_where_nobody_has_written_prices(rooms: Rooms) -> None:
    world = rooms.world
    forget_prices(rooms, prices.TERRITORY)
    table = (
        "Lieu;Salle;Identifiant;Jour;Début;Fin\nGuillestre;Réunion;coworker;15/12/2026;9:00;11:00\n"
    ).encode()
    assert not world.see(run.check, "bookings", table, NOW).problems
    world.do(run.load, "bookings", table, world.admin, NOW)
    (made,) = world.see(lambda uow: uow.bookings.list())
    late = made.starts_at - timedelta(hours=1)
    _, (settled,) = world.do(changes.cancel, made.id, 1, rooms.coordinator, late)
    assert settled.totals.total == 0
