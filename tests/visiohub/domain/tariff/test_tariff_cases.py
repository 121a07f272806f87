"""The prices that real venues charge, as issue 4 names them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tariff_grids import at, euros, grid, rates, wish

from visiohub.domain.tariff.grid import FirstUses, Grid, PassOffer, Quota, Tariff, Unit
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.price import NotSoldError, Wish, price, price_all, price_pages
from visiohub.domain.tariff.quote import (
    FirstUseLine,
    FreeWeekdayLine,
    PagesLine,
    PassLine,
    QuotaLine,
    SessionLine,
    UnitLine,
)
from visiohub.domain.tariff.standing import Draws, PassHeld, Standing

NEW = Standing()
NOVEMBER = Month(2026, 11)
TEN_DAYS = PassOffer("ten-days", Unit.DAY, 10, euros("20"), 365)


def test_49_for_two_hours_of_room_and_49_for_the_session() -> None:
    sold = grid(rates(two_hours="49"), tariff={"session": euros("49")})
    quote = price(sold, wish(at(14), at(16), visio=True), NEW)
    room, session = quote.lines
    assert isinstance(room, UnitLine)
    assert (room.unit, room.count, room.unit_price) == (Unit.TWO_HOURS, 1, euros("49"))
    assert session == SessionLine(session.amount)
    assert session.amount.total == euros("49")
    assert quote.totals.total == euros("98.00")


def test_the_session_is_free_for_members() -> None:
    rows = (
        Tariff("member", "visio", rates(two_hours="49"), session=euros("0")),
        Tariff("guest", "visio", rates(two_hours="49"), session=euros("49")),
        Tariff("walker", "visio", rates(two_hours="49")),
    )
    both = Grid(("member", "guest", "walker"), ("visio",), rows, vat_percent=Decimal(0))

    def asked(profile: str) -> Wish:
        plain = wish(at(14), at(16), visio=True)
        return Wish(profile, plain.room_id, "visio", plain.start, plain.end, plain.zone, visio=True)

    assert price(both, asked("member"), NEW).totals.total == euros("49")
    assert price(both, asked("member"), NEW).lines[1].amount.total == 0  # said, though free
    assert price(both, asked("guest"), NEW).totals.total == euros("98")
    with pytest.raises(NotSoldError, match="session"):
        price(both, asked("walker"), NEW)


def test_3_euros_a_half_day() -> None:
    sold = grid(rates(half_day="3"))
    assert price(sold, wish(at(8), at(12)), NEW).totals.total == euros("3")
    assert price(sold, wish(at(12), at(14)), NEW).totals.total == euros("6")  # over midday
    assert price(sold, wish(at(9), at(18, day=25)), NEW).totals.total == euros("18")


@pytest.mark.parametrize("pass_price", ["20", "80"])
def test_10_days_on_a_pass(pass_price: str) -> None:
    offer = PassOffer("ten-days", Unit.DAY, 10, euros(pass_price), 365)
    sold = grid(rates(day="12"), passes=(offer,))
    held = PassHeld.bought(offer, "pass-7", date(2026, 11, 23))
    quote = price(sold, wish(at(9), at(17, day=25)), Standing(passes=(held,)))
    (line,) = quote.lines
    assert line == PassLine(line.amount, "pass-7", Unit.DAY, count=3, left=7)
    assert quote.totals.total == 0
    assert Standing(passes=(held,)).take(quote.draws).passes[0].left == 7


def test_35_euros_a_month() -> None:
    sold = grid(rates(half_day="3", month="35"))
    quote = price(sold, wish(at(8, day=1), at(18, day=30)), NEW)
    (line,) = quote.lines
    assert isinstance(line, UnitLine)
    assert (line.unit, line.count) == (Unit.MONTH, 1)
    assert quote.totals.total == euros("35")


def test_buying_the_pass_first_is_advised_when_it_is_cheaper() -> None:
    sold = grid(rates(day="12"), passes=(TEN_DAYS,))
    short = price(sold, wish(at(9), at(17)), NEW)
    assert short.advice is None
    long = price(sold, wish(at(9), at(17, day=25)), NEW)
    assert long.totals.total == euros("36")
    assert long.advice is not None
    assert (long.advice.offer_id, long.advice.total) == ("ten-days", euros("20"))


def test_half_days_by_count_and_the_rest_from_the_pass() -> None:
    sold = grid(rates(half_day="12"))
    account = Standing(passes=(PassHeld("p", Unit.HALF_DAY, 1, date(2027, 1, 1)),))
    quote = price(sold, wish(at(9), at(17, day=24)), account)
    assert quote.totals.total == euros("36")
    assert sorted(type(line).__name__ for line in quote.lines) == ["PassLine", "UnitLine"]
    kept = price(sold, wish(at(9), at(17, day=24), uses_passes=False), account)
    assert kept.totals.total == euros("48")
    assert kept.draws == Draws(uses=1)


def test_a_pass_that_has_run_out_of_time_or_is_for_other_rooms_pays_nothing() -> None:
    sold = grid(rates(half_day="12"))
    late = PassHeld("p", Unit.HALF_DAY, 9, date(2026, 11, 22))
    elsewhere = PassHeld("q", Unit.HALF_DAY, 9, date(2027, 1, 1), frozenset({"meeting"}))
    quote = price(sold, wish(at(9), at(12)), Standing(passes=(late, elsewhere)))
    assert quote.totals.total == euros("12")


def test_the_pass_that_ends_first_is_used_first() -> None:
    sold = grid(rates(half_day="12"))
    later = PassHeld("a", Unit.HALF_DAY, 9, date(2027, 6, 1))
    sooner = PassHeld("b", Unit.HALF_DAY, 9, date(2027, 1, 1))
    for held in ((later, sooner), (sooner, later)):
        quote = price(sold, wish(at(9), at(12)), Standing(passes=held))
        assert quote.draws.pass_units == (("b", 1),)


def test_a_free_weekday() -> None:
    sold = grid(rates(half_day="12"), tariff={"free_weekdays": frozenset({0})})
    quote = price(sold, wish(at(9), at(12, day=24)), NEW)  # Monday to Tuesday noon
    free, paid = quote.lines
    assert free == FreeWeekdayLine(free.amount, weekday=0, count=1)
    assert paid.amount.total == euros("12")


def test_the_first_uses_are_free_for_their_first_hours() -> None:
    sold = grid(rates(hour="5"), tariff={"first_uses": FirstUses(count=2, hours=3)})
    first = price(sold, wish(at(9), at(13)), NEW)
    free, paid = first.lines
    assert free == FirstUseLine(free.amount, nth=1, count=2, hours=3)
    assert paid.amount.total == euros("5")
    account = NEW.take(first.draws).take(first.draws)
    assert price(sold, wish(at(9), at(13)), account).totals.total == euros("20")


def test_quota_hours_pay_for_the_beginning() -> None:
    sold = grid(rates(hour="5"), tariff={"quota": Quota(hours=4)})
    account = Standing(hours=((NOVEMBER, 3),))
    quote = price(sold, wish(at(9), at(12)), account)
    assert quote.totals.total == euros("10")
    (quota,) = (line for line in quote.lines if isinstance(line, QuotaLine))
    assert (quota.month, quota.hours, quota.left) == (NOVEMBER, 1, 0)
    assert account.take(quote.draws).hours == ((NOVEMBER, 4),)
    december = price(sold, wish(at(9) + timedelta(days=10), at(12) + timedelta(days=10)), account)
    assert december.totals.total == 0
    assert account.take(december.draws).hours == ((NOVEMBER, 3), (Month(2026, 12), 3))


def test_quota_hours_are_spared_where_they_save_nothing() -> None:
    sold = grid(rates(day="20", hour="5"), tariff={"quota": Quota(hours=2)})
    quote = price(sold, wish(at(9), at(17)), NEW)
    assert quote.totals.total == euros("20")
    assert quote.draws == Draws(uses=1)


def test_printed_pages() -> None:
    row = Tariff("pro", "visio", rates(hour="5"), page=euros("0.15"), quota=Quota(pages=20))
    sold = Grid(("pro",), ("visio",), (row,), vat_percent=Decimal(0))
    account = Standing(pages=((NOVEMBER, 15),))
    line, draws = price_pages(sold, row, 12, account, date(2026, 11, 23))
    assert line == PagesLine(line.amount, free=5, charged=7, unit_price=euros("0.15"))
    assert line.amount.total == euros("1.05")
    assert account.take(draws).pages_in(NOVEMBER) == 27


def test_no_price_for_a_page_is_said_only_beyond_the_quota() -> None:
    row = Tariff("pro", "visio", rates(hour="5"), quota=Quota(pages=20))
    sold = Grid(("pro",), ("visio",), (row,), vat_percent=Decimal(0))
    price_pages(sold, row, 20, NEW, date(2026, 11, 23))
    with pytest.raises(NotSoldError, match="page"):
        price_pages(sold, row, 21, NEW, date(2026, 11, 23))


def test_a_series_draws_in_the_order_of_time() -> None:
    sold = grid(rates(half_day="12"), tariff={"first_uses": FirstUses(count=1, hours=12)})
    days = [wish(at(9, day=day), at(12, day=day)) for day in (25, 23, 24)]
    account = Standing(passes=(PassHeld("p", Unit.HALF_DAY, 1, date(2027, 1, 1)),))
    quotes = price_all(sold, days, account)
    assert quotes == price_all(sold, days[::-1], account)
    kinds = [type(quotes[w].lines[0]).__name__ for w in sorted(days, key=lambda w: w.start)]
    assert kinds == ["FirstUseLine", "PassLine", "UnitLine"]


def test_the_rooms_own_row_goes_before_its_class() -> None:
    rows = (Tariff("pro", "visio", rates(hour="5")), Tariff("pro", "room-1", rates(hour="9")))
    sold = Grid(("pro",), ("visio",), rows, vat_percent=Decimal(0))
    assert price(sold, wish(at(9), at(10)), NEW).totals.total == euros("9")


def test_no_row_no_price() -> None:
    with pytest.raises(NotSoldError, match="room"):
        price(Grid((), (), (), vat_percent=Decimal(0)), wish(at(9), at(10)), NEW)
    with pytest.raises(NotSoldError, match="duration"):
        price(grid(()), wish(at(9), at(10)), NEW)


def test_an_empty_or_naive_wish_is_none() -> None:
    with pytest.raises(ValueError, match="no span"):
        wish(at(9), at(9))
