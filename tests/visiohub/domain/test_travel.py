from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.travel import (
    TravelRates,
    break_even_km,
    great_circle_km,
    travel_saved,
    travel_saved_by,
)

GAP, MARSEILLE = (44.5594, 6.0786), (43.2965, 5.3698)
RATES = TravelRates(Decimal("1.3"), Decimal("0.56"), Decimal(200))
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
PRICES = st.integers(0, 500_00).map(lambda n: Decimal(n) / 100)


def test_the_break_even_of_the_study() -> None:
    assert 88 <= break_even_km(Decimal(100), 1, RATES) <= 91


def test_gap_to_marseille_and_back_for_three() -> None:
    saved = travel_saved(GAP, MARSEILLE, 3, Decimal("98.00"), RATES)
    assert great_circle_km(GAP, MARSEILLE) == pytest.approx(151.4, abs=0.5)
    assert saved.km == saved.km_one_way * 6
    assert (saved.km_one_way, saved.eur, saved.kg_co2, saved.break_even_km) == (
        Decimal("196.9"),
        Decimal("661.58"),
        Decimal("236.3"),
        Decimal("29.2"),
    )
    assert saved.is_worth_it


def test_a_near_place_is_not_worth_it() -> None:
    saved = travel_saved(GAP, (44.6, 6.1), 1, Decimal(100), RATES)
    assert not saved.is_worth_it


def test_a_quarter_of_the_meridian() -> None:
    assert great_circle_km((0, 0), (90, 0)) == pytest.approx(10_007.6, abs=0.5)
    assert great_circle_km((0, 0), (0, 180)) == pytest.approx(20_015.1, abs=0.5)


@given(POINTS, POINTS, st.integers(1, 50), PRICES)
def test_both_ways_are_the_same_and_nothing_is_negative(
    here: tuple[float, float], there: tuple[float, float], participants: int, price: Decimal
) -> None:
    saved = travel_saved(here, there, participants, price, RATES)
    assert saved == travel_saved(there, here, participants, price, RATES)
    assert min(saved.km, saved.eur, saved.kg_co2, saved.break_even_km) >= 0
    assert travel_saved(here, here, participants, price, RATES).km == 0


@given(POINTS, POINTS, st.integers(1, 50), PRICES)
def test_worth_it_is_when_the_journey_is_dearer(
    here: tuple[float, float], there: tuple[float, float], participants: int, price: Decimal
) -> None:
    saved = travel_saved(here, there, participants, price, RATES)
    tenth = Decimal("0.1") * 2 * participants * RATES.eur_per_km  # break-even is told to a tenth
    if saved.is_worth_it:
        assert saved.eur >= price - tenth
    else:
        assert saved.eur <= price + tenth


@pytest.mark.parametrize("rates", [("0.9", "0.5", "200"), ("1.3", "0", "200"), ("1.3", "1", "-1")])
def test_rates_that_cannot_be(rates: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="not rates"):
        TravelRates(*map(Decimal, rates))


def test_nobody_travels() -> None:
    with pytest.raises(ValueError, match="participants"):
        travel_saved(GAP, MARSEILLE, 0, Decimal(0), RATES)


def test_of_several_places_those_who_are_there_do_not_travel() -> None:
    alone = travel_saved(GAP, MARSEILLE, 3, Decimal(100), RATES)
    both = travel_saved_by([GAP, MARSEILLE], MARSEILLE, 3, Decimal(100), RATES)
    assert both == alone
    twice = travel_saved_by([GAP, GAP], MARSEILLE, 3, Decimal(200), RATES)
    assert (twice.km, twice.km_one_way) == (2 * alone.km, alone.km_one_way)
    assert twice.break_even_km == alone.break_even_km
    assert travel_saved_by([GAP], GAP, 2, Decimal(10), RATES).km == 0
