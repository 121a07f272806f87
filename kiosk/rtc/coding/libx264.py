"""libx264 as it lies in the PyAV wheel, by ctypes. Not of the pure kind: it loads a library.

The structures are the beginnings of those of x264's build 165 (its x264.h); the number is in the
name of the function that opens an encoder. All settings but the size go in by name, so the rest of
their structure is never looked at; `load` checks the library's own default settings.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

from kiosk.rtc import bundled

OPEN = "x264_encoder_open_165"
_NEEDED = (
    OPEN, "x264_param_default", "x264_param_default_preset", "x264_param_parse",
    "x264_param_apply_profile", "x264_picture_init", "x264_encoder_encode",
    "x264_encoder_reconfig", "x264_encoder_close",
)  # fmt: skip
I420_FORMAT = 2
TYPE_AUTO, TYPE_IDR = 0, 1
SEI = 6
"""Kind of NAL unit (H.264 table 7-1)."""


class X264Unavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """libx264 is not where the PyAV wheel keeps it, or is not the one that we know."""

    code = "x264_unavailable"


class Settings(ctypes.Structure):
    """x264_param_t; what follows i_nal_hrd is opaque."""

    _fields_ = (
        ("cpu", ctypes.c_uint32),
        *((name, ctypes.c_int) for name in (
            "i_threads", "i_lookahead_threads", "b_sliced_threads", "b_deterministic",
            "b_cpu_independent", "i_sync_lookahead", "i_width", "i_height", "i_csp", "i_bitdepth",
            "i_level_idc", "i_frame_total", "i_nal_hrd",
        )),
        ("rest", ctypes.c_ubyte * 8192),
    )  # fmt: skip


class Picture(ctypes.Structure):
    """x264_picture_t; what follows its planes is opaque."""

    _fields_ = (
        ("i_type", ctypes.c_int), ("i_qpplus1", ctypes.c_int), ("i_pic_struct", ctypes.c_int),
        ("b_keyframe", ctypes.c_int), ("i_pts", ctypes.c_int64), ("i_dts", ctypes.c_int64),
        ("param", ctypes.c_void_p), ("i_csp", ctypes.c_int), ("i_plane", ctypes.c_int),
        ("i_stride", ctypes.c_int * 4), ("plane", ctypes.c_void_p * 4),
        ("rest", ctypes.c_ubyte * 1024),
    )  # fmt: skip


class Nal(ctypes.Structure):
    """x264_nal_t."""

    _fields_ = (
        ("i_ref_idc", ctypes.c_int), ("i_type", ctypes.c_int),
        ("b_long_startcode", ctypes.c_int), ("i_first_mb", ctypes.c_int),
        ("i_last_mb", ctypes.c_int), ("i_payload", ctypes.c_int), ("p_payload", ctypes.c_void_p),
        ("i_padding", ctypes.c_int),
    )  # fmt: skip


@cache
def library() -> ctypes.CDLL:
    """libx264 of build 165, its functions' types declared; raises X264Unavailable."""
    return load(bundled.FOLDER)


def load(folder: Path) -> ctypes.CDLL:
    """libx264 from a folder of bundled libraries; raises X264Unavailable."""
    x264, file = bundled.open_library(folder, "libx264", _NEEDED, X264Unavailable)
    settings, text, encoder = ctypes.POINTER(Settings), ctypes.c_char_p, ctypes.c_void_p
    picture = ctypes.POINTER(Picture)
    x264.x264_param_default.argtypes = [settings]
    x264.x264_param_default_preset.argtypes = [settings, text, text]
    x264.x264_param_parse.argtypes = [settings, text, text]
    x264.x264_param_apply_profile.argtypes = [settings, text]
    x264.x264_picture_init.argtypes = [picture]
    opening = getattr(x264, OPEN)
    opening.argtypes, opening.restype = [settings], encoder
    x264.x264_encoder_reconfig.argtypes = [encoder, settings]
    x264.x264_encoder_encode.argtypes = [
        encoder, ctypes.POINTER(ctypes.POINTER(Nal)), ctypes.POINTER(ctypes.c_int),
        picture, picture,
    ]  # fmt: skip
    x264.x264_encoder_close.argtypes, x264.x264_encoder_close.restype = [encoder], None
    _check_layout(x264, file)
    return x264


def _check_layout(x264: ctypes.CDLL, name: str) -> None:
    """Do the library's own values stand where the structure above looks for them?"""
    settings = Settings()
    x264.x264_param_default(settings)
    seen = (settings.b_deterministic, settings.i_sync_lookahead, settings.i_csp,
            settings.i_bitdepth, settings.i_level_idc)  # fmt: skip
    if seen != (1, -1, I420_FORMAT, 8, -1):
        raise X264Unavailable(f"{name} lays its settings out in another way: {seen}")
