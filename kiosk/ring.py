"""The bell that says "the agent is coming": two soft notes, then a pause."""

from __future__ import annotations

import numpy as np

from kiosk.devices.tone import SAMPLE_RATE, Pcm

NOTES_HZ = (659.26, 880.0)
NOTE_S = 0.35
PAUSE_S = 1.6
LOUDNESS = 0.25
RINGS = 12
"""Then it is silent, about half a minute on: the screen still says that the agent is coming."""


def bell() -> Pcm:
    """One ring, mono at 48 kHz: each note fades out, so that no click is heard."""
    t = np.arange(int(NOTE_S * SAMPLE_RATE)) / SAMPLE_RATE
    fade = np.minimum(1.0, t / 0.01) * np.exp(-5.0 * t)
    notes = [np.sin(2 * np.pi * hz * t) * fade for hz in NOTES_HZ]
    pause = np.zeros(int(PAUSE_S * SAMPLE_RATE))
    sound = np.concatenate([*notes, pause]) * (LOUDNESS * 32767)
    pcm: Pcm = sound.astype(np.int16)
    return pcm


_RING = bell()
"""Made at start: at the moment it rings, the connection is made."""


class Bell:
    """Rings `RINGS` times, then is silent."""

    def __init__(self) -> None:
        self._sound = _RING
        self._at = 0

    def pull(self, samples: int, _heard_at: float) -> Pcm:
        """The next samples, for the speaker's thread."""
        places = np.arange(self._at, self._at + samples)
        self._at += samples
        pcm: Pcm = self._sound[places % len(self._sound)]
        pcm[places >= RINGS * len(self._sound)] = 0
        return pcm
