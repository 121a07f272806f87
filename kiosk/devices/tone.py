"""The synthetic microphone's tone, and how to recognise one (Goertzel)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kiosk.devices.frame_number import SYNC_S

Pcm = npt.NDArray[np.int16]

SAMPLE_RATE = 48_000
CHUNK = 960
"""Samples in 20 ms, the piece in which sound travels through the kiosk."""
TONE_HZ = 440
SYNC_HZ = 1000
"""The tone of the first 100 ms of each second, while the test picture's sync square is white."""
_AMPLITUDE = 3000  # about -21 dBFS: clearly heard, startles nobody


def _second() -> Pcm:
    """One second that loops without a click: both tones are whole cycles in their part."""
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    hz = np.where(t < SYNC_S, SYNC_HZ, TONE_HZ)
    return (np.sin(2 * np.pi * hz * t) * _AMPLITUDE).astype(np.int16)


_SECOND = _second()


def chunk(clock: float) -> Pcm:
    """20 ms of tone that begin at `clock`, in seconds of the source's clock."""
    start = round(clock * SAMPLE_RATE) % SAMPLE_RATE
    return np.take(_SECOND, range(start, start + CHUNK), mode="wrap")


def power_share(pcm: Pcm, hz: float, sample_rate: int = SAMPLE_RATE) -> float:
    """Share of the energy in `pcm` that lies at one frequency: 1 for a pure tone, 0 for silence.

    Goertzel (1958), generalised to any frequency. Give whole periods, 20 ms or more.
    """
    x = pcm.astype(np.float64)
    energy = float(np.dot(x, x))
    if energy == 0:
        return 0.0
    turn = np.exp(-2j * np.pi * hz / sample_rate * np.arange(len(x)))
    return float(2 * abs(np.dot(x, turn)) ** 2 / (len(x) * energy))


def heard_share(pcm: Pcm) -> float:
    """Share of 50 ms windows in which the tone or its mark is most of what sounds.

    A gap or a jump of phase costs the windows it touches, not the whole.
    """
    step = SAMPLE_RATE // 20
    windows = [pcm[at : at + step] for at in range(0, len(pcm) - step + 1, step)]
    heard = [max(power_share(w, TONE_HZ), power_share(w, SYNC_HZ)) > 0.6 for w in windows]
    return sum(heard) / len(heard) if heard else 0.0


def level(pcm: Pcm) -> float:
    """Loudness for a level meter: 0 at -60 dBFS or less, 1 at full scale."""
    if len(pcm) == 0:
        return 0.0
    rms = float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2)))
    if rms < 1:
        return 0.0
    return max(0.0, min(1.0, 1 + 20 * float(np.log10(rms / 32768)) / 60))
