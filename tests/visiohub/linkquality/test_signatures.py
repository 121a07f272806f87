from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality import frame
from visiohub.linkquality.counters import Reading, increase
from visiohub.linkquality.frame import Car, NotOfTrain
from visiohub.linkquality.signatures import (
    BelowContract,
    LineFull,
    MinuteUse,
    ModemReading,
    SnrFell,
    below_contract,
    line_full,
    snr_fell,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
DAY = date(2026, 11, 21)
KEY = b"key of a train"


def modem(margins: list[float | None], retrains: dict[int, int]) -> list[ModemReading]:
    return [
        ModemReading(NOON + place * QUARTER, margin, retrains.get(place, 0))
        for place, margin in enumerate(margins)
    ]


def test_a_margin_that_fell_with_retrains_is_a_fault_of_the_line() -> None:
    readings = modem([9.0, 9.2, 8.9, 9.1, None, 9.0, 5.0, 5.1, 4.9], {6: 3, 7: 2, 8: 2})
    assert snr_fell(readings) == SnrFell(NOON + 6 * QUARTER, 4.0, 7)


def test_a_margin_that_fell_alone_or_came_back_is_none() -> None:
    assert snr_fell(modem([9.0] * 6 + [5.0] * 3, {})) is None
    assert snr_fell(modem([9.0] * 6 + [5.0] + [9.0] * 6, {6: 9})) is None
    assert snr_fell(modem([9.0] * 12, {5: 9})) is None
    assert snr_fell([]) is None


def minutes(used: list[tuple[float, float]]) -> list[MinuteUse]:
    return [MinuteUse(NOON + n * MINUTE, total, ours) for n, (total, ours) in enumerate(used)]


def test_an_uplink_that_others_fill_is_named_with_its_time() -> None:
    used = [(100.0, 20.0)] * 5 + [(490.0, 50.0)] * 60 + [(90.0, 20.0)] * 5
    assert line_full(minutes(used), 512, "up") == [
        LineFull("up", NOON + 5 * MINUTE, NOON + 65 * MINUTE, 0.9)
    ]


def test_our_own_call_a_short_peak_and_a_gap_are_none() -> None:
    assert line_full(minutes([(490.0, 400.0)] * 60), 512, "up") == []
    assert line_full(minutes([(490.0, 0.0)] * 9), 512, "up") == []
    rows = minutes([(490.0, 0.0)] * 18)
    assert line_full(rows[:8] + rows[9:], 512, "up") == []
    assert line_full(minutes([(490.0, 0.0)] * 60), 0, "up") == []
    assert line_full([], 512, "down") == []


def test_a_capacity_below_contract_for_days() -> None:
    days = [
        (DAY + timedelta(days=n), rate) for n, rate in enumerate([1_980.0, 1_240, 1_250, 1_230])
    ]
    assert below_contract(days, 2_000, "down") == BelowContract("down", 3, 0.38)
    assert below_contract(days[:3], 2_000, "down") is None
    assert below_contract([*days, (DAY + timedelta(days=5), 1_990.0)], 2_000, "down") is None


def test_a_counter_that_wraps_goes_on() -> None:
    near = Reading(0, 2**32 - 1_000, uptime_s=5_000)
    assert increase(near, Reading(60, 500, uptime_s=5_060), 10_000) == 1_500
    assert increase(near, Reading(60, 500), 10_000) == 1_500
    assert increase(Reading(0, 5), Reading(60, 65), 10) == 60


def test_a_counter_that_was_reset_says_nothing() -> None:
    before = Reading(0, 2**32 - 1_000, uptime_s=5_000)
    assert increase(before, Reading(60, 500, uptime_s=20), 10_000) is None
    assert increase(Reading(0, 900_000), Reading(60, 10), 1_000) is None
    assert increase(Reading(0, 0), Reading(60, 1_000_000), 1_000) is None
    assert increase(Reading(60, 0), Reading(0, 10), 1_000) is None


def test_a_counter_that_may_have_gone_all_the_way_round_says_nothing() -> None:
    before = Reading(0, 2**32 - 1_000)
    fast = 50_000_000.0
    assert increase(before, Reading(240, 500), fast) is None, "a reset looks the same"
    assert increase(Reading(0, 5), Reading(240, 65), fast) is None
    assert increase(before, Reading(60, 500), fast) == 1_500
    assert increase(Reading(0, 5), Reading(240, 65), fast, bits=64) == 60


@given(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40), st.floats(-1e6, 1e6))
def test_nonsense_of_an_agent_is_no_figure(before: int, after: int, elapsed: float) -> None:
    counted = increase(Reading(0, before), Reading(elapsed, after), 1_000)
    assert counted is None or 0 <= counted <= 1_000 * elapsed


def test_a_car_of_a_train_there_and_back() -> None:
    car = Car(train=7, place=3, packets=61, sent_ns=123_456_789)
    payload = frame.pack(car, KEY, 1_228)
    assert len(payload) == 1_228 - 28
    assert frame.train_of(payload) == 7
    assert frame.unpack(payload, KEY) == car
    with pytest.raises(ValueError, match="ip_octets"):
        frame.pack(car, KEY, 60)


@given(st.integers(0, frame.LEAST_OCTETS - 1), st.integers(1, 255))
def test_a_bent_car_is_refused(at: int, by: int) -> None:
    payload = bytearray(frame.pack(Car(7, 3, 61, 5), KEY, 100))
    payload[at] ^= by
    with pytest.raises(NotOfTrain):
        frame.unpack(bytes(payload), KEY)


@given(st.binary(max_size=100))
def test_what_is_no_car_is_refused(payload: bytes) -> None:
    with pytest.raises(NotOfTrain):
        frame.unpack(payload, KEY)


def test_a_place_outside_its_train_is_refused() -> None:
    with pytest.raises(NotOfTrain, match="place"):
        frame.unpack(frame.pack(Car(7, 61, 61, 5), KEY, 100), KEY)
