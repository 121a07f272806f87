"""The words about the call's quality: right, soon enough, and steady."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.quality import BETTER_AFTER, Glimpse, Quality, Verdict, after, judge

CLEAR = Glimpse(360, 0.0, 0.0, 0.0, rtt_ms=60)
SMALL = Glimpse(180, 0.01, 0.0, 0.0, rtt_ms=90)
SLOW = Glimpse(360, 0.06, 0.0, 0.0, rtt_ms=None)
CHOPPY = Glimpse(360, 0.3, 0.1, 20.0, rtt_ms=700)
SOUNDLESS = Glimpse(360, 0.0, 1.0, 0.0, rtt_ms=60)
HALF = Glimpse(360, 0.0, 0.5, 0.0, rtt_ms=60)
ANY = st.sampled_from((CLEAR, SMALL, SLOW, CHOPPY, SOUNDLESS))


def told(*glimpses: Glimpse) -> Verdict | None:
    quality = Quality()
    for glimpse in glimpses:
        quality = after(quality, glimpse)
    return quality.said


@pytest.mark.parametrize(
    ("glimpse", "verdict"),
    [
        (CLEAR, "clear"),
        (SMALL, "reduced"),
        (SLOW, "slow"),
        (CHOPPY, "choppy"),
        (SOUNDLESS, "soundless"),
        (Glimpse(360, 0.0, 0.0, 6.0, 40), "frozen"),
        (Glimpse(360, 0.0, 0.0, 0.0, 1200), "slow"),
        (Glimpse(360, 0.0, 0.15, 0.0, 60), "choppy"),  # nothing lost, all of it late
        (Glimpse(360, 0.15, 0.0, 0.0, 60), "slow"),  # of the picture; the sound is whole
        (Glimpse(0, 0.0, 0.0, 0.0, None), "clear"),  # sound alone, and good
    ],
)
def test_what_the_figures_mean(glimpse: Glimpse, verdict: Verdict) -> None:
    assert judge(glimpse) == verdict


def test_nothing_is_claimed_after_a_single_glimpse() -> None:
    assert told(CLEAR) is None
    assert told(CLEAR, CLEAR) == "clear"
    assert told(SLOW, SLOW) == "slow"


def test_bad_news_come_soon_and_good_news_when_they_last() -> None:
    assert told(CLEAR, CLEAR, SLOW) == "clear"
    assert told(CLEAR, CLEAR, SLOW, CHOPPY) == "slow", "no more than all of them agree on"
    assert told(CLEAR, CLEAR, SLOW, SLOW, *[CLEAR] * (BETTER_AFTER - 1)) == "slow"
    assert told(CLEAR, CLEAR, SLOW, SLOW, *[CLEAR] * BETTER_AFTER) == "clear"


def test_it_does_not_flicker_on_a_line_that_comes_and_goes() -> None:
    assert told(CLEAR, CLEAR, *[SLOW, CLEAR] * 20) == "clear"
    assert told(SLOW, SLOW, *[CLEAR, CLEAR, SLOW] * 20) == "slow"


def test_sound_that_is_back_is_not_said_to_be_missing_nor_to_break_up() -> None:
    silence = (CLEAR, CLEAR, SOUNDLESS, SOUNDLESS, SOUNDLESS)
    assert told(*silence, HALF) == "soundless"
    assert told(*silence, HALF, CLEAR) is None
    assert told(*silence, HALF, CLEAR, CLEAR) is None
    assert told(*silence, HALF, CLEAR, CLEAR, CLEAR) == "clear"


def test_sound_that_is_back_and_breaks_up_is_said_to() -> None:
    silence = (CLEAR, CLEAR, SOUNDLESS, SOUNDLESS)
    assert told(*silence, *[HALF, SOUNDLESS] * 20) == "soundless"
    assert told(*silence, HALF, CHOPPY, CHOPPY, CHOPPY) == "choppy"


@given(st.lists(ANY, max_size=60))
def test_words_stay_for_two_glimpses_at_least(glimpses: list[Glimpse]) -> None:
    quality, changed_at = Quality(), -2
    for n, glimpse in enumerate(glimpses):
        fresh = after(quality, glimpse)
        if fresh.said != quality.said:
            assert n - changed_at >= 2
            changed_at = n
        quality = fresh


@given(ANY, ANY)
def test_what_lasts_is_said(before: Glimpse, now: Glimpse) -> None:
    assert told(*[before] * 3, *[now] * BETTER_AFTER) == judge(now)
