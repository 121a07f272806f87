"""Pictures that were sent again: those around them are shown evenly; without such none waits."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.seeing.evenness import MOST_WAIT_S, EvenWait

SEED = 20261123
PICTURE_S = 0.040
FREEZE_S = PICTURE_S + 0.150
FIRST = 0xFFFFFFFF - 90_000  # the clock begins anew after a second


def shown(lates: list[float], wait: EvenWait | None = None) -> tuple[list[float], list[float]]:
    """When each is shown, and how long it waited; `lates` beyond a way of 50 ms. In order, as they
    are decoded: who is late holds up those behind."""
    wait = wait or EvenWait()
    at, ready, times, waits = 0.0, 0.0, [], []
    for index, late in enumerate(lates):
        ready = max(ready, index * PICTURE_S + 0.05 + late)
        at = max(at, wait.when((FIRST + index * 3600) & 0xFFFFFFFF, ready))
        times.append(at)
        waits.append(at - ready)
    return times, waits


def freezes(times: list[float]) -> int:
    return sum(b - a > FREEZE_S for a, b in pairwise(times))


def test_on_a_clean_line_no_picture_waits() -> None:
    print("seed", SEED)
    dice = random.Random(SEED)
    lates = [dice.random() * 0.010 + (0.070 if dice.random() < 0.02 else 0.0) for _ in range(2000)]
    _, waits = shown(lates)
    assert max(waits) < 1e-9


def test_where_one_is_late_now_and_then_it_stands_at_first_only() -> None:
    lates = [0.180 if index % 100 == 99 else 0.0 for index in range(2000)]
    times, waits = shown(lates)
    alone = [max(0.0, late) + index * PICTURE_S for index, late in enumerate(lates)]
    assert freezes(alone) == 20
    assert freezes(times) <= 2
    assert max(waits) <= 0.075, "no more than that takes"


def test_once_is_chance() -> None:
    _, waits = shown([0.3 if index == 500 else 0.0 for index in range(1000)])
    assert max(waits) < 1e-9


def test_it_is_given_back_when_the_line_is_clean_again() -> None:
    wait = EvenWait()
    lates = [0.25 if index % 50 == 49 else 0.0 for index in range(500)] + [0.0] * 1000
    _, waits = shown(lates, wait)
    assert waits[510] == pytest.approx(MOST_WAIT_S)
    assert waits[-1] < 1e-9
    steps = [a - b for a, b in pairwise(waits[520:])]
    assert max(steps) < 0.002, "hardly to be seen"


def test_a_pause_or_another_clock_is_no_lateness() -> None:
    wait, now = EvenWait(), 0.0
    for start in (7, 0x80000000, 123_456):
        now += 30.0
        for index in range(100):
            assert wait.when(start + index * 3600, now + index * PICTURE_S) == pytest.approx(
                now + index * PICTURE_S
            )
        now += 100 * PICTURE_S


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF) | st.integers(0, 10**6), st.floats(0, 3))))
def test_whatever_comes_the_wait_is_bounded(pictures: list[tuple[int, float]]) -> None:
    wait, now = EvenWait(), 0.0
    for rtp, passed in pictures:
        now += passed
        assert now <= wait.when(rtp, now) <= now + MOST_WAIT_S + 1e-6
    assert len(wait._rounds) <= 41
