"""From a track to packets: the camera by the ladder, the microphone as the line allows."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import av
import numpy as np
import structlog
from numpy.typing import NDArray

from kiosk.devices.tone import SAMPLE_RATE
from kiosk.rtc.attach.one_thread import OneThread
from kiosk.rtc.attach.outbound import Outbound
from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.coding import CODERS, I420, CodedPicture, PictureCoder, av1
from kiosk.rtc.hearing import opus
from kiosk.rtc.sending.codec_choice import FAST_PRESET, CodecChoice, CodecPlan
from kiosk.rtc.sending.content import ContentReader
from kiosk.rtc.sending.ladder import Codec
from kiosk.rtc.sending.pacer import MOST_AGE_S, Kind
from kiosk.rtc.sending.pictures import Order, PictureCourse
from kiosk.rtc.sending.sharing import Sound
from kiosk.rtc.sending.spares import SpareCopies

log = structlog.get_logger(__name__)

Emit = Callable[[Kind, str, list[bytes], int, float], None]
"""Kind, codec's name in SDP, payloads of one picture or piece of sound, their RTP timestamp,
patience in seconds."""

STUCK_AFTER_S = 5.0
"""For one picture: no processor that can hold a call is so slow."""

_GIVEN_UP_AFTER = 5
"""Pictures in a row that an encoder refused: then another codec, and where the far end takes none,
one try a second."""
_TRY_EVERY_S = 1.0

_NAMES: dict[Codec, str] = {"vp8": "VP8", "h264": "H264", "av1": "AV1"}
"""In SDP."""


class Source(Protocol):
    """Makes packets of what a track gives."""

    @property
    def codec(self) -> str:
        """In force; its name in SDP."""

    async def take(self, frame: Any, timestamp: int) -> None:
        """One picture or one piece of sound, and its RTP time from the track's beginning."""

    def close(self) -> None:
        """No more will come."""


class PictureSource:
    """The camera's pictures, as many and as large as the line takes, in the codec that fits it.

    `codecs` are the names in SDP that the far end takes. A call on a line of which nothing is known
    begins without AV1: most lines turn out too wide for it.

    Whatever an encoder or its format breaks on, the next picture gets a new encoder: a call without
    its picture would look whole from here.
    """

    def __init__(self, codecs: Sequence[str], uplink: Uplink, counts: Outbound, emit: Emit) -> None:
        taken = [codec for codec, name in _NAMES.items() if name in codecs]
        bit_s = uplink.target().video_encoder_bit_s if uplink.rate_is_known else math.inf
        av1_here = "av1" in taken and av1.unavailable() is None
        self._choice = CodecChoice(taken, av1_here=av1_here, bit_s=bit_s)
        self._plan = self._choice.plan
        self._coder = _coder(self._plan)
        self.course = PictureCourse(self._plan.codec)
        self._reader = ContentReader()
        self._thread = OneThread("encoder")
        self._uplink = uplink
        self._counts = counts
        self._emit = emit
        self._dropped = 0
        self._failed = 0
        self._failed_in_a_row = 0
        self._resume_at = float("-inf")
        self._over = False

    @property
    def codec(self) -> str:
        """See Source."""
        return _NAMES[self._plan.codec]

    def ready(self, width: int, height: int) -> None:
        """Open the encoder for the camera's pictures of this size, before the first may be sent."""
        now, target = asyncio.get_running_loop().time(), self._uplink.target()
        first = PictureCourse(self._plan.codec).decide(now, target, room=True)
        if first is not None:
            opening = self._thread.run(partial(self._coder.open, width, height, first))
            opening.add_done_callback(_passed_over)

    async def take(self, frame: av.VideoFrame, timestamp: int) -> None:
        """Encode it in a thread of its own, or pass it over."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._resume_at:
            return
        if self._uplink.pacer.dropped > self._dropped:
            self._dropped = self._uplink.pacer.dropped
            self.course.needed()
        target, room = self._uplink.target(), self._uplink.has_room()
        if room:  # what a silent line is thought to carry tells nothing
            self._adopt(self._choice.choose(loop.time(), target.video_encoder_bit_s))
        self.course.use(self._plan.codec, self._reader.content, cheapest=self._choice.cheapest)
        order = self.course.decide(loop.time(), target, room=room)
        if order is None:
            return
        try:
            encoding = self._thread.run(partial(self._encode, frame, order))
            async with asyncio.timeout(STUCK_AFTER_S):  # `wait_for` may swallow the hang-up (3.11)
                coded, seconds = await encoding
        except TimeoutError:
            self._forsake()
            return
        except Exception as error:  # noqa: BLE001 - libvpx, x264, SVT and their formats have no common one
            self._renew(error, loop.time())
            return
        self._failed_in_a_row = 0
        self._choice.encoded(seconds, 1 / order.frames_per_s)
        self.course.took(seconds)
        if coded is None:
            return
        self._counts.coded(coded, seconds)
        scaled = coded.width * coded.height < frame.width * frame.height
        self.course.coded(loop.time(), coded.octets, whole=coded.whole, scaled=scaled)
        self._emit(Kind.VIDEO, self.codec, coded.payloads, timestamp, order.patience_s)

    def close(self) -> None:
        """Let the encoder go; a picture may still be in it, or wait for it."""
        self._over = True
        self._thread.end(self._coder.close)

    def _adopt(self, plan: CodecPlan) -> None:
        """Another codec or preset: its first picture is a whole one by itself."""
        if plan == self._plan:
            return
        log.info("codec", codec=plan.codec, preset=plan.preset)
        self._open(plan)

    def _open(self, plan: CodecPlan) -> None:
        """A new encoder: what follows begins with a whole picture."""
        self._thread.run(self._coder.close)
        self._plan, self._coder = plan, _coder(plan)

    def _renew(self, error: Exception, now: float) -> None:
        """The encoder refused a picture."""
        self._failed += 1
        self._failed_in_a_row += 1
        codec = self._plan.codec
        if self._failed.bit_count() == 1:  # 1, 2, 4, ...: a flood fills no disk
            log.warning("picture not encoded", codec=codec, error=repr(error), count=self._failed)
        if codec == "av1" or self._failed_in_a_row == _GIVEN_UP_AFTER:
            self._open(self._choice.without(codec))
        else:
            self._open(self._plan)
        if self._failed_in_a_row >= _GIVEN_UP_AFTER and self._plan.codec == codec:
            self._resume_at = now + _TRY_EVERY_S

    def _forsake(self) -> None:
        """The encoder does not answer, as SVT's once did: its thread is lost, the call is not."""
        log.error("encoder stuck", codec=self._plan.codec, after_s=STUCK_AFTER_S)
        self._thread.end(self._coder.close)  # should it ever come back
        self._thread = OneThread("encoder")
        self._plan = self._choice.without(self._plan.codec)
        self._coder = _coder(self._plan)

    def _encode(self, frame: av.VideoFrame, order: Order) -> tuple[CodedPicture | None, float]:
        """And the seconds that it took."""
        picture = _i420(frame)
        began = time.perf_counter()
        # a coder that was let go would open another encoder, which nobody would close
        coded = None if self._over else self._coder.encode(picture, order)
        seconds = time.perf_counter() - began
        self._reader.look(picture[: picture.shape[0] * 2 // 3], time.monotonic())
        return coded, seconds


def _passed_over(opening: asyncio.Future[None]) -> None:
    """What an encoder breaks on when it is opened, the first picture will find, too."""
    if not opening.cancelled():
        opening.exception()


def _coder(plan: CodecPlan) -> PictureCoder:
    if plan.codec == "av1":
        return av1.Av1Coder(plan.preset or FAST_PRESET)
    return CODERS[_NAMES[plan.codec]]()


class SpeechSource:
    """Mono speech by Opus: bit rate, packet time and spare copies by the line."""

    codec = "opus"

    def __init__(self, uplink: Uplink, emit: Emit) -> None:
        self._uplink = uplink
        self._emit = emit
        self._encoder = opus.Encoder()
        self._tuned: tuple[int, float] | None = None
        self._held: list[NDArray[np.float32]] = []
        self._pts = 0
        self._failed = 0
        self.copies = SpareCopies()

    async def take(self, frame: av.AudioFrame, timestamp: int) -> None:
        """Hold it until a packet is full; encoding takes a quarter of a millisecond."""
        sound = self._uplink.target().sound
        if not self._held:
            self._pts = timestamp
        pcm = frame.to_ndarray().reshape(-1).astype(np.float32)
        self._held.append(pcm / np.float32(32768))
        if sum(map(len, self._held)) < sound.packet_ms * SAMPLE_RATE // 1000:
            return
        whole = np.concatenate(self._held)
        self._held.clear()
        try:
            self._tune(sound)
            payload = self._encoder.encode(whole)
        except opus.OpusError as error:  # a citizen must not be mute for a piece of 20 ms
            self._failed += 1
            if self._failed.bit_count() == 1:
                log.warning("sound not encoded", error=str(error), count=self._failed)
            self._encoder, self._tuned = opus.Encoder(), None
            return
        self._emit(Kind.SOUND, self.codec, [payload], self._pts, MOST_AGE_S)

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
