"""libopus as it lies in the PyAV wheel, by ctypes. Not of the pure kind: it loads a library.

PyAV reaches neither concealment nor in-band FEC when decoding, and it cannot change FEC, expected
loss or packet time of an open encoder. An encoder or decoder is for one thread at a time.
API: https://opus-codec.org/docs/opus_api-1.5/
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.rtc import bundled
from kiosk.rtc.hearing.decoding import Sound, Undecodable
from kiosk.rtc.hearing.toc import CLOCK, LONGEST

_LONGEST_PACKET = 1275 * 3 + 7
_VOIP = 2048
_SET_BITRATE, _SET_INBAND_FEC, _SET_PACKET_LOSS = 4002, 4012, 4014
_SET_SIGNAL = 4024
_SIGNAL_VOICE = 3001
_NEEDED = (
    "opus_get_version_string", "opus_strerror", "opus_decoder_create", "opus_decoder_destroy",
    "opus_decode_float", "opus_encoder_create", "opus_encoder_destroy", "opus_encoder_ctl",
    "opus_encode_float",
)  # fmt: skip


class OpusUnavailable(Exception):  # noqa: N818 - named after what happened, like its siblings
    """libopus is not where the PyAV wheel keeps it, or lacks a function."""

    code = "opus_unavailable"


class OpusError(Undecodable):
    """libopus refused; the text is its own (`opus_strerror`)."""

    code = "opus_error"


@cache
def library() -> ctypes.CDLL:
    """libopus 1.x, its functions' types declared; raises OpusUnavailable."""
    return load(bundled.FOLDER)


def load(folder: Path) -> ctypes.CDLL:
    """libopus from a folder of bundled libraries; raises OpusUnavailable."""
    opus, file = bundled.open_library(folder, "libopus", _NEEDED, OpusUnavailable)
    bundled.check_version(opus.opus_get_version_string, "libopus 1.", file, OpusUnavailable)
    pointer, number, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_int32
    opus.opus_strerror.restype = ctypes.c_char_p
    opus.opus_decoder_create.restype = opus.opus_encoder_create.restype = pointer
    opus.opus_decoder_create.argtypes = [size, number, ctypes.POINTER(number)]
    opus.opus_encoder_create.argtypes = [size, number, number, ctypes.POINTER(number)]
    opus.opus_decoder_destroy.argtypes = opus.opus_encoder_destroy.argtypes = [pointer]
    opus.opus_decode_float.argtypes = [pointer, ctypes.c_char_p, size, pointer, number, number]
    opus.opus_encode_float.argtypes = [pointer, pointer, number, pointer, size]
    return opus


class _Held:
    """One of libopus' objects, destroyed with its owner."""

    def __init__(self, create: Callable[..., Any], destroy: Callable[..., Any], *how: int) -> None:
        error = ctypes.c_int()
        self.pointer = create(*how, ctypes.byref(error))
        if not self.pointer:
            raise OpusError(_text(error.value))
        self._destroy = destroy

    def __del__(self) -> None:
        if getattr(self, "_destroy", None):
            self._destroy(self.pointer)


class Decoder:
    """Sound from packets, from spare copies, and from nothing."""

    def __init__(self, channels: int = 1) -> None:
        self._opus = library()
        self._state = _Held(
            self._opus.opus_decoder_create, self._opus.opus_decoder_destroy, CLOCK, channels
        )
        self._channels = channels

    def decode(self, payload: bytes) -> Sound:
        """One packet; raises OpusError when it is corrupt."""
        return self._decode(payload, LONGEST, 0)

    def decode_spare(self, payload: bytes, samples: int) -> Sound:
        """The lost `samples` before `payload`, from its spare copy; concealed if it has none."""
        return self._decode(payload, samples, 1)

    def conceal(self, samples: int) -> Sound:
        """What probably went on; fades by itself. `samples` is a multiple of 2.5 ms."""
        return self._decode(None, samples, 0)

    def _decode(self, payload: bytes | None, most: int, spare: int) -> Sound:
        if payload == b"":  # libopus would conceal
            raise OpusError("an empty packet")
        out = np.empty((most, self._channels), np.float32)
        got = self._opus.opus_decode_float(
            self._state.pointer, payload, len(payload or b""), out.ctypes.data, most, spare
        )
        if got < 0:
            raise OpusError(_text(got))
        return out[:got, 0] if self._channels == 1 else out[:got]


class Encoder:
    """Speech to packets; everything but the channels changes in place, from packet to packet."""

    def __init__(self, channels: int = 1, bitrate: int = 24000) -> None:
        self._opus = library()
        self._state = _Held(
            self._opus.opus_encoder_create,
            self._opus.opus_encoder_destroy,
            CLOCK,
            channels,
            _VOIP,
        )
        self._channels = channels
        self._out = ctypes.create_string_buffer(_LONGEST_PACKET)
        self._control(_SET_SIGNAL, _SIGNAL_VOICE)
        self.tune(bitrate=bitrate, loss_ratio=0.0)

    def tune(self, *, bitrate: int, loss_ratio: float) -> None:
        """bit/s of payload, and the share of packets that the far end loses.

        Spare copies (FEC) take their bits from the same rate. Whether there are any is libopus'
        choice by rate and loss: sending/sharing.py and sending/spares.py know what to claim.
        """
        percent = min(100, max(0, round(loss_ratio * 100)))
        self._control(_SET_BITRATE, bitrate)
        self._control(_SET_PACKET_LOSS, percent)
        self._control(_SET_INBAND_FEC, int(percent > 0))

    def encode(self, sound: Sound) -> bytes:
        """One packet of 2.5, 5, 10, 20, 40 or 60 ms: as long as `sound` is. Raises OpusError."""
        sound = np.ascontiguousarray(sound, np.float32)
        got = self._opus.opus_encode_float(
            self._state.pointer,
            sound.ctypes.data,
            len(sound),
            ctypes.byref(self._out),
            _LONGEST_PACKET,
        )
        if got < 0:
            raise OpusError(_text(got))
        return self._out.raw[:got]

    def _control(self, request: int, value: int) -> None:
        # variadic in C: arguments must carry their own types
        result = self._opus.opus_encoder_ctl(
            ctypes.c_void_p(self._state.pointer), ctypes.c_int(request), ctypes.c_int32(value)
        )
        if result != 0:
            raise OpusError(_text(result))


def _text(error: int) -> str:
    return str(library().opus_strerror(error).decode("ascii", "replace"))
