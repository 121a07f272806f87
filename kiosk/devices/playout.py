"""The small jitter path in front of the speaker. Pure: pieces in, pieces out, no clock."""

from __future__ import annotations

import threading

import numpy as np

from kiosk.devices.tone import SAMPLE_RATE, Pcm

TARGET_S = 0.04
"""What is gathered before sound starts, in seconds: it bridges the line's jitter."""
SPARE_S = 0.02
"""What may stay unused; more than this, unused for `WINDOW_S` seconds, is latency for nothing."""
WINDOW_S = 5.0
MOST_S = 0.2
"""More than this is cut back to the target: latency must not pile up."""


class Playout:
    """A bounded store of mono sound between the network and a speaker; safe between threads."""

    def __init__(self, target_s: float = TARGET_S, most_s: float = MOST_S) -> None:
        self._target = round(target_s * SAMPLE_RATE)
        self._most = round(most_s * SAMPLE_RATE)
        self._samples = np.empty(0, np.int16)
        self._playing = False
        self._least = self._most
        self._pulled = 0
        self._lock = threading.Lock()
        self.underruns = 0
        self.cuts = 0

    @property
    def held_s(self) -> float:
        """Sound held now, in seconds."""
        return len(self._samples) / SAMPLE_RATE

    def push(self, pcm: Pcm) -> None:
        """Sound from the network; the oldest goes when there is too much."""
        with self._lock:
            self._samples = np.concatenate((self._samples, pcm))
            if len(self._samples) > self._most:
                self._samples = self._samples[-self._target :]
                self.cuts += 1

    def pull(self, samples: int) -> Pcm:
        """Exactly `samples` for the speaker: sound, or silence while it is being gathered."""
        with self._lock:
            if not self._playing and len(self._samples) >= self._target:
                self._playing = True
            if not self._playing:
                return np.zeros(samples, np.int16)
            piece, self._samples = self._samples[:samples], self._samples[samples:]
            if len(piece) < samples:
                self._playing = False
                self.underruns += 1
                piece = np.concatenate((piece, np.zeros(samples - len(piece), np.int16)))
            self._trim(samples)
            return piece

    def _trim(self, samples: int) -> None:
        """An outburst of jitter raises latency; when it is over, latency comes down again."""
        self._least = min(self._least, len(self._samples))
        self._pulled += samples
        if self._pulled < WINDOW_S * SAMPLE_RATE:
            return
        excess = self._least - round(SPARE_S * SAMPLE_RATE)
        if excess > round(SPARE_S * SAMPLE_RATE):
            self._samples = self._samples[excess:]
            self.cuts += 1
        self._least, self._pulled = self._most, 0
