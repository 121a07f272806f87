"""What the speaker plays: the sum of everything that sounds. No buffer of its own, no clock."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from kiosk.devices.tone import Pcm

Source = Callable[[int, float], Pcm]
"""`source(samples, heard_at)`: exactly so many samples, mono at 48 kHz, of which the first leaves
the speaker at `heard_at` (`time.monotonic()`). Called on the speaker's thread."""


class Playout:
    """The sources of one speaker; safe between threads."""

    def __init__(self) -> None:
        self._sources: tuple[Source, ...] = ()
        self._lock = threading.Lock()

    @property
    def busy(self) -> bool:
        """Something sounds, or may sound at any time."""
        return bool(self._sources)

    def add(self, source: Source) -> None:
        """From now on this is heard, too."""
        with self._lock:
            self._sources = (*self._sources, source)

    def remove(self, source: Source) -> None:
        """No longer heard; unknown ones are passed over."""
        with self._lock:
            self._sources = tuple(other for other in self._sources if other != source)

    def pull(self, samples: int, heard_at: float) -> Pcm:
        """Exactly `samples` for the speaker; silence when nothing sounds."""
        pieces = [source(samples, heard_at) for source in self._sources]
        if len(pieces) == 1:
            return pieces[0]
        total = np.sum(pieces, axis=0, dtype=np.int32) if pieces else np.zeros(samples, np.int32)
        return np.clip(total, -32768, 32767).astype(np.int16)
