"""SVT-AV1 as it lies in the PyAV wheel, by ctypes: it is loaded, called and waited for here.

PyAV cannot change the bit rate of an open SVT encoder: each step would cost a new encoder and a
whole picture. SVT's own events can (its EbSvtAv1.h, RATE_CHANGE_EVENT). Settings go in by name
(svt_av1_enc_parse_parameter), so the configuration's layout, which changes from release to
release, is never looked at; the three small structures that are, are checked by their effect in
`available` and by the library's version. An encoder is for one thread at a time.
"""

from __future__ import annotations

import ctypes
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.rtc import bundled
from kiosk.rtc.av1.scheduling import ordinary_priority

_VERSION = "v4.1."
_CONFIGURATION_OCTETS = 16_384
"""Far more than EbSvtAv1EncConfiguration takes (about 0.6 kB in 4.1)."""
_KEY, _AS_IT_COMES = 3, 0xFF
_RATE_CHANGE = 4
_END = 1
_REST_S = 0.005
"""Between a picture's answer and the next picture. SVT 4.1 is not done when it answers: with
pictures that follow at once and no temporal level, one in some 2,000 is never answered, on a busy
machine. With a level all are, and each second picture takes three times the octets of the one
before, for which the far end's jitter buffer holds every picture back (docs/decisions/0014)."""
_NEEDED = (
    "svt_av1_get_version", "svt_av1_enc_init_handle", "svt_av1_enc_parse_parameter",
    "svt_av1_enc_set_parameter", "svt_av1_enc_init", "svt_av1_enc_send_picture",
    "svt_av1_enc_get_packet", "svt_av1_enc_release_out_buffer", "svt_av1_enc_deinit",
    "svt_av1_enc_deinit_handle",
)  # fmt: skip


class Av1Unavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """The encoder is not where the PyAV wheel keeps it, or is not the one that we know."""

    code = "av1_unavailable"


class Av1Error(Exception):
    """SVT-AV1 refused; the number is its own (EbErrorType)."""

    code = "av1_error"


class _Picture(ctypes.Structure):  # EbSvtIOFormat
    _fields_ = (
        ("luma", ctypes.c_void_p), ("cb", ctypes.c_void_p), ("cr", ctypes.c_void_p),
        ("y_stride", ctypes.c_uint32), ("cr_stride", ctypes.c_uint32),
        ("cb_stride", ctypes.c_uint32),
    )  # fmt: skip


class _Event(ctypes.Structure):  # EbPrivDataNode
    _fields_ = (
        ("node_type", ctypes.c_int), ("data", ctypes.c_void_p), ("size", ctypes.c_uint32),
        ("next", ctypes.c_void_p),
    )  # fmt: skip


class _Rate(ctypes.Structure):  # SvtAv1RateInfo
    _fields_ = (("seq_qp", ctypes.c_uint32), ("target_bit_rate", ctypes.c_uint32))


class _Buffer(ctypes.Structure):  # EbBufferHeaderType
    _fields_ = (
        ("size", ctypes.c_uint32), ("p_buffer", ctypes.c_void_p),
        ("n_filled_len", ctypes.c_uint32), ("n_alloc_len", ctypes.c_uint32),
        ("p_app_private", ctypes.c_void_p), ("wrapper_ptr", ctypes.c_void_p),
        ("n_tick_count", ctypes.c_uint32), ("dts", ctypes.c_int64), ("pts", ctypes.c_int64),
        ("temporal_layer_index", ctypes.c_uint8), ("qp", ctypes.c_uint32),
        ("avg_qp", ctypes.c_uint32), ("pic_type", ctypes.c_uint32),
        ("luma_sse", ctypes.c_uint64), ("cr_sse", ctypes.c_uint64), ("cb_sse", ctypes.c_uint64),
        ("flags", ctypes.c_uint32), ("luma_ssim", ctypes.c_double),
        ("cr_ssim", ctypes.c_double), ("cb_ssim", ctypes.c_double),
        ("metadata", ctypes.c_void_p),
    )  # fmt: skip


@cache
def library() -> ctypes.CDLL:
    """SVT-AV1 4.1, its functions' types declared; raises Av1Unavailable."""
    return load(bundled.FOLDER)


def load(folder: Path) -> ctypes.CDLL:
    """SVT-AV1 from a folder of bundled libraries; raises Av1Unavailable."""
    svt, file = bundled.open_library(folder, "libSvtAv1Enc", _NEEDED, Av1Unavailable)
    bundled.check_version(svt.svt_av1_get_version, _VERSION, file, Av1Unavailable)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    buffers = ctypes.POINTER(ctypes.POINTER(_Buffer))
    svt.svt_av1_enc_init_handle.argtypes = [ctypes.POINTER(pointer), text]
    svt.svt_av1_enc_parse_parameter.argtypes = [text, text, text]
    svt.svt_av1_enc_set_parameter.argtypes = [pointer, text]
    svt.svt_av1_enc_send_picture.argtypes = [pointer, ctypes.POINTER(_Buffer)]
    svt.svt_av1_enc_get_packet.argtypes = [pointer, buffers, ctypes.c_uint8]
    svt.svt_av1_enc_release_out_buffer.argtypes = [buffers]
    for name in ("svt_av1_enc_init", "svt_av1_enc_deinit", "svt_av1_enc_deinit_handle"):
        getattr(svt, name).argtypes = [pointer]
    return svt


class Encoder:
    """Low-delay AV1 of one size at a rate that can be changed between any two pictures.

    No picture is held back: each one in gives its temporal unit. `preset` is SVT's, 0 to 13; 8
    takes about twice the time of 10 and looks a good deal better below 250 kbit/s.

    Raises:
        Av1Unavailable, Av1Error
    """

    def __init__(
        self, width: int, height: int, bit_s: int, *, frames_per_s: int = 25, preset: int = 10
    ) -> None:
        os.environ.setdefault("SVT_LOG", "1")  # its greetings do not belong into our log
        self.width, self.height = width, height
        self.bit_s = bit_s
        """What it aims at from the next picture on."""
        self._svt = library()
        with ordinary_priority():
            self._initialise(bit_s, frames_per_s, preset)
        self._open = True
        self._pictures = 0
        self._rate: int | None = None
        self._answered_at = float("-inf")

    def _initialise(self, bit_s: int, frames_per_s: int, preset: int) -> None:
        self._handle = ctypes.c_void_p()
        configuration = ctypes.create_string_buffer(_CONFIGURATION_OCTETS)
        self._check(self._svt.svt_av1_enc_init_handle(self._handle, configuration))
        settings = {
            "width": self.width, "height": self.height, "fps-num": frames_per_s, "fps-denom": 1,
            "preset": preset, "rc": 2, "tbr": max(1, bit_s // 1000), "pred-struct": 1,
            "rtc": 1, "lp": 1, "scd": 0, "keyint": -1, "hierarchical-levels": 0,
            # Half a second of buffer: a thin line has no room for more of a swing.
            "buf-sz": 500, "buf-initial-sz": 300, "buf-optimal-sz": 300,
        }  # fmt: skip
        for name, value in settings.items():
            code = self._svt.svt_av1_enc_parse_parameter(
                configuration, name.encode(), str(value).encode()
            )
            self._check(code, name)
        self._check(self._svt.svt_av1_enc_set_parameter(self._handle, configuration))
        self._check(self._svt.svt_av1_enc_init(self._handle))

    @property
    def fresh(self) -> bool:
        """No picture was given to it yet: the first is a whole one."""
        return not self._pictures

    def aim(self, bit_s: int) -> None:
        """From the next picture on, in bit/s."""
        self.bit_s = self._rate = bit_s

    def encode(self, i420: NDArray[np.uint8], *, whole: bool = False) -> bytes:
        """A picture of shape (height * 3 / 2, width) as a temporal unit; raises Av1Error."""
        if i420.shape != (self.height * 3 // 2, self.width):
            raise Av1Error(f"a picture of {i420.shape} is not {self.width}x{self.height} I420")
        data = np.ascontiguousarray(i420)
        luma = data.ctypes.data
        area = self.width * self.height
        half = self.width // 2
        picture = _Picture(luma, luma + area, luma + area * 5 // 4, self.width, half, half)
        head = self._head(_KEY if whole or not self._pictures else _AS_IT_COMES)
        head.p_buffer = ctypes.addressof(picture)
        head.n_filled_len = head.n_alloc_len = area * 3 // 2
        if self._rate is not None:  # copied by the library before send_picture returns
            rate = _Rate(0, self._rate)
            event = _Event(_RATE_CHANGE, ctypes.addressof(rate), ctypes.sizeof(rate), None)
            head.p_app_private = ctypes.addressof(event)
            self._rate = None
        self._send(head)
        self._pictures += 1
        return self._take(0)

    def close(self) -> None:
        """Its threads and memory go; to be called once it is not wanted any more."""
        if not self._open:
            return
        self._open = False
        if self._pictures:
            end = self._head(_AS_IT_COMES)
            end.flags = _END
            self._send(end)
            self._take(1)
        self._svt.svt_av1_enc_deinit(self._handle)
        self._svt.svt_av1_enc_deinit_handle(self._handle)

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self.close()

    def _head(self, kind: int) -> _Buffer:
        return _Buffer(size=ctypes.sizeof(_Buffer), pts=self._pictures, pic_type=kind)

    def _send(self, head: _Buffer) -> None:
        time.sleep(max(0.0, self._answered_at + _REST_S - time.monotonic()))
        self._check(self._svt.svt_av1_enc_send_picture(self._handle, head))

    def _take(self, done: int) -> bytes:
        # In low delay this call blocks until the picture is ready: one call a picture, no more.
        out = ctypes.POINTER(_Buffer)()
        self._check(self._svt.svt_av1_enc_get_packet(self._handle, out, done))
        self._answered_at = time.monotonic()
        try:
            return ctypes.string_at(out.contents.p_buffer, out.contents.n_filled_len)
        finally:
            self._svt.svt_av1_enc_release_out_buffer(out)

    def _check(self, code: int, what: str = "") -> None:
        if code:
            raise Av1Error(f"SVT-AV1 answered 0x{code & 0xFFFFFFFF:08x} {what}".rstrip())


def available() -> str | None:
    """Why AV1 cannot be sent from here, or None when it can: two pictures are tried."""
    try:
        encoder = Encoder(64, 64, 60_000)
        try:
            grey: Any = np.full((96, 64), 128, np.uint8)
            encoder.encode(grey)
            encoder.aim(50_000)
            encoder.encode(grey)
        finally:
            encoder.close()
    except (Av1Unavailable, Av1Error) as error:
        return str(error)
    return None
