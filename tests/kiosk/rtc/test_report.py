"""Figures of a report stay within what the hub takes, whatever came (PROTOCOL.md §8.8)."""

from __future__ import annotations

import pytest

from kiosk.rtc.statistics import concealed_ratio, freezes_per_minute


@pytest.mark.parametrize(
    ("concealed", "played", "ratio"),
    [(0, 480_000, 0.0), (48_000, 480_000, 0.1), (480_960, 480_000, 1.0), (960, 0, 0.0)],
)
def test_no_more_is_made_up_than_was_played(concealed: int, played: int, ratio: float) -> None:
    assert concealed_ratio(concealed, played) == ratio


@pytest.mark.parametrize(
    ("freezes", "seconds", "a_minute"), [(0, 10.0, 0.0), (1, 10.0, 6.0), (1, 0.001, 60.0)]
)
def test_a_freeze_just_before_the_end_is_one_freeze(
    freezes: int, seconds: float, a_minute: float
) -> None:
    assert freezes_per_minute(freezes, seconds) == a_minute
