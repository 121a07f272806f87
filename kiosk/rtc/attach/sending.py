"""Sending: bit rates that suit a thin line, speech that survives a loss."""

from __future__ import annotations

import time
from typing import Any

import aiortc.codecs
import av
from aiortc.codecs import h264, opus, vpx

from kiosk.rtc.rate import Aim, Limits

OPUS_BIT_S = 28_000

_limits = Limits()


def limit_video(most_bit_s: int) -> None:
    """No picture of this process takes more than this, in bit/s."""
    global _limits
    _limits = Limits().capped(most_bit_s)


class _Aimed:
    """An encoder whose target follows REMB with sense (rate.py)."""

    def __init__(self) -> None:
        self._aim = Aim(_limits)
        super().__init__()
        self._set(self._aim.bit_s)

    @property
    def target_bitrate(self) -> int:
        return self._aim.bit_s

    @target_bitrate.setter
    def target_bitrate(self, bit_s: int) -> None:
        self._set(self._aim.remb(bit_s, time.monotonic()))

    def encode(self, frame: Any, force_keyframe: bool = False) -> Any:
        payloads, timestamp = super().encode(frame, force_keyframe)  # type: ignore[misc]
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


_ENCODERS: dict[str, type] = {"video/vp8": _Vp8, "video/h264": _H264, "audio/opus": _Opus}


def encoder(codec: Any) -> Any:
    """The kiosk's encoder for this codec, or aiortc's."""
    made = _ENCODERS.get(codec.mimeType.lower())
    return made() if made else aiortc.codecs.get_encoder(codec)
