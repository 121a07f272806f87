from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.sync import MOST_PICTURE_WAIT_S, MOST_SOUND_WAIT_S, ClockMap, LipSync

WALL = 3_900_000_000.0


def ntp(seconds: float) -> int:
    return int((WALL + seconds) * 2**32)


def maps() -> tuple[ClockMap, ClockMap]:
    sound, picture = ClockMap(48000), ClockMap(90000)
    sound.report(ntp(0), 1000)
    picture.report(ntp(0.5), 45000 + 777)
    return sound, picture


def test_rtp_time_becomes_wall_time_before_and_after_a_report() -> None:
    sound, picture = maps()
    assert sound.wall(1000 + 48000) == pytest.approx(WALL + 1)
    assert picture.wall(777) == pytest.approx(WALL)
    assert ClockMap(90000).wall(0) is None


def test_counters_wrap_between_reports() -> None:
    clock = ClockMap(48000)
    clock.report(ntp(0), 0xFFFFFF00)
    clock.report(ntp(1), (0xFFFFFF00 + 48000) & 0xFFFFFFFF)
    assert clock.wall((0xFFFFFF00 + 72000) & 0xFFFFFFFF) == pytest.approx(WALL + 1.5)
    clock.report(ntp(0.5), 5)  # late: ignored
    assert clock.wall((0xFFFFFF00 + 72000) & 0xFFFFFFFF) == pytest.approx(WALL + 1.5)


def test_a_sender_that_begins_anew_is_followed() -> None:
    clock = ClockMap(48000)
    clock.report(ntp(0), 0)
    clock.report(ntp(10), 7)
    assert clock.wall(7) == pytest.approx(WALL + 10)


def test_one_report_from_the_future_is_forgotten_when_two_later_ones_go_on_from_each_other() -> (
    None
):
    clock = ClockMap(48000)
    clock.report(ntp(0), 0)
    clock.report(ntp(90_000_000), 5)  # garbage
    clock.report(ntp(5), 5 * 48000)
    assert clock.wall(5 * 48000) != pytest.approx(WALL + 5), "one may be late"
    clock.report(ntp(5), 5 * 48000)  # twice: says nothing new
    clock.report(ntp(10), 10 * 48000)
    assert clock.wall(10 * 48000) == pytest.approx(WALL + 10)


def test_a_clock_that_loses_samples_is_not_believed_until_it_runs_evenly_again() -> None:
    clock = ClockMap(48000)
    clock.report(ntp(0), 0)
    clock.report(ntp(5), 4 * 48000)  # a second was never sampled
    assert clock.wall(4 * 48000) is None
    clock.report(ntp(10), 9 * 48000)
    assert clock.wall(9 * 48000) == pytest.approx(WALL + 10)
    clock.report(ntp(10.2), 9 * 48000 + 8000)  # reports' own jitter
    assert clock.wall(9 * 48000 + 8000) == pytest.approx(WALL + 10.2)


def run(sound_delay: float, picture_delay: float, seconds: float = 20) -> tuple[LipSync, float]:
    """Ten pictures a second; the sound obeys its extra wait at 100 ms a second. Last skew."""
    sync = LipSync(*maps())
    waiting, skew = 0.0, 0.0
    for step in range(round(seconds * 10)):
        at = step / 10
        waiting += max(-0.010, min(0.010, sync.sound_wait_s - waiting))
        heard = at + sound_delay + waiting
        sync.hears(1000 + round(at * 48000), heard)
        shown = sync.when_to_show(777 + round(at * 90000), at + picture_delay)
        skew = shown - heard
    return sync, skew


@pytest.mark.parametrize(
    ("sound", "picture"), [(0.1, 0.1), (0.1, 0.15), (0.05, 0.2), (0.2, 0.06), (0.06, 0.25)]
)
def test_skews_up_to_the_bounds_are_closed(sound: float, picture: float) -> None:
    _, skew = run(sound, picture)
    assert -0.045 <= skew <= 0.045


def test_neither_waits_beyond_its_bound() -> None:
    sync, skew = run(0.05, 1.5)
    assert sync.sound_wait_s == MOST_SOUND_WAIT_S
    assert skew == pytest.approx(1.5 - 0.05 - MOST_SOUND_WAIT_S, abs=0.02)
    _, skew = run(1.5, 0.05)
    assert skew == pytest.approx(0.05 + MOST_PICTURE_WAIT_S - 1.5, abs=0.02)


def test_a_wait_that_is_no_longer_needed_is_given_back() -> None:
    sync = LipSync(*maps())
    waits = []
    for step in range(400):
        at = step / 10
        picture = 0.25 if step < 200 else 0.05
        sync.hears(1000 + round(at * 48000), at + 0.1 + sync.sound_wait_s)
        sync.when_to_show(777 + round(at * 90000), at + picture)
        waits.append(sync.sound_wait_s)
    assert waits[199] > 0.08
    assert waits[-1] == 0.0


def test_a_picture_that_stayed_away_holds_the_sound_back_no_more() -> None:
    sync = LipSync(*maps())

    def show(begin: int, end: int) -> None:
        for step in range(begin, end):
            at = step / 10
            sync.hears(1000 + round(at * 48000), at + 0.1 + sync.sound_wait_s)
            sync.when_to_show(777 + round(at * 90000), at + 0.25)

    show(0, 200)
    waited_s = sync.sound_wait_s
    assert waited_s > 0.08
    show(280, 281)
    assert sync.sound_wait_s == pytest.approx(waited_s, abs=0.03), "a still is a picture"
    show(400, 401)
    assert sync.sound_wait_s <= 0.02
    show(401, 600)
    assert sync.sound_wait_s == pytest.approx(waited_s, abs=0.03)


def test_without_reports_pictures_are_shown_at_once() -> None:
    sync = LipSync(ClockMap(48000), ClockMap(90000))
    sync.hears(5, 1.0)
    assert sync.when_to_show(7, 2.0) == 2.0
    assert sync.sound_wait_s == 0.0


def test_reports_of_different_clocks_are_not_believed() -> None:
    sound, picture = ClockMap(48000), ClockMap(90000)
    sound.report(ntp(0), 0)
    picture.report(ntp(1000), 0)
    sync = LipSync(sound, picture)
    sync.hears(0, 1.0)
    assert sync.when_to_show(0, 1.0) == 1.0
    assert sync.sound_wait_s == 0.0


word = st.integers(0, 0xFFFFFFFF)


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), word, word, st.floats(0, 1e6))))
def test_garbage_moves_nothing_beyond_its_bounds(
    reports: list[tuple[int, int, int, float]],
) -> None:
    sound, picture = ClockMap(48000), ClockMap(90000)
    sync = LipSync(sound, picture)
    for wall, rtp, other, now in reports:
        sound.report(wall, rtp)
        picture.report(wall, other)
        sync.hears(other, now)
        assert now <= sync.when_to_show(rtp, now) <= now + MOST_PICTURE_WAIT_S
        assert 0 <= sync.sound_wait_s <= MOST_SOUND_WAIT_S
