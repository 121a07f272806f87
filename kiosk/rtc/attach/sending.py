"""Sending: bit rates that suit a thin line, speech that survives a loss."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiortc.codecs
import av
from aiortc.codecs import h264, opus, vpx
from aiortc.mediastreams import VIDEO_TIME_BASE

from kiosk.devices.test_picture import stopped_picture
from kiosk.rtc.rate import Aim, Limits

OPUS_BIT_S = 28_000
SPARES_AGAIN_AFTER_S = 5.0
"""After a spare encoder was taken: the beginning of a call has better things to do."""

_limits = Limits()


def limit_video(most_bit_s: int) -> None:
    """No picture of this process takes more than this, in bit/s."""
    global _limits
    _limits = Limits().capped(most_bit_s)


class _Aimed:
    """An encoder whose target follows REMB with sense (rate.py)."""

    def __init__(self) -> None:
        super().__init__()
        self._warmed = False
        self.begin()

    def begin(self) -> None:
        """A call begins: aim as the limits of now say."""
        self._aim = Aim(_limits)
        self._set(self._aim.bit_s)

    def warm_up(self) -> None:
        """Open the codec, by a picture that nobody gets; the next one will be whole."""
        frame = stopped_picture()
        frame.pts, frame.time_base = -1, VIDEO_TIME_BASE
        super().encode(frame)  # type: ignore[misc]
        self._warmed = True

    @property
    def target_bitrate(self) -> int:
        return self._aim.bit_s

    @target_bitrate.setter
    def target_bitrate(self, bit_s: int) -> None:
        self._set(self._aim.remb(bit_s, time.monotonic()))

    def encode(self, frame: Any, force_keyframe: bool = False) -> Any:
        whole = force_keyframe or self._warmed
        self._warmed = False
        payloads, timestamp = super().encode(frame, whole)  # type: ignore[misc]
        self._aim.sent(sum(map(len, payloads)), time.monotonic())
        return payloads, timestamp

    def _set(self, bit_s: int) -> None:
        """For what an encoder keeps beside `target_bitrate`."""


class _Vp8(_Aimed, vpx.Vp8Encoder):
    def _set(self, bit_s: int) -> None:
        self._Vp8Encoder__target_bitrate = bit_s  # sizes the encoder's buffer


class _H264(_Aimed, h264.H264Encoder):
    pass


class _Opus(opus.OpusEncoder):
    """Mono speech at 28 kbit/s that can mend one lost packet (RFC 6716 §2.1.7).

    aiortc sends 96 kbit/s of stereo without any protection.
    """

    def __init__(self) -> None:
        super().__init__()
        codec: Any = av.CodecContext.create("libopus", "w")
        codec.bit_rate = OPUS_BIT_S
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = opus.SAMPLE_RATE
        codec.time_base = opus.TIME_BASE
        codec.options = {"application": "voip", "fec": "1", "packet_loss": "10"}
        self.codec = codec
        self.resampler = av.AudioResampler(
            format="s16", layout="mono", rate=opus.SAMPLE_RATE, frame_size=opus.SAMPLES_PER_FRAME
        )

    def begin(self) -> None:
        """A call begins."""

    def warm_up(self) -> None:
        """Open the codec."""
        self.codec.open()


_ENCODERS: dict[str, type] = {"video/vp8": _Vp8, "video/h264": _H264, "audio/opus": _Opus}
_SPARE_KINDS = ("video/vp8", "audio/opus")
_spares: dict[str, Any] = {}


def open_spares() -> None:
    """Have an encoder of each usual kind ready before a call wants it.

    Opening one takes 10 ms or more, in which no other thread of the kiosk goes on, and would fall
    between the connection and its first picture.
    """
    for kind in _SPARE_KINDS:
        if kind not in _spares:
            made = _ENCODERS[kind]()
            made.warm_up()
            _spares[kind] = made


def encoder(codec: Any) -> Any:
    """The kiosk's encoder for this codec, opened ahead if there is one, or aiortc's."""
    kind = codec.mimeType.lower()
    spare = _spares.pop(kind, None)
    if spare is not None:
        loop = asyncio.get_running_loop()
        loop.call_later(SPARES_AGAIN_AFTER_S, loop.run_in_executor, None, open_spares)
        spare.begin()
        return spare
    made = _ENCODERS.get(kind)
    return made() if made else aiortc.codecs.get_encoder(codec)
