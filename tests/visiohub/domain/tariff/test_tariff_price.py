"""Properties of the cheapest combination, beside a slow search that tries everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tariff_grids import PARIS, at, euros, grid, rates, wish

from visiohub.domain.model import OpeningRange
from visiohub.domain.tariff.grid import Grid, Quota, Rate, Tariff, Unit
from visiohub.domain.tariff.months import month_later
from visiohub.domain.tariff.price import Wish, price
from visiohub.domain.tariff.quote import UnitLine
from visiohub.domain.tariff.standing import PassHeld, Standing
from visiohub.domain.tariff.wall import Wall

NEW = Standing()
HALF_HOUR = timedelta(minutes=30)
ZONES = st.sampled_from(["Europe/Paris", "America/Miquelon", "Indian/Reunion"]).map(ZoneInfo)
STARTS = st.builds(
    lambda day, slots: datetime(2026, 3, 27, tzinfo=UTC) + timedelta(days=day) + slots * HALF_HOUR,
    st.integers(0, 5),  # the clocks of Paris change on 29 March
    st.integers(0, 47),
)
PRICES = st.integers(0, 4000).map(lambda cents: Decimal(cents) / 100)
WINDOWS = st.lists(
    st.builds(
        lambda day, slot, long: OpeningRange(
            day, time(slot // 2, slot % 2 * 30), time(min(23, slot // 2 + long), slot % 2 * 30)
        ),
        st.integers(0, 6),
        st.integers(0, 43),
        st.integers(1, 6),
    ),
    max_size=3,
).map(tuple)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Sound grids; hours are always sold, so that everything has a price."""
    units = {Unit.HOUR} | draw(st.sets(st.sampled_from(list(Unit))))
    sold = []
    for unit in sorted(units):
        base = draw(PRICES)
        more = draw(st.none() | PRICES)
        sold.append(Rate(unit, base, None if more is None else base + more))
    tariff = {
        "free_weekdays": draw(st.frozensets(st.integers(0, 6), max_size=1)),
        "quota": Quota(hours=draw(st.integers(0, 2))),
    }
    return grid(tuple(sold), tariff=tariff, peak=draw(WINDOWS))


@st.composite
def accounts(draw: st.DrawFn) -> Standing:
    held = [
        PassHeld(
            f"pass-{n}",
            draw(st.sampled_from([Unit.HALF_DAY, Unit.DAY])),
            draw(st.integers(0, 2)),
            date(2026, 3, 27) + timedelta(days=draw(st.integers(0, 8))),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return Standing(passes=tuple(held))


@st.composite
def wishes(draw: st.DrawFn, longest: int = 60) -> Wish:
    start = draw(STARTS)
    return wish(start, start + draw(st.integers(1, longest)) * HALF_HOUR, zone=draw(ZONES))


def all_tried(sold: Grid, asked: Wish, account: Standing) -> Decimal:
    """The least price of any way to cut the span into half-hours' multiples and pay each part."""
    (tariff,) = sold.tariffs
    start, end = asked.start.astimezone(UTC), asked.end.astimezone(UTC)
    wall = Wall(sold, asked.zone, start, end)

    @cache
    def rest(at: datetime, left: tuple[int, ...]) -> Decimal:
        if at >= end:
            return Decimal(0)
        found = []
        if wall.day(at).weekday() in tariff.free_weekdays:
            found.append(rest(min(end, wall.reach(Unit.DAY)(at)), left))
        for n, held in enumerate(account.passes):
            if left[n] and wall.day(at) <= held.valid_until:
                less = (*left[:n], left[n] - 1, *left[n + 1 :])
                found.append(rest(min(end, wall.reach(held.unit)(at)), less))
        for rate in tariff.rates:
            until = min(end, wall.reach(rate.unit)(at))
            stops = {until, min(until, at + HALF_HOUR)}
            if rate.peak is not None:
                slots = int((until - at) / HALF_HOUR)
                stops |= {at + n * HALF_HOUR for n in range(1, slots + 1)}
            for stop in stops:
                dear = rate.peak is not None and wall.is_peak(at, stop)
                each = rate.peak if dear and rate.peak is not None else rate.price
                found.append(each + rest(stop, left))
        return min(found)

    units = tuple(p.left for p in account.passes)
    quota = range(tariff.quota.hours + 1)
    return min(rest(min(end, start + 2 * hours * HALF_HOUR), units) for hours in quota)


@settings(max_examples=60, deadline=None)
@given(grids(), wishes(24), accounts())
def test_nothing_is_cheaper(sold: Grid, asked: Wish, account: Standing) -> None:
    assert price(sold, asked, account).totals.total == all_tried(sold, asked, account)


@settings(max_examples=100, deadline=None)
@given(grids(), wishes(200), accounts())
def test_never_dearer_than_hours_alone(sold: Grid, asked: Wish, account: Standing) -> None:
    (tariff,) = sold.tariffs
    (hour,) = (rate for rate in tariff.rates if rate.unit is Unit.HOUR)
    alone = replace(sold, tariffs=(Tariff("pro", "visio", (hour,)),))
    assert price(sold, asked, account).totals.total <= price(alone, asked, NEW).totals.total


@settings(max_examples=100, deadline=None)
@given(grids(), wishes(100), accounts(), st.integers(1, 40))
def test_longer_is_never_cheaper(sold: Grid, asked: Wish, account: Standing, more: int) -> None:
    longer = replace(asked, end=asked.end + more * HALF_HOUR)
    assert price(sold, asked, account).totals.total <= price(sold, longer, account).totals.total


@settings(max_examples=60, deadline=None)
@given(grids(), wishes(), accounts(), st.randoms(use_true_random=False))
def test_the_order_of_rates_windows_and_passes_does_not_matter(
    sold: Grid, asked: Wish, account: Standing, chance: Random
) -> None:
    def shuffled(things: tuple[object, ...]) -> tuple[object, ...]:
        mixed = list(things)
        chance.shuffle(mixed)
        return tuple(mixed)

    (tariff,) = sold.tariffs
    other = replace(
        sold,
        tariffs=(replace(tariff, rates=shuffled(tariff.rates)),),
        peak=shuffled(sold.peak),
    )
    mixed = replace(account, passes=shuffled(account.passes))
    quote, again = price(sold, asked, account), price(other, asked, mixed)
    assert quote.lines == again.lines
    assert dict(quote.draws.pass_units) == dict(again.draws.pass_units)


@settings(max_examples=60, deadline=None)
@given(grids(), wishes(), accounts(), st.sampled_from(["0", "5.5", "10", "20"]), st.booleans())
def test_lines_add_up_to_the_total(
    sold: Grid, asked: Wish, account: Standing, vat: str, included: bool
) -> None:
    taxed = replace(sold, vat_percent=Decimal(vat), prices_include_vat=included)
    quote = price(taxed, asked, account)
    assert sum(line.amount.before_tax for line in quote.lines) == quote.totals.before_tax
    assert sum(line.amount.vat for line in quote.lines) == quote.totals.vat
    assert quote.totals.before_tax + quote.totals.vat == quote.totals.total
    for line in quote.lines:
        if isinstance(line, UnitLine):
            said = line.amount.total if included else line.amount.before_tax
            assert said == line.count * line.unit_price
    assert account.take(quote.draws).give_back(quote.draws) == account


def test_the_cheapest_of_hours_half_day_and_day() -> None:
    sold = grid(rates(hour="5", two_hours="8", half_day="12", day="20"))
    costs = [price(sold, wish(at(8), at(8 + n)), NEW).totals.total for n in range(1, 11)]
    # the half-day ends at 13:00: after it, the day's price is the most that a day costs
    assert costs == [euros(c) for c in ("5", "8", "12", "12", "12", "17", "20", "20", "20", "20")]


def test_a_started_hour_is_an_hour() -> None:
    assert price(grid(rates(hour="5")), wish(at(9), at(10, 1)), NEW).totals.total == euros("10")


def test_peak_hours_are_charged_where_they_lie() -> None:
    peak = (OpeningRange(0, time(12), time(14)),)
    sold = grid(rates(hour="5/8"), peak=peak)
    assert price(sold, wish(at(10), at(12)), NEW).totals.total == euros("10")
    assert price(sold, wish(at(11), at(13)), NEW).totals.total == euros("13")
    # half an hour before the peak is one cheap hour, not two dear ones
    assert price(sold, wish(at(11, 30), at(13)), NEW).totals.total == euros("13")
    tuesday = wish(at(12, day=24), at(14, day=24))
    assert price(sold, tuesday, NEW).totals.total == euros("10")


def test_a_week_is_seven_dates_and_a_month_ends_before_its_date() -> None:
    sold = grid(rates(day="10", week="40", month="100"))
    assert price(sold, wish(at(9), at(18, day=29)), NEW).totals.total == euros("40")
    assert price(sold, wish(at(9), at(18, day=30)), NEW).totals.total == euros("50")
    start = datetime(2027, 1, 31, 9, tzinfo=PARIS)
    inside = wish(start, datetime(2027, 2, 27, 18, tzinfo=PARIS))
    assert price(sold, inside, NEW).totals.total == euros("100")
    beyond = wish(start, datetime(2027, 2, 28, 18, tzinfo=PARIS))
    assert price(sold, beyond, NEW).totals.total == euros("110")


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_a_later_month_never_ends_sooner(day: date) -> None:
    assert month_later(day) <= month_later(day + timedelta(days=1))


@pytest.mark.parametrize(("day", "hours"), [(28, 23), (27, 24)])
def test_a_day_is_a_date_also_when_the_clocks_change(day: int, hours: int) -> None:
    start = datetime(2027, 3, day, tzinfo=PARIS)
    sold = grid(rates(hour="5", day="20"))
    asked = wish(start, start.astimezone(UTC) + timedelta(hours=hours))
    assert price(sold, asked, NEW).totals.total == euros("20")
