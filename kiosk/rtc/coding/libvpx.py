"""libvpx as it lies in the PyAV wheel, by ctypes. Not of the pure kind: it loads a library.

The structures are those of libvpx 1.16 (its vpx_encoder.h and vpx_image.h); `load` checks them
against the library's own default settings.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

from kiosk.rtc import bundled

_VERSION = "v1.16."
ENCODER_ABI, I420_FORMAT = 39, 0x102
_NEEDED = (
    "vpx_codec_version_str", "vpx_codec_vp8_cx", "vpx_codec_enc_config_default",
    "vpx_codec_enc_init_ver", "vpx_codec_enc_config_set", "vpx_codec_encode",
    "vpx_codec_get_cx_data", "vpx_codec_control_", "vpx_codec_destroy", "vpx_codec_err_to_string",
    "vpx_img_wrap",
)  # fmt: skip


class VpxUnavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """libvpx is not where the PyAV wheel keeps it, or is not the one that we know."""

    code = "vpx_unavailable"


class _Fixed(ctypes.Structure):
    _fields_ = (("buf", ctypes.c_void_p), ("sz", ctypes.c_size_t))


class Settings(ctypes.Structure):
    """vpx_codec_enc_cfg_t; what follows kf_max_dist is opaque."""

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


class Image(ctypes.Structure):
    """vpx_image_t."""

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


class Packet(ctypes.Structure):
    """vpx_codec_cx_pkt_t of a picture."""

    _fields_ = (
        ("kind", ctypes.c_int), ("buf", ctypes.c_void_p), ("sz", ctypes.c_size_t),
        ("pts", ctypes.c_int64), ("duration", ctypes.c_ulong), ("flags", ctypes.c_uint32),
    )  # fmt: skip


@cache
def library() -> ctypes.CDLL:
    """libvpx 1.16, its functions' types declared; raises VpxUnavailable."""
    return load(bundled.FOLDER)


def load(folder: Path) -> ctypes.CDLL:
    """libvpx from a folder of bundled libraries; raises VpxUnavailable."""
    vpx, file = bundled.open_library(folder, "libvpx", _NEEDED, VpxUnavailable)
    bundled.check_version(vpx.vpx_codec_version_str, _VERSION, file, VpxUnavailable)
    vpx.vpx_codec_err_to_string.restype = ctypes.c_char_p
    pointer, number, word = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint
    vpx.vpx_codec_vp8_cx.restype = pointer
    vpx.vpx_codec_enc_config_default.argtypes = [pointer, ctypes.POINTER(Settings), word]
    vpx.vpx_codec_enc_init_ver.argtypes = [
        pointer, pointer, ctypes.POINTER(Settings), ctypes.c_long, number,
    ]  # fmt: skip
    vpx.vpx_codec_enc_config_set.argtypes = [pointer, ctypes.POINTER(Settings)]
    vpx.vpx_codec_encode.argtypes = [
        pointer, ctypes.POINTER(Image), ctypes.c_int64, ctypes.c_ulong, ctypes.c_long,
        ctypes.c_ulong,
    ]  # fmt: skip
    vpx.vpx_codec_get_cx_data.argtypes = [pointer, ctypes.POINTER(pointer)]
    vpx.vpx_codec_get_cx_data.restype = ctypes.POINTER(Packet)
    vpx.vpx_codec_destroy.argtypes = [pointer]
    vpx.vpx_img_wrap.argtypes = [ctypes.POINTER(Image), number, word, word, word, pointer]
    vpx.vpx_img_wrap.restype = pointer
    _check_layout(vpx, file)
    return vpx


def _check_layout(vpx: ctypes.CDLL, name: str) -> None:
    """Do the library's own values stand where the structures above look for them?"""
    settings = Settings()
    vpx.vpx_codec_enc_config_default(vpx.vpx_codec_vp8_cx(), settings, 0)
    seen = (settings.timebase_den, settings.rc_target_bitrate, settings.rc_max_quantizer,
            settings.rc_buf_optimal_sz, settings.kf_max_dist)  # fmt: skip
    if seen != (30, 256, 63, 5000, 128):
        raise VpxUnavailable(f"{name} lays its settings out in another way: {seen}")
    image, pixels = Image(), ctypes.create_string_buffer(16 * 16 * 3 // 2)
    vpx.vpx_img_wrap(image, I420_FORMAT, 16, 16, 1, ctypes.addressof(pixels))
    if (image.planes[0], list(image.stride[:3])) != (ctypes.addressof(pixels), [16, 8, 8]):
        raise VpxUnavailable(f"{name} lays its images out in another way")
