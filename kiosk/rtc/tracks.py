"""What the kiosk sends: tracks that follow the devices' clocks and never end or raise.

aiortc's sender stops for good when a track ends, so a device that fails is bridged here: with a
plain picture, with silence.
"""

from __future__ import annotations

import time
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack

from kiosk.devices import DeviceSet
from kiosk.devices.feed import Subscription
from kiosk.devices.microphone import Sound
from kiosk.devices.tone import CHUNK, SAMPLE_RATE
from kiosk.rtc.on_time import OnTime

VIDEO_CLOCK = 90_000
_AUDIO_BASE = Fraction(1, SAMPLE_RATE)
_CAMERA_PATIENCE_S = 1.0
_MICROPHONE_PATIENCE_S = 0.08
"""A piece that comes later than this after its first sample, not counting what its device held it
back, is replaced by silence."""
_MOST_OFF_S = 0.04
"""By so much capture time may wander before the time line jumps to it: sound is missing."""


class CameraTrack(MediaStreamTrack):
    """The camera's pictures with their capture times, newest first; the plain one when it stops.

    The frames are the devices' own, which others read, too: what `recv` gave last bears
    `timestamp`, not its `pts`.
    """

    kind = "video"

    def __init__(self, devices: DeviceSet) -> None:
        super().__init__()
        self._devices = devices
        self._pictures = devices.pictures.subscribe()
        self._start = time.monotonic()
        self.timestamp = -1
        devices.want_camera()

    @property
    def newest(self) -> av.VideoFrame | None:
        """What the camera gave last; None when it gives nothing."""
        return self._devices.latest_picture()

    async def recv(self) -> av.VideoFrame:
        """The next picture; at least one a second."""
        self._devices.want_camera()
        picture = await self._pictures.next(_CAMERA_PATIENCE_S)
        if picture is None:
            frame, at = self._devices.stopped_picture, time.monotonic()
        else:
            frame, at = picture.frame, picture.at
        self.timestamp = max(self.timestamp + 1, round((at - self._start) * VIDEO_CLOCK))
        return frame

    def captured_at(self, timestamp: int) -> float:
        """Instant (`time.monotonic()`) of what bears this timestamp of the 90 kHz clock."""
        return self._start + timestamp / VIDEO_CLOCK

    def stop(self) -> None:
        """End the track and let go of the camera."""
        self._pictures.close()
        super().stop()


class MicrophoneTrack(MediaStreamTrack):
    """The microphone's sound in 20 ms pieces; silence when it is muted or gives nothing."""

    kind = "audio"

    def __init__(self, devices: DeviceSet) -> None:
        super().__init__()
        self._devices = devices
        self._sounds: Subscription[Sound] | None = None
        self._start = 0.0
        self._on_time = OnTime()
        self._next_pts = 0
        self._buffered_s = 0.0
        self.timestamp = 0
        devices.want_microphone()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms; the time line begins with the first piece."""
        self._devices.want_microphone()
        if self._sounds is None:
            # what was said while the connection was made would come in a burst, and late
            self._sounds, self._start = self._devices.sounds.subscribe(), time.monotonic()
        while (pcm := self._on_time.take()) is None:
            await self._hear(self._sounds)
        if self._devices.muted:
            pcm = np.zeros(CHUNK, np.int16)
        self.timestamp, self._next_pts = self._next_pts, self._next_pts + CHUNK
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self.timestamp
        frame.time_base = _AUDIO_BASE
        return frame

    async def _hear(self, sounds: Subscription[Sound]) -> None:
        """One more piece, or silence where none comes, goes to its place on the time line."""
        end = self._next_pts + self._on_time.held
        due = self._start + end / SAMPLE_RATE
        deadline = due + _MICROPHONE_PATIENCE_S + self._buffered_s
        sound = await sounds.next(max(0.0, deadline - time.monotonic()))
        if sound is None:
            self._on_time.put(np.zeros(CHUNK, np.int16), 0.0)
            return
        self._buffered_s = sound.buffered_s
        late_s = sound.at - due
        if late_s < -_MOST_OFF_S:
            return  # its place was filled with silence; sent after that, it would delay the rest
        if not end:
            self._start, late_s = sound.at, 0.0
        elif late_s > _MOST_OFF_S:
            self._next_pts, late_s = end + round(late_s * SAMPLE_RATE), 0.0
            self._on_time.clear()
        self._on_time.put(sound.pcm, late_s)

    def captured_at(self, timestamp: int) -> float:
        """Instant (`time.monotonic()`) of the first sample of what bears this timestamp."""
        return self._start + timestamp / SAMPLE_RATE

    def stop(self) -> None:
        """End the track and let go of the microphone."""
        if self._sounds is not None:
            self._sounds.close()
        super().stop()
