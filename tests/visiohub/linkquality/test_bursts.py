"""A shaper's tokens, as trains see them one after the other."""

from __future__ import annotations

import random

import pytest
from train_line import Trouble, arrivals

from kiosk.probes.schedule import TrainSchedule
from visiohub.linkquality.bursts import REMEMBERED_S, greatest
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.train import idle_train
from visiohub.linkquality.verdict import Verdict

KBIT_S = 1_000.0
HOUR = 3_600.0
SEED = 20_261_122


def test_three_trains_are_asked_before_none_is_believed() -> None:
    assert greatest([]) is greatest([0, 0]) is None
    assert greatest([0, 24_000, 0]) == 24_000


@pytest.mark.parametrize(("burst", "before"), [(32_768, 2), (24_576, 2), (32_768, 3), (16_384, 4)])
def test_a_bucket_that_the_first_train_finds_empty_deceives_none_of_the_next(
    burst: int, before: int
) -> None:
    """The link before the shaper is so many times as fast."""
    schedule = TrainSchedule(KBIT_S, None, random.Random(SEED).random, 0.0)
    told = []
    for hour in range(24):
        tokens = burst if hour else 0
        trouble = Trouble(jitter_ms=1, burst_octets=tokens, before_kbit_s=before * KBIT_S)
        train = idle_train(schedule.expected_kbit_s, schedule.burst_octets)
        came = arrivals(train, KBIT_S, trouble, SEED + hour)
        verdict = judge(came, train, schedule.burst_octets)
        schedule.judged(train, verdict, hour * HOUR)
        told += [verdict.kbit_s] if verdict.kbit_s is not None else []
    assert told == pytest.approx([KBIT_S] * len(told), rel=0.05), f"seed {SEED}"
    print(f"{burst} octets, {before} times: {len(told)} of 24 with a number")


def test_the_greatest_burst_of_a_week_counts() -> None:
    schedule = TrainSchedule(KBIT_S, None, random.Random(SEED).random, 0.0)

    def saw(octets: int, at: float) -> int | None:
        train = idle_train(KBIT_S, schedule.burst_octets)
        schedule.judged(train, Verdict(KBIT_S, None, 0.01, octets, 60, 0), at)
        return schedule.burst_octets

    assert [saw(octets, n * HOUR) for n, octets in enumerate((0, 20_000, 0))] == [
        None, None, 20_000,
    ]  # fmt: skip
    assert saw(0, REMEMBERED_S - HOUR) == 20_000
    assert saw(0, REMEMBERED_S + 2 * HOUR) is None  # two trains: too few
    assert saw(0, REMEMBERED_S + 3 * HOUR) == 0


def test_what_the_hub_knew_holds_for_a_week_of_ones_own() -> None:
    schedule = TrainSchedule(KBIT_S, 12_000, random.Random(SEED).random, 0.0)
    for hour in range(24 * 7 + 2):
        train = idle_train(KBIT_S, schedule.burst_octets)
        schedule.judged(train, Verdict(KBIT_S, None, 0.01, 0, 60, 0), hour * HOUR)
        assert schedule.burst_octets == (12_000 if hour < 24 * 7 else 0)
