"""Nobody pays for a room what they were not shown, whatever became of the price meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hub_world import NOW, World
from room_world import GRID, RULE, TOMORROW, Rooms, furnish

from visiohub.booking.rooms import book, changes, prices
from visiohub.booking.rooms.forms import WhenForm
from visiohub.booking.rooms.refusals import PriceChanged, RulesChanged
from visiohub.domain.tariff.grid import Grid, Rate, Unit

DEAR = replace(GRID, tariffs=(replace(GRID.tariffs[0], rates=(Rate(Unit.HOUR, Decimal(6)),)),))
"""An hour costs 6 EUR where it was 5."""


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def charge(rooms: Rooms, grid: Grid) -> None:
    version = rooms.world.see(prices.prices_of, None).version
    rooms.world.do(prices.save_prices, None, grid, RULE, version, rooms.coordinator, NOW)


def nothing_is_owed(rooms: Rooms) -> bool:
    return not rooms.world.see(lambda uow: uow.charges.list())


def test_a_booking_at_another_price_is_refused_with_the_new_one(rooms: Rooms) -> None:
    shown = rooms.world.see(book.quote, rooms.form(), rooms.coworker, NOW).totals.total
    charge(rooms, DEAR)
    with pytest.raises(PriceChanged) as refused:
        rooms.book(shown_total=shown)
    assert refused.value.params == {"shown": Decimal("10.00"), "total": Decimal("12.00")}
    assert [quoted.totals.total for quoted in refused.value.quotes] == [Decimal("12.00")]
    assert nothing_is_owed(rooms)
    rooms.book(shown_total=Decimal(12))


def test_a_series_tells_the_price_of_each_date_and_keeps_to_the_sum(rooms: Rooms) -> None:
    rooms.book("09:00", "11:00", day=TOMORROW + timedelta(days=7))
    series = rooms.series("FREQ=WEEKLY;COUNT=3", rooms=(rooms.room, rooms.beside), only_free=True)
    offer = rooms.world.see(book.quote_series, series, rooms.coworker, NOW)
    taken = next(iter(offer.clashes))
    assert set(offer.quotes) == set(offer.dates) - {taken}
    assert {
        tuple(quoted.totals.total for quoted in quotes) for quotes in offer.quotes.values()
    } == {(Decimal("10.00"), Decimal("10.00"))}
    assert offer.totals.total == Decimal("40.00")
    charge(rooms, DEAR)
    shown = series.model_copy(update={"shown_total": offer.totals.total})
    with pytest.raises(PriceChanged) as refused:
        rooms.world.do(book.book_series, shown, rooms.coworker, NOW)
    assert refused.value.totals.total == Decimal("48.00")
    assert len(rooms.world.see(lambda uow: uow.bookings.list())) == 1


def test_each_venue_tells_its_own_rule_of_cancellation(rooms: Rooms) -> None:
    strict = replace(RULE, free_hours=72)
    venue_id = rooms.world.elsewhere.id
    rooms.world.do(prices.save_prices, venue_id, GRID, strict, 0, rooms.coordinator, NOW)
    form = rooms.form(rooms=(rooms.room, rooms.far))
    offer = rooms.world.see(book.quote, form, rooms.coworker, NOW)
    assert [(r.terms.venue, r.terms.cancellation) for r in offer.rooms] == [
        (rooms.world.venue.name, RULE),
        (rooms.world.elsewhere.name, strict),
    ]


def test_a_move_at_another_price_is_refused_with_the_new_one(rooms: Rooms) -> None:
    booked = rooms.book("09:00", "11:00")
    form = WhenForm.model_validate(
        {
            "room_ids": (rooms.room.id,),
            "day": TOMORROW,
            "starts": "13:00",
            "ends": "16:00",
            "shown_total": "10.00",
        }
    )
    with pytest.raises(PriceChanged) as refused:
        rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.coworker, NOW)
    assert refused.value.params == {"shown": Decimal("10.00"), "total": Decimal("12.00")}
    kept = rooms.world.see(lambda uow: uow.bookings.get(booked.booking.id))
    assert (kept.starts_at, kept.version) == (booked.booking.starts_at, 1)
    agreed = form.model_copy(update={"shown_total": Decimal(12)})
    rooms.world.do(changes.move, booked.booking.id, agreed, 1, rooms.coworker, NOW)


STRICT = replace(RULE, free_hours=700, late_percent=Decimal(100))


def change_rule(rooms: Rooms) -> None:
    version = rooms.world.see(prices.prices_of, None).version
    rooms.world.do(prices.save_prices, None, GRID, STRICT, version, rooms.coordinator, NOW)


def test_a_rule_of_cancellation_that_was_not_shown_binds_nobody(rooms: Rooms) -> None:
    offer = rooms.world.see(book.quote, rooms.form(), rooms.coworker, NOW)
    shown = {"shown_rules": prices.rules_text(r.terms.cancellation for r in offer.rooms)}
    assert shown == {"shown_rules": "24:50:100"}
    change_rule(rooms)
    with pytest.raises(RulesChanged):
        rooms.book(**shown)
    series = rooms.series("FREQ=WEEKLY;COUNT=3", **shown)
    with pytest.raises(RulesChanged):
        rooms.world.do(book.book_series, series, rooms.coworker, NOW)
    assert nothing_is_owed(rooms)
    rooms.book(shown_rules="700:100:100")


def test_a_move_keeps_the_rule_of_cancellation(rooms: Rooms) -> None:
    later = TOMORROW + timedelta(days=10)
    booked = rooms.book("09:00", "11:00", day=later)
    change_rule(rooms)
    there = {"room_ids": (rooms.room.id,), "day": later, "starts": "09:30", "ends": "11:30"}
    form = WhenForm.model_validate(there)
    moved = rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.coworker, NOW)
    assert [room.cancellation for room in moved.rooms] == [RULE]
    _, settled = rooms.world.do(changes.cancel, booked.booking.id, 2, rooms.coworker, NOW)
    assert [one.totals.total for one in settled] == [Decimal(0)]
