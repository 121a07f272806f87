from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tariff_grids import at, euros, grid, rates, wish

from visiohub.domain.tariff.cancellation import CancellationRule, Unused, settle, when_cancelled
from visiohub.domain.tariff.grid import Unit
from visiohub.domain.tariff.money import Amount, PriceUnreadableError, cents, read_price, totals
from visiohub.domain.tariff.price import price
from visiohub.domain.tariff.standing import Draws, PassHeld, Standing, UnknownPassError

CENTS = st.integers(-10_000_00, 10_000_00).map(lambda n: Decimal(n) / 100)
VAT = st.sampled_from(["0", "2.1", "5.5", "8.5", "10", "20"]).map(Decimal)
RULE = CancellationRule(free_hours=48, late_percent=Decimal(50), no_show_percent=Decimal(100))


def test_half_a_cent_goes_up_and_minus_nothing_is_nothing() -> None:
    assert [str(cents(euros(t))) for t in ("0.005", "-0.005", "1.0049", "-0.001")] == [
        "0.01",
        "-0.01",
        "1.00",
        "0.00",
    ]


def test_a_price_with_and_without_its_vat() -> None:
    included = Amount.priced(euros("49"), Decimal(20), includes_vat=True)
    assert (included.before_tax, included.vat, included.total) == tuple(
        map(euros, ("40.83", "8.17", "49.00"))
    )
    added = Amount.priced(euros("49"), Decimal("8.5"), includes_vat=False)
    assert (added.vat, added.total) == (euros("4.17"), euros("53.17"))  # 4.165


@given(CENTS, VAT, st.booleans())
def test_an_amount_adds_up_and_a_correction_mirrors_it(
    price: Decimal, vat: Decimal, included: bool
) -> None:
    amount = Amount.priced(price, vat, includes_vat=included)
    assert amount.before_tax + amount.vat == amount.total
    assert (amount.total if included else amount.before_tax) == price
    back = Amount.priced(-price, vat, includes_vat=included)
    assert totals((amount, back)) == totals(())
    assert amount.share(Decimal(100)) == amount
    assert amount.share(Decimal(0)).total == 0


def test_an_amount_that_does_not_add_up_is_none() -> None:
    with pytest.raises(ValueError, match="is not"):
        Amount(euros("1"), Decimal(20), euros("0.20"), euros("1.21"))
    with pytest.raises(ValueError, match="two lines"):
        _ = Amount(euros("1"), Decimal(0), euros("0"), euros("1")) - Amount(
            euros("1"), Decimal(20), euros("0.20"), euros("1.20")
        )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12", "12.00"),
        ("12,5", "12.50"),
        (" 12.50 € ", "12.50"),
        ("1 200,00", "1200.00"),
        ("1\u202f200,00\u00a0€", "1200.00"),
        ("49 EUR", "49.00"),
        ("-3", "-3.00"),
    ],
)
def test_prices_as_people_type_them(typed: str, read: str) -> None:
    assert str(read_price(typed)) == read


@pytest.mark.parametrize(
    "typed", ["", "douze", "1,234", "1.2.3", "1e3", "NaN", "٣", "9999999999", "€", "--1", "1,"]
)
def test_what_is_no_price(typed: str) -> None:
    with pytest.raises(PriceUnreadableError):
        read_price(typed)


@pytest.mark.parametrize(
    ("before_start", "unused"),
    [
        (timedelta(hours=48), Unused.IN_TIME),
        (timedelta(hours=47, minutes=59), Unused.LATE),
        (timedelta(seconds=1), Unused.LATE),
        (timedelta(0), Unused.NO_SHOW),
    ],
)
def test_when_a_cancellation_costs(before_start: timedelta, unused: Unused) -> None:
    assert when_cancelled(at(9), at(9) - before_start, RULE) is unused


def test_what_stays_charged_and_what_goes_back() -> None:
    sold = grid(rates(half_day="12.25"), vat_percent=Decimal(20))
    account = Standing(passes=(PassHeld("p", Unit.HALF_DAY, 3, date(2027, 1, 1)),))
    quote = price(sold, wish(at(9), at(17, day=24)), account)  # four half-days, three on the pass
    taken = account.take(quote.draws)

    free = settle(quote, Unused.IN_TIME, RULE)
    assert (free.totals.total, free.refund.total) == (0, euros("12.25"))
    assert taken.give_back(free.back) == account

    late = settle(quote, Unused.LATE, RULE)
    assert late.totals.total + late.refund.total == euros("12.25")
    assert late.totals.total == euros("6.13")  # 5.105 + 1.02
    assert late.back.pass_units == (("p", 2),)  # half of three is one and a half: one is kept

    nobody = settle(quote, Unused.NO_SHOW, RULE)
    assert (nobody.totals, nobody.refund.total) == (quote.totals, 0)
    assert taken.give_back(nobody.back) == taken


def test_what_an_account_does_not_have_cannot_be_drawn() -> None:
    account = Standing(passes=(PassHeld("p", Unit.DAY, 1, date(2027, 1, 1)),))
    for draws in (Draws(pass_units=(("p", 2),)), Draws(pass_units=(("q", 1),))):
        with pytest.raises(UnknownPassError):
            account.take(draws)
