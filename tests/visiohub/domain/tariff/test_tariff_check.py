from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from tariff_grids import euros, grid, rates

from visiohub.domain.model import OpeningRange
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.check import Cause, faults, rule_faults
from visiohub.domain.tariff.grid import FirstUses, Grid, PassOffer, Quota, Rate, Tariff, Unit

SOUND = grid(
    rates(hour="5/8", half_day="12"),
    peak=(OpeningRange(0, time(9), time(12)), OpeningRange(0, time(12), time(0))),
    passes=(PassOffer("p", Unit.HALF_DAY, 10, euros("100"), 365),),
)


def told(wrong: Grid) -> list[tuple[str, Cause]]:
    return [(fault.field, fault.cause) for fault in faults(wrong)]


def row(**changes: Any) -> Grid:
    return replace(SOUND, tariffs=(replace(SOUND.tariffs[0], **changes),))


def test_a_sound_grid_has_no_fault() -> None:
    assert faults(SOUND) == ()


@pytest.mark.parametrize(
    ("price", "cause"),
    [
        ("-0.01", Cause.NEGATIVE_PRICE),
        ("1.005", Cause.NOT_CENTS),
        ("NaN", Cause.NOT_CENTS),
        ("-Infinity", Cause.NOT_CENTS),
        ("100000.01", Cause.TOO_DEAR),
    ],
)
def test_wherever_a_price_stands(price: str, cause: Cause) -> None:
    wrong = Decimal(price)
    assert told(row(rates=(Rate(Unit.HOUR, wrong),))) == [("tariffs.0.rates.0.price", cause)]
    assert told(row(session=wrong)) == [("tariffs.0.session", cause)]
    assert told(row(page=wrong)) == [("tariffs.0.page", cause)]
    offer = PassOffer("p", Unit.DAY, 10, wrong, 365)
    assert told(replace(SOUND, passes=(offer,))) == [("passes.0.price", cause)]


@pytest.mark.parametrize(
    ("changes", "field", "cause"),
    [
        ({"rates": ()}, "rates", Cause.EMPTY),
        ({"rates": rates(hour="5") * 2}, "rates.1.unit", Cause.TWICE),
        ({"rates": rates(hour="5/4")}, "rates.0.peak", Cause.PEAK_BELOW),
        ({"free_weekdays": frozenset({7})}, "free_weekdays", Cause.WEEKDAY),
        ({"quota": Quota(hours=745)}, "quota.hours", Cause.IMPOSSIBLE_QUOTA),
        ({"quota": Quota(pages=-1)}, "quota.pages", Cause.IMPOSSIBLE_QUOTA),
        ({"first_uses": FirstUses(0, 3)}, "first_uses.count", Cause.IMPOSSIBLE_COUNT),
        ({"first_uses": FirstUses(1, 0)}, "first_uses.hours", Cause.IMPOSSIBLE_COUNT),
    ],
)
def test_a_row_that_cannot_be(changes: dict[str, Any], field: str, cause: Cause) -> None:
    assert told(row(**changes)) == [(f"tariffs.0.{field}", cause)]


def test_a_peak_price_needs_a_peak() -> None:
    assert told(replace(SOUND, peak=())) == [("tariffs.0.rates.0.peak", Cause.PEAK_NEVER)]


@pytest.mark.parametrize(
    ("windows", "field", "cause"),
    [
        ([(0, 9, 12), (0, 11, 14)], "peak.1.opens", Cause.PEAK_OVERLAP),
        ([(0, 18, 0), (0, 23, 0)], "peak.1.opens", Cause.PEAK_OVERLAP),
        ([(0, 12, 9)], "peak.0.closes", Cause.PEAK_ORDER),
        ([(7, 9, 12)], "peak.0.weekday", Cause.WEEKDAY),
    ],
)
def test_peak_windows(windows: list[tuple[int, int, int]], field: str, cause: Cause) -> None:
    peak = tuple(OpeningRange(day, time(opens), time(closes)) for day, opens, closes in windows)
    assert told(replace(SOUND, peak=peak)) == [(field, cause)]


def test_a_gap_names_who_has_no_price_for_what() -> None:
    wider = replace(SOUND, profiles=("pro", "member"), room_classes=("visio", "meeting"))
    assert faults(
        replace(wider, tariffs=(*SOUND.tariffs, Tariff("member", "visio", rates(hour="1"))))
    )
    gaps = [dict(fault.params) for fault in faults(wider)]
    assert gaps == [
        {"profile": "pro", "room": "meeting"},
        {"profile": "member", "room": "visio"},
        {"profile": "member", "room": "meeting"},
    ]


def test_rows_and_passes_are_given_once() -> None:
    assert told(replace(SOUND, tariffs=SOUND.tariffs * 2)) == [("tariffs.1.room", Cause.TWICE)]
    assert told(replace(SOUND, passes=SOUND.passes * 2)) == [("passes.1.id", Cause.TWICE)]


def test_a_row_of_nobody_known() -> None:
    stranger = (*SOUND.tariffs, Tariff("guest", "visio", rates(hour="5")))
    assert told(replace(SOUND, tariffs=stranger)) == [("tariffs.1.profile", Cause.UNKNOWN_PROFILE)]


@pytest.mark.parametrize(
    ("changes", "field", "cause"),
    [
        ({"unit": Unit.HOUR}, "unit", Cause.UNIT),
        ({"count": 0}, "count", Cause.IMPOSSIBLE_COUNT),
        ({"valid_days": 0}, "valid_days", Cause.IMPOSSIBLE_COUNT),
        ({"profiles": frozenset({"guest"})}, "profiles", Cause.UNKNOWN_PROFILE),
    ],
)
def test_a_pass_that_cannot_be(changes: dict[str, Any], field: str, cause: Cause) -> None:
    wrong = replace(SOUND, passes=(replace(SOUND.passes[0], **changes),))
    assert told(wrong) == [(f"passes.0.{field}", cause)]


def test_the_frame_of_the_grid() -> None:
    assert told(replace(SOUND, vat_percent=Decimal(101))) == [("vat_percent", Cause.PERCENT)]
    assert told(replace(SOUND, midday=time(0))) == [("midday", Cause.MIDDAY)]
    assert told(replace(SOUND, tariffs=())) == [("tariffs", Cause.EMPTY)]


@pytest.mark.parametrize(
    ("rule", "field", "cause"),
    [
        (CancellationRule(-1, Decimal(50), Decimal(100)), "free_hours", Cause.IMPOSSIBLE_COUNT),
        (CancellationRule(24, Decimal(-1), Decimal(100)), "late_percent", Cause.PERCENT),
        (CancellationRule(24, Decimal(50), Decimal("NaN")), "no_show_percent", Cause.PERCENT),
        (CancellationRule(24, Decimal("1E-999999"), Decimal(50)), "late_percent", Cause.PERCENT),
        (CancellationRule(24, Decimal(0), Decimal("33.333")), "no_show_percent", Cause.PERCENT),
        (CancellationRule(24, Decimal(60), Decimal(50)), "late_percent", Cause.LATE_ABOVE_NO_SHOW),
    ],
)
def test_a_cancellation_rule_that_cannot_be(
    rule: CancellationRule, field: str, cause: Cause
) -> None:
    (fault,) = rule_faults(rule)
    assert (fault.field, fault.cause) == (field, cause)


def test_a_sound_rule() -> None:
    assert rule_faults(CancellationRule(0, Decimal(0), Decimal(0))) == ()
