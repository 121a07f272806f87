"""Figures of a report stay within what the hub takes, whatever came (PROTOCOL.md §8.8)."""

from __future__ import annotations

import pytest

from kiosk.rtc.statistics import concealed_ratio


@pytest.mark.parametrize(
    ("concealed", "played", "ratio"),
    [(0, 480_000, 0.0), (48_000, 480_000, 0.1), (480_960, 480_000, 1.0), (960, 0, 0.0)],
)
def test_no_more_is_made_up_than_was_played(concealed: int, played: int, ratio: float) -> None:
    assert concealed_ratio(concealed, played) == ratio
