"""The call benchmark's arithmetic: clocks of loops, latency, freezes, figures over time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.call.measure import (
    Loop,
    Shown,
    Window,
    first_after,
    frames_per_second,
    frozen_share,
    latencies,
    middle,
    per_second,
    settled_after,
)

RATE = 25


def steady(count: int, *, delay_s: float = 0.1, begin: float = 100.0) -> list[Shown]:
    """Every picture of a camera that began at `begin`, each shown after the same time."""
    return [Shown(begin + n / RATE + delay_s, n % 200) for n in range(count)]


@given(st.integers(0, 5000), st.floats(0.001, 7.5), st.integers(0, 60))
def test_a_place_in_the_loop_tells_its_capture(number: int, delay_s: float, mark: int) -> None:
    camera = Loop([(50.0 + mark / RATE, mark / RATE)], 8.0)
    captured = 50.0 + number / RATE
    found = camera.captured(number % 200 / RATE, captured + delay_s)
    assert found == pytest.approx(captured, abs=1e-6)


def test_a_camera_that_slips_is_followed() -> None:
    marks = [(at, at % 8) for at in range(10)] + [(at + 0.3, at % 8) for at in range(10, 20)]
    camera = Loop([(float(at), float(place)) for at, place in marks], 8.0)
    assert camera.captured(4.5, 4.7) == pytest.approx(4.5)
    assert camera.captured(7.5, 16.0) == pytest.approx(15.8)


def test_a_source_without_a_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="source began"):
        Loop([], 8.0)


def test_latency_is_told_once_for_each_picture() -> None:
    shown = steady(100)
    doubled = [one for each in shown for one in (each, Shown(each.at + 0.005, each.number))]
    unread = [Shown(one.at, None) if one.number == 7 else one for one in doubled]
    found = latencies(unread, Loop([(100.0, 0.0)], 8.0), Window(100.0, 200.0), RATE)
    assert len(found) == 99
    assert [delay for _, delay in found] == pytest.approx([0.1] * 99)


CAMERA = Loop([(100.0, 0.0)], 8.0)


@given(st.lists(st.floats(-0.019, 0.019), min_size=50, max_size=50), st.floats(101, 102))
def test_25_pictures_a_second_are_25_wherever_the_window_begins(
    late: list[float], start: float
) -> None:
    unsteady = [Shown(one.at + late[n % 50], one.number) for n, one in enumerate(steady(700))]
    told = frames_per_second(unsteady, CAMERA, Window(start, start + 24), RATE)
    assert told == pytest.approx(25, abs=1e-9)


@pytest.mark.parametrize("lost", [1, 5, 60])
def test_a_picture_that_is_missing_is_counted(lost: int) -> None:
    window = Window(101.0, 125.0)
    shown = [one for n, one in enumerate(steady(700)) if not 300 <= n < 300 + lost]
    told = frames_per_second(shown, CAMERA, window, RATE)
    assert told == pytest.approx((600 - lost) / 24, abs=0.01)
    assert told < 25


def test_pictures_a_second_counts_new_ones_and_what_stops_at_an_edge() -> None:
    doubled = [one for each in steady(200) for one in (each, each)]
    assert frames_per_second(doubled, CAMERA, Window(101.0, 105.0), RATE) == pytest.approx(25)
    stopped = [one for one in steady(250) if one.at < 103.0]
    told = frames_per_second(stopped, CAMERA, Window(101.0, 105.0), RATE)
    assert told == pytest.approx(12.5, abs=0.3)
    assert frames_per_second([], CAMERA, Window(0.0, 4.0), RATE) == 0
    every_other = steady(700)[::2]
    told = frames_per_second(every_other, CAMERA, Window(101.0, 125.0), RATE)
    assert told == pytest.approx(12.5, abs=0.05)


def test_a_steady_picture_is_never_frozen() -> None:
    assert frozen_share(steady(250), Window(101.0, 109.0)) == 0
    slow = [Shown(100 + n / 5, n) for n in range(50)]
    assert frozen_share(slow, Window(101.0, 109.0)) == 0


def test_a_gap_is_frozen_with_the_part_that_lies_in_the_window() -> None:
    shown = [one for one in steady(250, delay_s=0) if not 104.0 < one.at < 106.0]
    assert frozen_share(shown, Window(101.0, 109.0)) == pytest.approx(2 / 8, abs=0.01)
    assert frozen_share(shown, Window(105.0, 109.0)) == pytest.approx(1 / 4, abs=0.01)


def test_a_picture_that_stops_or_comes_late_is_frozen_from_there() -> None:
    stopped = [one for one in steady(250) if one.at < 105.0]
    assert frozen_share(stopped, Window(101.0, 109.0)) == pytest.approx(0.5, abs=0.01)
    late = [one for one in steady(250) if one.at > 103.0]
    assert frozen_share(late, Window(101.0, 109.0)) == pytest.approx(0.25, abs=0.01)
    assert frozen_share([], Window(101.0, 109.0)) == 1


def test_all_that_follows_the_only_picture_is_frozen() -> None:
    assert frozen_share([Shown(103.0, 1)], Window(101.0, 109.0)) == 1
    assert frozen_share([Shown(90.0, 1)], Window(101.0, 109.0)) == 1
    again = [Shown(103.0 + n / 25, 1) for n in range(25)]
    assert frozen_share(again, Window(101.0, 109.0)) == 1


def test_a_median_of_nothing_is_nothing() -> None:
    assert middle([None, None]) is None
    assert middle([3.0, None, 1.0]) == 2.0


def test_latency_is_back_when_it_stays_low() -> None:
    samples = [(0.0, 0.1), (1.0, 0.9), (2.0, 0.3), (3.0, 0.8), (4.0, 0.2), (5.0, 0.1)]
    assert settled_after(samples, since=0.5, limit=0.4) == pytest.approx(2.5)
    assert settled_after(samples, since=3.5, limit=0.4) == 0
    assert settled_after(samples, since=0.5, limit=0.05) is None
    assert settled_after([], since=0.5, limit=0.4) is None


def test_what_comes_first_after_an_instant() -> None:
    assert first_after([5.0, 1.0, 3.5], since=3.0) == 0.5
    assert first_after([1.0], since=3.0) is None


def test_seconds_without_samples_stay_empty() -> None:
    course = per_second([(10.2, 1.0), (10.7, 3.0), (12.1, 5.0), (9.9, 7.0)], 10.0, 4)
    assert course == [2.0, None, 5.0, None]
