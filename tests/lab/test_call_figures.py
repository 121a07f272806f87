"""A call's figures from what its ends noted: does it last, what was concealed, what was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.call.clip import RATE, Clip
from bench.call.ends import Noted
from bench.call.figures import STAYS_UP, Measured, measure
from bench.call.measure import Loop, Shown
from bench.call.sound import RATE as SOUND_RATE
from bench.call.sound import Pcm, Recording, Source
from bench.call.take import Taken
from bench.lines import SCENARIOS

BEGIN, SECONDS, LOOP_S = 1000.0, 24.0, 2.0


@pytest.fixture(scope="module")
def said() -> Pcm:
    """Noise, by a fixed seed: the same nowhere twice."""
    chance = np.random.default_rng(5)
    return np.asarray(chance.normal(0, 4000, int(LOOP_S * SOUND_RATE)), np.int16)


def noted(
    said: Pcm,
    *,
    pictures_until: float = SECONDS,
    sound_until: float = SECONDS,
    stats: list[tuple[float, list[dict[str, Any]]]] | None = None,
) -> Noted:
    """An end that shows and hears all of it 0.1 s late, until so many seconds after the press."""
    shown = [Shown(BEGIN + n / RATE + 0.1, n % 50) for n in range(int(pictures_until * RATE))]
    samples = np.resize(said, int(sound_until * SOUND_RATE))
    marks = [(BEGIN + 0.1 + n / 50, n * SOUND_RATE // 50) for n in range(int(sound_until * 50))]
    own = Loop([(BEGIN, 0.0)], LOOP_S)
    return Noted(shown[0].at, shown, [], Recording(samples, marks), own, own, stats or [])


def measured(office: Noted, venue: Noted, said: Pcm) -> Measured:
    taken = Taken(SCENARIOS["harsh"], "kiosk", BEGIN, BEGIN + SECONDS, office, venue)
    return measure(taken, Clip(Path("unused"), Path("unused"), 50), Source(said))


def test_a_call_that_lasts_is_held(said: Pcm) -> None:
    one = measured(noted(said), noted(said), said)
    assert one.held
    assert one.figures["up"]["longest gap, s"] == 0
    assert one.figures["up"]["latency p95, ms"] == pytest.approx(100, abs=1)


@pytest.mark.parametrize("ends", [{"pictures_until": 18.0}, {"sound_until": 18.0}])
def test_a_call_that_dies_on_the_way_is_not(said: Pcm, ends: dict[str, float]) -> None:
    one = measured(noted(said, **ends), noted(said), said)
    assert one.figures["up"][STAYS_UP] == 0
    assert one.figures["down"][STAYS_UP] == 1
    assert not one.held
    gap = one.figures["up"]["longest gap, s"]
    assert gap == pytest.approx(6 if "sound_until" in ends else 0, abs=0.3)
