"""Finding what was heard in what was said: places, delays, silences, clocks of recordings."""

from __future__ import annotations

import numpy as np
import pytest

from bench.call.clip import babble
from bench.call.measure import Loop, Window
from bench.call.sound import (
    RATE,
    THIN,
    Pcm,
    Recording,
    Source,
    latencies,
    microphone,
    silences,
    thin,
)

SECONDS = 4.0
DELAY_S = 0.23


@pytest.fixture(scope="module")
def loop() -> Pcm:
    """What is said, at 8 kHz."""
    return thin(babble(SECONDS))


@pytest.fixture(scope="module")
def source(loop: Pcm) -> Source:
    return Source(loop)


def recording(samples: Pcm, begin: float) -> Recording:
    """Marks every 10 ms, late by up to 3 ms with a fixed seed."""
    late = np.random.default_rng(1).uniform(0, 0.003, len(samples) // 80)
    marks = [(begin + n / 100 + float(late[n]), n * 80) for n in range(len(late))]
    return Recording(samples, marks)


def looped(loop: Pcm, seconds: float, start_s: float = 0.0) -> Pcm:
    """The loop from a place on, as long as wanted."""
    first = round(start_s * RATE)
    return np.take(loop, range(first, first + round(seconds * RATE)), mode="wrap")


def test_the_babble_never_pauses() -> None:
    pcm = babble(SECONDS)
    assert len(pcm) == SECONDS * RATE * THIN
    steps = thin(pcm)[: int(SECONDS * 50) * 160].reshape(-1, 160).astype(float)
    loudness = np.sqrt((steps**2).mean(axis=1))
    assert loudness.min() > 0.15 * np.median(loudness)


def test_a_piece_is_found_where_it_was_said(loop: Pcm, source: Source) -> None:
    for start_s in (0.0, 0.7, 2.35, 3.9):
        assert source.place(looped(loop, 0.3, start_s)) == pytest.approx(start_s, abs=1e-3)


def test_gain_and_noise_and_a_narrow_band_do_not_hide_it(loop: Pcm, source: Source) -> None:
    piece = looped(loop, 0.3, 1.5).astype(float)
    muffled = np.convolve(piece, np.ones(3) / 3, mode="same") * 0.3
    noisy = muffled + np.random.default_rng(2).normal(0, 0.2 * muffled.std(), len(piece))
    assert source.place(noisy.astype(np.int16)) == pytest.approx(1.5, abs=1e-3)


def test_what_was_never_said_is_nowhere(source: Source) -> None:
    noise = np.random.default_rng(3).normal(0, 2000, round(0.3 * RATE)).astype(np.int16)
    assert source.place(noise) is None
    assert source.place(np.zeros(round(0.3 * RATE), np.int16)) is None


def test_from_mouth_to_ear(loop: Pcm, source: Source) -> None:
    said = microphone(recording(looped(loop, 2.0), 1000.0), source)
    heard = recording(looped(loop, 10.0), 1000.0 + DELAY_S)
    ages = [age for _, age in latencies(heard, said, source, Window(1001.0, 1009.0))]
    assert len(ages) == pytest.approx(80, abs=1)
    assert all(age == pytest.approx(DELAY_S, abs=0.004) for age in ages)


def test_a_gap_is_silence_and_not_recognised(loop: Pcm, source: Source) -> None:
    samples = looped(loop, 6.0).copy()
    samples[2 * RATE : 3 * RATE] = 0
    heard, window = recording(samples, 500.0), Window(501.0, 505.5)
    assert silences(heard, window) == [(pytest.approx(502.0, abs=0.03), pytest.approx(1.0))]
    ages = latencies(heard, Loop([(500.0, 0.0)], SECONDS), source, window)
    assert 7 <= sum(age is None for _, age in ages) <= 13


def test_what_was_not_played_at_all_is_silence(loop: Pcm) -> None:
    whole = recording(looped(loop, 2.0), 500.0)
    assert sum(s for _, s in silences(whole, Window(500.5, 504.5))) == pytest.approx(2.5, abs=0.05)
    assert silences(Recording(np.empty(0, np.int16), []), Window(0.0, 3.0)) == [(0.0, 3.0)]
