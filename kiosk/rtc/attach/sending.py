"""From a track to packets: the camera by the ladder, the microphone as the line allows."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.devices.tone import SAMPLE_RATE
from kiosk.rtc.attach.outbound import Outbound
from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.coding import CODERS, I420, CodedPicture
from kiosk.rtc.hearing import opus
from kiosk.rtc.sending.ladder import Codec
from kiosk.rtc.sending.pacer import MOST_AGE_S, Kind
from kiosk.rtc.sending.pictures import Order, PictureCourse
from kiosk.rtc.sending.sharing import Sound
from kiosk.rtc.sending.spares import SpareCopies

Emit = Callable[[Kind, list[bytes], int, float], None]
"""Kind, payloads of one picture or piece of sound, their RTP timestamp, patience in seconds."""

_COURSES: dict[str, Codec] = {"VP8": "vp8", "H264": "h264"}


class Source(Protocol):
    """Makes packets of what a track gives."""

    async def take(self, frame: Any) -> None:
        """One picture or one piece of sound."""

    def close(self) -> None:
        """No more will come."""


class PictureSource:
    """The camera's pictures, as many and as large as the line takes."""

    def __init__(self, codec: str, uplink: Uplink, counts: Outbound, emit: Emit) -> None:
        self.course = PictureCourse(_COURSES[codec])
        self._coder = CODERS[codec]()
        self._at_work = threading.Lock()
        self._uplink = uplink
        self._counts = counts
        self._emit = emit
        self._dropped = 0

    async def take(self, frame: av.VideoFrame) -> None:
        """Encode it in a thread of its own, or pass it over."""
        loop = asyncio.get_running_loop()
        if self._uplink.pacer.dropped > self._dropped:
            self._dropped = self._uplink.pacer.dropped
            self.course.needed()
        order = self.course.decide(loop.time(), self._uplink.target(), room=self._uplink.has_room())
        if order is None:
            return
        picture, pts = _i420(frame), frame.pts or 0
        began = time.perf_counter()
        coded = await loop.run_in_executor(None, self._encode, picture, order)
        if coded is None:
            return
        self._counts.coded(coded, time.perf_counter() - began)
        scaled = coded.width * coded.height < picture.size * 2 // 3
        self.course.coded(loop.time(), coded.octets, whole=coded.whole, scaled=scaled)
        self._emit(Kind.VIDEO, coded.payloads, pts, order.patience_s)

    def close(self) -> None:
        """Let the encoder go; a picture may still be in it."""
        asyncio.get_running_loop().run_in_executor(None, self._close)

    def _encode(self, picture: I420, order: Order) -> CodedPicture | None:
        with self._at_work:
            return self._coder.encode(picture, order)

    def _close(self) -> None:
        with self._at_work:
            self._coder.close()


class SpeechSource:
    """Mono speech by Opus: bit rate, packet time and spare copies by the line."""

    def __init__(self, uplink: Uplink, emit: Emit) -> None:
        self._uplink = uplink
        self._emit = emit
        self._encoder = opus.Encoder()
        self._tuned: tuple[int, float] | None = None
        self._held: list[NDArray[np.float32]] = []
        self._pts = 0
        self.copies = SpareCopies()

    async def take(self, frame: av.AudioFrame) -> None:
        """Hold it until a packet is full; encoding takes a quarter of a millisecond."""
        sound = self._uplink.target().sound
        if not self._held:
            self._pts = frame.pts or 0
        pcm = frame.to_ndarray().reshape(-1).astype(np.float32)
        self._held.append(pcm / np.float32(32768))
        if sum(map(len, self._held)) < sound.packet_ms * SAMPLE_RATE // 1000:
            return
        self._tune(sound)
        payload = self._encoder.encode(np.concatenate(self._held))
        self._held.clear()
        self._emit(Kind.SOUND, [payload], self._pts, MOST_AGE_S)

    def close(self) -> None:
        """Nothing is left to do."""

    def _tune(self, sound: Sound) -> None:
        loss = self.copies.loss_ratio(sound.claim, asyncio.get_running_loop().time())
        if self._tuned != (sound.bit_s, loss):
            self._tuned = (sound.bit_s, loss)
            self._encoder.tune(bitrate=sound.bit_s, loss_ratio=loss)


def _i420(frame: av.VideoFrame) -> I420:
    if frame.format.name != "yuv420p":
        frame = frame.reformat(format="yuv420p")
    return frame.to_ndarray().astype(np.uint8, copy=False)
