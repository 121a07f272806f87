"""Takes the loudspeaker's sound and the room's noise out of the microphone's.

A kiosk has open loudspeakers: without this the agent hears himself a moment later. libwebrtc's
audio processing does it, taken from the livekit wheel, of which nothing else is used (why this
one: docs/decisions/0012). It needs what the speaker plays and what the microphone hears, in
pieces of 10 ms, from whichever threads they come; it finds their delay itself.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from kiosk.devices.gain import Gain
from kiosk.devices.tone import SAMPLE_RATE, Pcm

PIECE = SAMPLE_RATE // 100
"""Samples of 10 ms."""


class CleaningUnavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """The library is not installed on this machine."""

    code = "cleaning_unavailable"


class Cleaner(Protocol):
    """What the device set needs."""

    def played(self, pcm: Pcm) -> None:
        """The speaker gives this off now; any number of samples."""
        ...

    def clean(self, pcm: Pcm) -> Pcm:
        """The same number of the microphone's samples, without echo and noise."""
        ...


class RoomCleaner:
    """Echo canceller, noise suppressor, rumble filter, then an even loudness.

    Raises:
        CleaningUnavailable
    """

    def __init__(self) -> None:
        try:  # here, not above: it takes 0.4 s and 40 MB, and file devices have no echo
            from livekit.rtc import AudioFrame
            from livekit.rtc.apm import AudioProcessingModule
        except (ImportError, OSError) as error:
            raise CleaningUnavailable(str(error)) from error
        self._frame = AudioFrame
        self._module = AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True
        )
        self._gain = Gain()
        self._waiting: Pcm = np.zeros(0, np.int16)

    def played(self, pcm: Pcm) -> None:
        """The speaker gives this off now; what is no whole piece waits for the rest."""
        rest = np.concatenate((self._waiting, pcm))
        whole = len(rest) // PIECE * PIECE
        self._waiting = rest[whole:]
        for at in range(0, whole, PIECE):
            self._module.process_reverse_stream(self._framed(rest[at : at + PIECE]))

    def clean(self, pcm: Pcm) -> Pcm:
        """20 ms of the microphone as the far end is to hear them.

        Raises:
            ValueError: not a whole number of 10 ms.
        """
        if len(pcm) % PIECE:
            raise ValueError(f"{len(pcm)} samples are no whole number of 10 ms")
        return np.concatenate(
            [self._cleaned(pcm[at : at + PIECE]) for at in range(0, len(pcm), PIECE)]
        )

    def _cleaned(self, piece: Pcm) -> Pcm:
        frame = self._framed(piece)
        self._module.process_stream(frame)
        samples = np.frombuffer(frame.data.cast("B"), np.int16) / 32768
        return (self._gain.apply(samples, PIECE / SAMPLE_RATE) * 32767).astype(np.int16)

    def _framed(self, piece: Pcm) -> Any:
        return self._frame(bytearray(piece.tobytes()), SAMPLE_RATE, 1, len(piece))
