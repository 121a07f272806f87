"""What comes from the far end: the newest picture to the screen, sound to the speaker."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import av
import numpy as np
import structlog
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.audio.resampler import AudioResampler

from kiosk.devices.tone import SAMPLE_RATE, Pcm
from kiosk.rtc.freezes import FreezeMeter

log = structlog.get_logger(__name__)


class FarPicture:
    """Hands each decoded picture to `show` on the event loop and measures how old it was."""

    def __init__(self, show: Callable[[av.VideoFrame], None]) -> None:
        self._show = show
        self.ages_ms: deque[float] = deque(maxlen=1000)
        self.freezes = FreezeMeter()

    async def run(self, track: MediaStreamTrack) -> None:
        """Until the track ends; `show` may fail without ending it."""
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if not isinstance(frame, av.VideoFrame):
                continue
            now = time.monotonic()
            decoded_at = frame.opaque if isinstance(frame.opaque, float) else now
            self.freezes.frame(decoded_at)
            self.ages_ms.append((now - decoded_at) * 1000)
            try:
                self._show(frame)
            except Exception as error:  # noqa: BLE001 - one bad picture must not end the picture
                log.warning("picture not shown", error=repr(error))


class FarSound:
    """Turns decoded sound into mono at 48 kHz and plays it."""

    def __init__(self, play: Callable[[Pcm], None]) -> None:
        self._play = play

    async def run(self, track: MediaStreamTrack) -> None:
        """Until the track ends."""
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if not isinstance(frame, av.AudioFrame):
                continue
            frame.pts = None  # the jitter path in front of the speaker keeps time
            for part in resampler.resample(frame):
                self._play(part.to_ndarray().reshape(-1).astype(np.int16, copy=False))
