"""The thread that decodes one far picture."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import av
import structlog
from aiortc.codecs import get_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from kiosk.rtc.av1 import payload
from kiosk.rtc.av1.decoder import Decoder
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.picture_size import PictureSizes
from kiosk.rtc.seeing.sizes import MOST_PIXELS, TooLarge, check_av1, check_vp8

log = structlog.get_logger(__name__)


class DecoderWatch:
    """What became of one receiver's pictures; written by the thread that decodes them, or where a
    screen does, on the loop.

    It takes the place of the event by which aiortc's thread says that decoding failed.
    """

    def __init__(self, failed: Callable[[], None]) -> None:
        self._failed = failed
        self.decoded = 0
        self.failures = 0
        self.seconds = 0.0
        """Spent decoding."""

    def is_set(self) -> bool:
        """aiortc asks with each packet, to send a PLI of its own: we say it at once instead."""
        return False

    def statistics(self) -> dict[str, Any]:
        """The members of an `inbound-rtp` entry that are about decoding."""
        return {
            "framesDecoded": self.decoded,
            "framesDropped": self.failures,
            "totalDecodeTime": round(self.seconds, 3),
        }

    def succeed(self, seconds: float) -> None:
        """A picture was decoded elsewhere; it took so long."""
        self.decoded += 1
        self.seconds += seconds

    def fail(self, loop: asyncio.AbstractEventLoop, error: str) -> None:
        """A picture could not be decoded."""
        self.failures += 1
        if self.failures.bit_count() == 1:  # 1, 2, 4, ...: a flood fills no disk
            log.info("picture not decoded", error=error, count=self.failures)
        loop.call_soon_threadsafe(self._failed)


@dataclass(frozen=True)
class Undecoded:
    """One picture's payloads, without what only RTP needs, and its time on the 90 kHz clock."""

    codec: RTCRtpCodecParameters
    payloads: Sequence[bytes]
    timestamp: int


def joined(picture: Undecoded) -> bytes:
    """One picture as decoders read it.

    Raises:
        Malformed: its payloads do not fit together.
        TooLarge: a decoder would take the memory before it looks further. Of AV1 `check_av1` tells.
    """
    if picture.codec.name == "AV1":
        return payload.assemble(picture.payloads)
    data = b"".join(picture.payloads)
    if picture.codec.name == "VP8":
        check_vp8(data)
    return data


class PictureDecoder(Protocol):
    """One codec's decoder; raises whatever it trips over."""

    def decode(self, picture: Undecoded) -> list[Any]:
        """The pictures to show."""


class JoinedDecoder:
    """aiortc's decoders, whose payloads need only be joined."""

    def __init__(self, codec: RTCRtpCodecParameters) -> None:
        decoder: Any = get_decoder(codec)
        decoder.codec.options = {"max_pixels": str(MOST_PIXELS)}
        self._decoder = decoder

    def decode(self, picture: Undecoded) -> list[Any]:
        """See PictureDecoder."""
        frames: list[Any] = self._decoder.decode(JitterFrame(joined(picture), picture.timestamp))
        return frames


class Av1Decoder:
    """AV1, whose temporal units are put together again."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._sizes = PictureSizes()

    def decode(self, picture: Undecoded) -> list[Any]:
        """See PictureDecoder."""
        whole = payload.key_start(picture.payloads[0])
        try:
            unit = joined(picture)
            check_av1(unit, self._sizes, whole=whole)
        except (Malformed, TooLarge):
            self._decoder.broken()
            raise
        shown = self._decoder.decode(unit, whole=whole)
        for frame in shown:
            frame.pts, frame.time_base = picture.timestamp, VIDEO_TIME_BASE
        return shown


def picture_decoder(codec: RTCRtpCodecParameters) -> PictureDecoder:
    """For the codec that was agreed upon."""
    return Av1Decoder() if codec.name == "AV1" else JoinedDecoder(codec)


def decode(
    loop: asyncio.AbstractEventLoop,
    input_q: queue.Queue[Undecoded | None],
    output_q: asyncio.Queue[Any],
    decode_error: DecoderWatch,
) -> None:
    """aiortc's `decoder_worker`, which notes when each picture was decoded and outlives any error.

    The names are aiortc's, for the check at start may look at this one too.

    Freezes are reckoned from that instant: the loop gets to a picture later.
    """
    name = ""
    try:
        while (picture := input_q.get()) is not None:
            began = time.monotonic()
            try:
                if picture.codec.name != name:
                    decoder, name = picture_decoder(picture.codec), picture.codec.name
                frames = decoder.decode(picture)
            except Exception as error:  # noqa: BLE001 - whatever one picture holds, the call goes on
                decode_error.fail(loop, repr(error))
                continue
            now = time.monotonic()
            decode_error.seconds += now - began
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    frame.opaque = now
                    decode_error.decoded += 1
                asyncio.run_coroutine_threadsafe(output_q.put(frame), loop)
        asyncio.run_coroutine_threadsafe(output_q.put(None), loop)  # the track has ended
    except RuntimeError:
        pass  # the loop has ended; nobody waits for a picture any more
