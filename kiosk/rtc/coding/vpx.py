"""VP8 by libvpx at a rate and size that change in place. Not of the pure kind.

PyAV cannot change the bit rate of an open VP8 encoder, so each step would cost a new encoder and a
whole picture; vpx_codec_enc_config_set can, the size included (a smaller one needs a whole picture
in the format itself). An encoder is for one thread at a time; while it works other threads go on.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.rtc.coding.libvpx import ENCODER_ABI, I420_FORMAT, Image, Settings, library

_CONTEXT_OCTETS = 256
"""Far more than vpx_codec_ctx_t takes (56)."""
_FORCE_KEY, _IS_KEY = 1, 1
_REALTIME = 1
_CLOCK = 90_000
_FRAME_PACKET = 0
_ONE_PASS, _CBR = 0, 1
_KEYS_ON_REQUEST = 0
_SET_CPU_USED, _SET_NOISE, _SET_STATIC, _SET_PARTITIONS, _SET_MOST_INTRA = 13, 15, 17, 18, 26

_SPEED = -6
_DENOISE = 4
"""Adaptive: a webcam's noise costs a third of a thin rate."""
_LEAST_Q, _MOST_Q = 2, 58
_BUFFER_MS, _BUFFER_START_MS, _BUFFER_AIM_MS = 600, 400, 400
_DROP_BELOW_PERCENT = 20
_KEY_WORTH_S = 0.35
"""A whole picture takes so much of the rate's time at most."""

I420 = NDArray[np.uint8]


class VpxError(Exception):
    """libvpx refused; the text is its own (`vpx_codec_err_to_string`)."""

    code = "vpx_error"


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

    def __init__(self, width: int, height: int, bit_s: int) -> None:
        self._vpx = library()
        self._most = (width, height)
        settings = self._settings = Settings()
        interface = self._vpx.vpx_codec_vp8_cx()
        self._check(self._vpx.vpx_codec_enc_config_default(interface, settings, 0))
        settings.g_w, settings.g_h = width, height
        settings.g_threads = 1
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
            self._vpx.vpx_codec_enc_init_ver(self._context, interface, settings, 0, ENCODER_ABI)
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
        self._image = Image()

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
        self._vpx.vpx_img_wrap(self._image, I420_FORMAT, width, height, 1, data.ctypes.data)
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
