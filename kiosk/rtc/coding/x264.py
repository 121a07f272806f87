"""H.264 by x264 at a rate that changes in place, for peers that have nothing else.

PyAV can change the mean rate of an open encoder, but not its buffer (VBV), so far from the rate
that it was opened with it has to be opened anew, at the cost of a whole picture;
x264_encoder_reconfig can change both. An encoder is for one thread at a time.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kiosk.rtc.coding.libx264 import (
    I420_FORMAT,
    OPEN,
    SEI,
    TYPE_AUTO,
    TYPE_IDR,
    Nal,
    Picture,
    Settings,
    library,
)
from kiosk.rtc.coding.vpx import Coded

_FRAMES_PER_S = 25
_BUFFER_S = 0.4
_LEAST_BUFFER = 1.5
"""Pictures."""
_SETTINGS = {
    "threads": "1", "keyint": "infinite", "scenecut": "0", "level": "31", "log": "-1",
    "fps": str(_FRAMES_PER_S),
}  # fmt: skip

I420 = NDArray[np.uint8]


class X264Error(Exception):
    """x264 refused; the text says what."""

    code = "x264_error"


class Encoder:
    """Constrained baseline of one size, at a rate that changes between any two pictures.

    x264 is asked for a constant rate of 25 pictures a second. At fewer it is told the rate at which
    25 of them would be as large.

    Raises:
        X264Unavailable, X264Error
    """

    def __init__(self, width: int, height: int, bit_s: int, frames_per_s: float = 25.0) -> None:
        self.width, self.height = width, height
        self._x264 = library()
        self._settings = Settings()
        code = self._x264.x264_param_default_preset(self._settings, b"veryfast", b"zerolatency")
        self._check(code, "preset")
        self._settings.i_width, self._settings.i_height = width, height
        for name, value in _SETTINGS.items():
            self._set(name, value)
        self._rate = (0, 0)
        self._tell(bit_s, frames_per_s)
        self._check(self._x264.x264_param_apply_profile(self._settings, b"baseline"), "profile")
        self._encoder = getattr(self._x264, OPEN)(self._settings)
        if not self._encoder:
            raise X264Error(f"x264 opens no encoder for {width}x{height} at {bit_s} bit/s")
        self._pictures = 0

    def aim(self, bit_s: int, frames_per_s: float) -> None:
        """From the next picture on."""
        if self._tell(bit_s, frames_per_s):
            self._check(self._x264.x264_encoder_reconfig(self._encoder, self._settings), "rate")

    def encode(self, i420: I420, *, whole: bool = False) -> Coded | None:
        """A picture of shape (height * 3 / 2, width) as an Annex B stream; raises X264Error."""
        if i420.shape != (self.height * 3 // 2, self.width):
            raise X264Error(f"a picture of {i420.shape} is not {self.width}x{self.height} I420")
        data = np.ascontiguousarray(i420)
        luma, area, half = data.ctypes.data, self.width * self.height, self.width // 2
        picture, made = Picture(), Picture()
        self._x264.x264_picture_init(picture)
        picture.i_type = TYPE_IDR if whole else TYPE_AUTO
        picture.i_pts = self._pictures
        picture.i_csp, picture.i_plane = I420_FORMAT, 3
        picture.i_stride[:3] = self.width, half, half
        picture.plane[:3] = luma, luma + area, luma + area * 5 // 4
        self._pictures += 1
        nals, count = ctypes.POINTER(Nal)(), ctypes.c_int()
        octets = self._x264.x264_encoder_encode(self._encoder, nals, count, picture, made)
        self._check(octets, "picture")
        parts = [
            ctypes.string_at(nal.p_payload, nal.i_payload)
            for nal in nals[: count.value]
            if nal.i_type != SEI  # its only one names the library, in 600 octets
        ]
        return Coded(b"".join(parts), bool(made.b_keyframe)) if parts else None

    def close(self) -> None:
        """Its memory goes."""
        encoder, self._encoder = self._encoder, None
        if encoder:
            self._x264.x264_encoder_close(encoder)

    def __del__(self) -> None:
        if getattr(self, "_encoder", None):
            self.close()

    def _tell(self, bit_s: int, frames_per_s: float) -> bool:
        """Write rate and buffer into the settings; whether they are others than before."""
        kbit_s = max(1, round(bit_s * _FRAMES_PER_S / frames_per_s / 1000))
        buffer_kbit = round(
            max(bit_s / 1000 * _BUFFER_S, kbit_s / _FRAMES_PER_S * _LEAST_BUFFER, 1)
        )
        if self._rate == (kbit_s, buffer_kbit):
            return False
        self._rate = (kbit_s, buffer_kbit)
        self._set("bitrate", str(kbit_s))
        self._set("vbv-maxrate", str(kbit_s))  # the same: x264 forgets what it used long ago
        self._set("vbv-bufsize", str(buffer_kbit))
        return True

    def _set(self, name: str, value: str) -> None:
        code = self._x264.x264_param_parse(self._settings, name.encode(), value.encode())
        self._check(code, name)

    @staticmethod
    def _check(code: int, what: str) -> None:
        if code < 0:
            raise X264Error(f"x264 answered {code}: {what}")


def units(stream: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B stream, without their start codes (H.264 Annex B)."""
    at = stream.find(b"\x00\x00\x01")
    while at >= 0:
        begin = at + 3
        at = stream.find(b"\x00\x00\x01", begin)
        unit = stream[begin : at if at >= 0 else len(stream)].rstrip(b"\x00")
        if unit:
            yield unit
