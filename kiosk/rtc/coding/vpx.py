"""libvpx's VP8 encoder as it lies in the PyAV wheel, by ctypes. Not of the pure kind.

PyAV cannot change the bit rate of an open VP8 encoder, so each step would cost a new encoder and a
whole picture; vpx_codec_enc_config_set can, the size included (a smaller one needs a whole picture
in the format itself). The structures below are those of libvpx 1.16 (its vpx_encoder.h and
vpx_image.h); `load` checks them against the library's own default settings and its ABI number. An
encoder is for one thread at a time; while it works other threads go on.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

_VERSION = "v1.16."
_ENCODER_ABI, _IMAGE_ABI_I420 = 39, 0x102
_CONTEXT_OCTETS = 256
"""Far more than vpx_codec_ctx_t takes (56)."""
_FORCE_KEY, _IS_KEY = 1, 1
_REALTIME = 1
_CLOCK = 90_000
_FRAME_PACKET = 0
_ONE_PASS, _CBR = 0, 1
_KEYS_ON_REQUEST = 0
_MOST_SIDE = 16383
_SET_CPU_USED, _SET_NOISE, _SET_STATIC, _SET_PARTITIONS, _SET_MOST_INTRA = 13, 15, 17, 18, 26
_NEEDED = (
    "vpx_codec_version_str", "vpx_codec_vp8_cx", "vpx_codec_enc_config_default",
    "vpx_codec_enc_init_ver", "vpx_codec_enc_config_set", "vpx_codec_encode",
    "vpx_codec_get_cx_data", "vpx_codec_control_", "vpx_codec_destroy", "vpx_codec_err_to_string",
    "vpx_img_wrap",
)  # fmt: skip

_SPEED = -6
_DENOISE = 4
"""Adaptive: a webcam's noise costs a third of a thin rate."""
_LEAST_Q, _MOST_Q = 2, 58
_BUFFER_MS, _BUFFER_START_MS, _BUFFER_AIM_MS = 600, 400, 400
_DROP_BELOW_PERCENT = 20
_KEY_WORTH_S = 0.35
"""A whole picture takes so much of the rate's time at most."""

I420 = NDArray[np.uint8]


class VpxUnavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """libvpx is not where the PyAV wheel keeps it, or is not the one that we know."""

    code = "vpx_unavailable"


class VpxError(Exception):
    """libvpx refused; the text is its own (`vpx_codec_err_to_string`)."""

    code = "vpx_error"


class _Fixed(ctypes.Structure):
    _fields_ = (("buf", ctypes.c_void_p), ("sz", ctypes.c_size_t))


class _Settings(ctypes.Structure):  # vpx_codec_enc_cfg_t; what follows kf_max_dist is opaque
    _fields_ = (
        *((name, ctypes.c_uint) for name in (
            "g_usage", "g_threads", "g_profile", "g_w", "g_h", "g_bit_depth", "g_input_bit_depth",
        )),
        ("timebase_num", ctypes.c_int), ("timebase_den", ctypes.c_int),
        *((name, ctypes.c_uint) for name in (
            "g_error_resilient", "g_pass", "g_lag_in_frames", "rc_dropframe_thresh",
            "rc_resize_allowed", "rc_scaled_width", "rc_scaled_height", "rc_resize_up_thresh",
            "rc_resize_down_thresh", "rc_end_usage",
        )),
        ("rc_twopass_stats_in", _Fixed), ("rc_firstpass_mb_stats_in", _Fixed),
        *((name, ctypes.c_uint) for name in (
            "rc_target_bitrate", "rc_min_quantizer", "rc_max_quantizer", "rc_undershoot_pct",
            "rc_overshoot_pct", "rc_buf_sz", "rc_buf_initial_sz", "rc_buf_optimal_sz",
            "rc_2pass_vbr_bias_pct", "rc_2pass_vbr_minsection_pct", "rc_2pass_vbr_maxsection_pct",
            "rc_2pass_vbr_corpus_complexity", "kf_mode", "kf_min_dist", "kf_max_dist",
        )),
        ("rest", ctypes.c_ubyte * 4096),
    )  # fmt: skip


class _Image(ctypes.Structure):  # vpx_image_t
    _fields_ = (
        *((name, ctypes.c_uint) for name in (
            "fmt", "cs", "range", "w", "h", "bit_depth", "d_w", "d_h", "r_w", "r_h",
            "x_chroma_shift", "y_chroma_shift",
        )),
        ("planes", ctypes.c_void_p * 4), ("stride", ctypes.c_int * 4), ("bps", ctypes.c_int),
        ("user_priv", ctypes.c_void_p), ("img_data", ctypes.c_void_p),
        ("img_data_owner", ctypes.c_int), ("self_allocd", ctypes.c_int),
        ("fb_priv", ctypes.c_void_p),
    )  # fmt: skip


class _Packet(ctypes.Structure):  # vpx_codec_cx_pkt_t
    _fields_ = (
        ("kind", ctypes.c_int), ("buf", ctypes.c_void_p), ("sz", ctypes.c_size_t),
        ("pts", ctypes.c_int64), ("duration", ctypes.c_ulong), ("flags", ctypes.c_uint32),
    )  # fmt: skip


@cache
def library() -> ctypes.CDLL:
    """libvpx 1.16, its functions' types declared; raises VpxUnavailable."""
    return load(Path(av.__file__).parent.parent / "av.libs")


def load(folder: Path) -> ctypes.CDLL:
    """libvpx from a folder of bundled libraries; raises VpxUnavailable."""
    found = sorted(folder.glob("libvpx*.so*"))
    if not found:
        raise VpxUnavailable(f"no libvpx in {folder}: is PyAV installed from its wheel?")
    try:
        vpx = ctypes.CDLL(str(found[0]))
    except OSError as error:
        raise VpxUnavailable(f"{found[0].name} does not load: {error}") from error
    missing = [name for name in _NEEDED if not hasattr(vpx, name)]
    if missing:
        raise VpxUnavailable(f"{found[0].name} lacks {', '.join(missing)}")
    for name in ("vpx_codec_version_str", "vpx_codec_err_to_string"):
        getattr(vpx, name).restype = ctypes.c_char_p
    version = vpx.vpx_codec_version_str().decode("ascii", "replace")
    if not version.startswith(_VERSION):
        raise VpxUnavailable(f"{found[0].name} is {version}, not {_VERSION}x")
    pointer, number, word = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint
    vpx.vpx_codec_vp8_cx.restype = pointer
    vpx.vpx_codec_enc_config_default.argtypes = [pointer, ctypes.POINTER(_Settings), word]
    vpx.vpx_codec_enc_init_ver.argtypes = [
        pointer, pointer, ctypes.POINTER(_Settings), ctypes.c_long, number,
    ]  # fmt: skip
    vpx.vpx_codec_enc_config_set.argtypes = [pointer, ctypes.POINTER(_Settings)]
    vpx.vpx_codec_encode.argtypes = [
        pointer, ctypes.POINTER(_Image), ctypes.c_int64, ctypes.c_ulong, ctypes.c_long,
        ctypes.c_ulong,
    ]  # fmt: skip
    vpx.vpx_codec_get_cx_data.argtypes = [pointer, ctypes.POINTER(pointer)]
    vpx.vpx_codec_get_cx_data.restype = ctypes.POINTER(_Packet)
    vpx.vpx_codec_destroy.argtypes = [pointer]
    vpx.vpx_img_wrap.argtypes = [ctypes.POINTER(_Image), number, word, word, word, pointer]
    vpx.vpx_img_wrap.restype = pointer
    _check_layout(vpx, found[0].name)
    return vpx


def _check_layout(vpx: ctypes.CDLL, name: str) -> None:
    """Do the library's own values stand where the structures above look for them?"""
    settings = _Settings()
    vpx.vpx_codec_enc_config_default(vpx.vpx_codec_vp8_cx(), settings, 0)
    seen = (settings.timebase_den, settings.rc_target_bitrate, settings.rc_max_quantizer,
            settings.rc_buf_optimal_sz, settings.kf_max_dist)  # fmt: skip
    if seen != (30, 256, 63, 5000, 128):
        raise VpxUnavailable(f"{name} lays its settings out in another way: {seen}")
    image, pixels = _Image(), ctypes.create_string_buffer(16 * 16 * 3 // 2)
    vpx.vpx_img_wrap(image, _IMAGE_ABI_I420, 16, 16, 1, ctypes.addressof(pixels))
    if (image.planes[0], list(image.stride[:3])) != (ctypes.addressof(pixels), [16, 8, 8]):
        raise VpxUnavailable(f"{name} lays its images out in another way")


@dataclass(frozen=True)
class Coded:
    """What one picture became."""

    data: bytes
    whole: bool


class Encoder:
    """VP8 of a rate and size that change between any two pictures.

    Raises:
        VpxUnavailable, VpxError
    """

    def __init__(self, width: int, height: int, bit_s: int, *, threads: int = 1) -> None:
        self._vpx = library()
        self._most = (width, height)
        settings = self._settings = _Settings()
        interface = self._vpx.vpx_codec_vp8_cx()
        self._check(self._vpx.vpx_codec_enc_config_default(interface, settings, 0))
        settings.g_w, settings.g_h = width, height
        settings.g_threads = threads
        settings.timebase_num, settings.timebase_den = 1, _CLOCK
        settings.g_pass, settings.g_lag_in_frames = _ONE_PASS, 0
        settings.rc_end_usage = _CBR
        settings.rc_min_quantizer, settings.rc_max_quantizer = _LEAST_Q, _MOST_Q
        settings.rc_undershoot_pct, settings.rc_overshoot_pct = 100, 15
        settings.rc_buf_sz = _BUFFER_MS
        settings.rc_buf_initial_sz, settings.rc_buf_optimal_sz = _BUFFER_START_MS, _BUFFER_AIM_MS
        settings.rc_dropframe_thresh = _DROP_BELOW_PERCENT
        settings.rc_resize_allowed = 0
        settings.rc_target_bitrate = max(1, bit_s // 1000)
        settings.kf_mode = _KEYS_ON_REQUEST
        self._context = ctypes.create_string_buffer(_CONTEXT_OCTETS)
        self._check(
            self._vpx.vpx_codec_enc_init_ver(self._context, interface, settings, 0, _ENCODER_ABI)
        )
        self._open = True
        for request, value in (
            (_SET_CPU_USED, _SPEED), (_SET_NOISE, _DENOISE), (_SET_STATIC, 1),
            (_SET_PARTITIONS, 0),
        ):  # fmt: skip
            self._control(request, value)
        self._frames_per_s = 25.0
        self._bound_whole_pictures()
        self._clock = 0
        self._image = _Image()

    def takes(self, width: int, height: int) -> bool:
        """Whether pictures of this size can follow without a new encoder."""
        return width <= self._most[0] and height <= self._most[1]

    def aim(self, bit_s: int, frames_per_s: float) -> None:
        """From the next picture on."""
        if frames_per_s != self._frames_per_s:
            self._frames_per_s = frames_per_s
            self._bound_whole_pictures()
        kbit_s = max(1, bit_s // 1000)
        if kbit_s != self._settings.rc_target_bitrate:
            self._settings.rc_target_bitrate = kbit_s
            self._check(self._vpx.vpx_codec_enc_config_set(self._context, self._settings))

    def encode(self, i420: I420, *, whole: bool = False) -> Coded | None:
        """A picture of shape (height * 3 / 2, width); None: it was dropped.

        The encoder's clock goes by the rate it was told: were it shown that pictures are left out
        because the last one was too large, it would make the next one larger still.

        Raises:
            VpxError: the picture is larger than the first one's size, or libvpx refused.
        """
        height, width = i420.shape[0] * 2 // 3, i420.shape[1]
        if not self.takes(width, height) or width % 2 or height % 2:
            raise VpxError(f"a picture of {width}x{height} does not fit this encoder")
        if (width, height) != (self._settings.g_w, self._settings.g_h):
            self._settings.g_w, self._settings.g_h = width, height
            self._check(self._vpx.vpx_codec_enc_config_set(self._context, self._settings))
            whole = True
        data = np.ascontiguousarray(i420)
        self._vpx.vpx_img_wrap(self._image, _IMAGE_ABI_I420, width, height, 1, data.ctypes.data)
        duration = round(_CLOCK / self._frames_per_s)
        flags = _FORCE_KEY if whole else 0
        self._check(
            self._vpx.vpx_codec_encode(
                self._context, self._image, self._clock, duration, flags, _REALTIME
            )
        )
        self._clock += duration
        return self._take()

    def close(self) -> None:
        """Its memory goes."""
        if self._open:
            self._open = False
            self._vpx.vpx_codec_destroy(self._context)

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self.close()

    def _take(self) -> Coded | None:
        position = ctypes.c_void_p()
        parts, whole = [], False
        while packet := self._vpx.vpx_codec_get_cx_data(self._context, position):
            if packet.contents.kind == _FRAME_PACKET:
                parts.append(ctypes.string_at(packet.contents.buf, packet.contents.sz))
                whole |= bool(packet.contents.flags & _IS_KEY)
        return Coded(b"".join(parts), whole) if any(parts) else None

    def _bound_whole_pictures(self) -> None:
        # in per cent of a picture's usual share
        percent = max(100, round(_KEY_WORTH_S * self._frames_per_s * 100))
        self._control(_SET_MOST_INTRA, percent)

    def _control(self, request: int, value: int) -> None:
        # variadic in C: arguments must carry their own types
        self._check(
            self._vpx.vpx_codec_control_(
                ctypes.c_void_p(ctypes.addressof(self._context)),
                ctypes.c_int(request),
                ctypes.c_int(value),
            )
        )

    def _check(self, code: int) -> None:
        if code:
            text = self._vpx.vpx_codec_err_to_string(code).decode("ascii", "replace")
            raise VpxError(f"libvpx: {text}")
