"""A synthetic room: speech-like sound, a loudspeaker that clips a little, walls, a microphone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.devices.tone import SAMPLE_RATE

Signal = NDArray[np.float64]


def speech(seconds: float, seed: int, pitch: float) -> Signal:
    """Syllables of harmonics under three formants, some hissed, with pauses; peak 0.4."""
    rng = np.random.default_rng(seed)
    out = np.zeros(int(SAMPLE_RATE * seconds))
    at = 0
    while at < len(out):
        length = min(int(SAMPLE_RATE * rng.uniform(0.12, 0.3)), len(out) - at)
        time = np.arange(length) / SAMPLE_RATE
        shape = np.sin(np.pi * np.arange(length) / length) ** 0.7
        base = pitch * rng.uniform(0.85, 1.25)
        phase = 2 * np.pi * np.cumsum(base * (1 + 0.05 * np.sin(2 * np.pi * 3 * time)))
        phase /= SAMPLE_RATE
        formants = (
            (rng.uniform(300, 800), 1.0, 90),
            (rng.uniform(900, 2200), 0.5, 120),
            (rng.uniform(2300, 3200), 0.25, 180),
        )
        syllable = np.zeros(length)
        for harmonic in range(1, 40):
            height = sum(
                gain / (1 + ((pitch * harmonic - centre) / width) ** 2)
                for centre, gain, width in formants
            )
            syllable += height * np.sin(harmonic * phase + rng.uniform(0, 6))
        if rng.random() < 0.3:
            syllable = 0.3 * syllable + rng.normal(0, 0.3, length)
        out[at : at + length] = syllable * shape
        long_pause = rng.random() < 0.2
        pause = rng.uniform(0.3, 0.7) if long_pause else rng.uniform(0.02, 0.12)
        at += length + int(SAMPLE_RATE * pause)
    return 0.4 * out / np.abs(out).max()


def echo_of(played: Signal, *, delay_s: float = 0.07, reverberation_s: float = 0.15) -> Signal:
    """What the microphone gets of the loudspeaker: late, bent a little, and from all the walls."""
    rng = np.random.default_rng(3)
    taps = int(SAMPLE_RATE * reverberation_s * 1.5)
    walls = rng.normal(0, 1, taps)
    walls *= np.exp(-6.9 * np.arange(taps) / (SAMPLE_RATE * reverberation_s))
    walls[0] = 3
    walls *= 0.5 / np.sqrt(np.square(walls).sum())
    size = 1 << (len(played) + taps - 1).bit_length()
    bent = np.tanh(1.2 * played) / 1.2
    heard = np.fft.irfft(np.fft.rfft(bent, size) * np.fft.rfft(walls, size), size)
    delay = int(SAMPLE_RATE * delay_s)
    return np.concatenate((np.zeros(delay), heard))[: len(played)]


def by_another_clock(sound: Signal, ppm: float) -> Signal:
    """As a device samples it whose clock is so much faster; two of 50 ppm are up to 100 apart."""
    fine = 4  # between finer samples a straight line is near enough: 60 dB
    size = 1 << (len(sound) - 1).bit_length()
    spectrum = np.zeros(fine * size // 2 + 1, np.complex128)
    spectrum[: size // 2 + 1] = np.fft.rfft(sound, size)
    finer = fine * np.fft.irfft(spectrum, fine * size)
    at = np.arange(len(sound)) / (1 + ppm * 1e-6)
    return np.interp(fine * at, np.arange(len(finer)), finer)


def hiss(seconds: float, dbfs: float, seed: int = 5) -> Signal:
    """White noise of a level."""
    count = int(SAMPLE_RATE * seconds)
    return np.random.default_rng(seed).normal(0, 10 ** (dbfs / 20), count)
