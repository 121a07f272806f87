"""H.264 by x264, for peers that have nothing else. Not of the pure kind: it encodes by PyAV.

x264 takes another bit rate in place as long as its buffer (VBV) was given at the start and stays
within what it was opened for; beyond that it is opened anew, which costs a whole picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from kiosk.rtc.coding.vpx import Coded

_CLOCK = 90_000
_BUFFER_S = 0.4
_TIGHT = 0.35
"""Below this share of the rate it was opened for, its buffer is too large to hold the rate."""

I420 = NDArray[np.uint8]


class Encoder:
    """Constrained baseline at a rate that changes between any two pictures."""

    def __init__(self, width: int, height: int, bit_s: int) -> None:
        self._bit_s = bit_s
        self._frames_per_s = 25.0
        self._clock = 0
        self._open(width, height)

    def aim(self, bit_s: int, frames_per_s: float) -> None:
        """From the next picture on."""
        self._bit_s = bit_s
        self._frames_per_s = frames_per_s

    def encode(self, i420: I420, *, whole: bool = False) -> Coded | None:
        """A picture of shape (height * 3 / 2, width) as an Annex B stream.

        The encoder's clock goes by the rate it was told, see vpx.Encoder.encode.
        """
        height, width = i420.shape[0] * 2 // 3, i420.shape[1]
        codec = self._codec
        within = _TIGHT * self._opened_bit_s <= self._bit_s <= self._opened_bit_s
        if (width, height) != (codec.width, codec.height) or not within:
            codec = self._open(width, height)
        if codec.bit_rate != self._bit_s:
            codec.bit_rate = self._bit_s
        frame: Any = av.VideoFrame.from_ndarray(np.ascontiguousarray(i420), format="yuv420p")
        frame.pts, frame.time_base = self._clock, Fraction(1, _CLOCK)
        self._clock += round(_CLOCK / self._frames_per_s)
        if whole:
            frame.pict_type = PictureType.I
        packets = codec.encode(frame)
        if not packets:
            return None
        return Coded(b"".join(map(bytes, packets)), any(p.is_keyframe for p in packets))

    def close(self) -> None:
        """Its memory goes with it."""

    def _open(self, width: int, height: int) -> Any:
        codec: Any = av.CodecContext.create("libx264", "w")
        self._opened_bit_s = round(self._bit_s * 1.25)
        codec.width, codec.height = width, height
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, _CLOCK)
        codec.framerate = Fraction(self._frames_per_s).limit_denominator(100)
        codec.bit_rate = self._opened_bit_s
        codec.profile = "Baseline"
        codec.thread_count = 1
        codec.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "level": "31",
            "maxrate": str(self._opened_bit_s),
            "bufsize": str(round(self._opened_bit_s * _BUFFER_S)),
            "g": "100000",
            "sc_threshold": "0",
            "forced-idr": "1",
        }
        # With its greatest rate for its mean it can be told another; so before the first picture.
        codec.open()
        self._codec = codec
        return codec


def units(stream: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B stream, without their start codes (H.264 Annex B)."""
    at = stream.find(b"\x00\x00\x01")
    while at >= 0:
        begin = at + 3
        at = stream.find(b"\x00\x00\x01", begin)
        unit = stream[begin : at if at >= 0 else len(stream)].rstrip(b"\x00")
        if unit:
            yield unit
