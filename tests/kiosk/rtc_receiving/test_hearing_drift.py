from __future__ import annotations

import random

import numpy as np
import pytest

from kiosk.rtc.hearing.drift import ClockDrift, Resampler


@pytest.mark.parametrize("ppm", [-200, -30, 0, 80, 200])
def test_drift_is_seen_through_jitter(ppm: int) -> None:
    dice = random.Random(7)
    drift = ClockDrift()
    for i in range(15000):
        drift.note(i * 0.020, i * 0.020 / (1 + ppm * 1e-6) + 0.040 * dice.random())
    assert drift.ppm == pytest.approx(ppm, abs=12)


def test_a_line_that_grows_longer_at_once_is_no_drift() -> None:
    drift = ClockDrift()
    for i in range(15000):
        drift.note(i * 0.020, i * 0.020 + (0.1 if i > 7000 else 0.0))
    assert abs(drift.ppm) < 3


def test_a_pause_teaches_nothing() -> None:
    drift = ClockDrift()
    for i in range(15000):
        away = 30.0 if i > 7000 else 0.0
        drift.note(i * 0.020 + away, i * 0.020 + away + (0.012 if i > 7000 else 0.0))
    assert abs(drift.ppm) < 3


def test_nothing_is_said_in_the_first_minute() -> None:
    drift = ClockDrift()
    for i in range(2900):
        drift.note(i * 0.020, i * 0.0201)
    assert drift.ppm == 0


@pytest.mark.parametrize("ppm", [-300, 0, 300])
@pytest.mark.parametrize("hz", [300, 1000, 4000])
def test_resampling_is_clean_over_its_seams(ppm: int, hz: int) -> None:
    at = np.arange(48000 * 4)
    sound = np.sin(2 * np.pi * hz * at / 48000).astype(np.float32)
    resampler = Resampler()
    got = np.concatenate([resampler.process(sound[i : i + 960], ppm) for i in at[::960]])
    assert len(got) == pytest.approx(len(sound) / (1 + ppm * 1e-6), abs=4)
    places = np.arange(len(got)) * (1 + ppm * 1e-6) - 2  # it holds two samples back
    error = (got - np.sin(2 * np.pi * hz * places / 48000))[1000:]
    assert 20 * np.log10(np.sqrt(np.mean(error**2)) + 1e-9) < -55


def test_two_channels() -> None:
    resampler = Resampler()
    assert resampler.process(np.zeros((960, 2), np.float32), 100).shape[1] == 2
