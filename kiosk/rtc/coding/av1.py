"""AV1 by SVT-AV1, beside the coders of `kiosk.rtc.coding`."""

from __future__ import annotations

from functools import cache

import structlog

from kiosk.rtc.av1 import payload, svt
from kiosk.rtc.coding import I420, CodedPicture, fit, fitted
from kiosk.rtc.sending.pictures import Order

log = structlog.get_logger(__name__)

_FRAMES_PER_S = 25
_MORE, _LESS, _FAR_LESS = 1.1, 0.97, 0.9
_AFTER, _FAR_AFTER, _ANY_AFTER = 25, 8, 100
_SLIGHT = 0.02
_AIM = 0.95
"""Of the rate: between two steps the encoder makes a little too much, and it would wait in the
pacer all the time."""
_WHOLE_SHARE = 0.4
"""Of the rate, for a whole picture that others follow: it then takes the room of two of them, not
of four, and looks like the others half a second later. For minutes Chromium's jitter buffer holds
every picture back by what a large one took of the line (webrtc, jitter_estimator.cc)."""
_STILL_BIT_S = 400_000
"""Gives first pictures of 3 to 5 kB at 640x360; 700,000 would give up to 25 kB."""


@cache
def unavailable() -> str | None:
    """Why AV1 cannot be sent from here, logged once; None when it can."""
    reason = svt.available()
    if reason is not None:
        log.warning("AV1 cannot be sent", reason=reason)
    return reason


class RateSteps:
    """When SVT is told another rate. Pure.

    Each change begins its rate control anew, at a poor quality: told so with every picture it
    makes 7 kbit/s of 100. So it is told of what is large, of less sooner than of more.
    """

    def __init__(self, bit_s: float, frames_per_s: float) -> None:
        self._bit_s, self._frames_per_s = max(1.0, bit_s), frames_per_s
        self._pictures = 0

    def next(self, bit_s: float, frames_per_s: float) -> int | None:
        """Before each picture: the rate to set, or None to leave it."""
        self._pictures += 1
        ratio = bit_s / self._bit_s
        told = (
            frames_per_s != self._frames_per_s
            or (ratio <= _FAR_LESS and self._pictures > _FAR_AFTER)
            or (not _LESS < ratio < _MORE and self._pictures > _AFTER)
            or (abs(ratio - 1) > _SLIGHT and self._pictures > _ANY_AFTER)
        )
        if not told:
            return None
        self._bit_s, self._frames_per_s = bit_s, frames_per_s
        self._pictures = 0
        return svt_bit_s(bit_s, frames_per_s)


def svt_bit_s(bit_s: float, frames_per_s: float) -> int:
    """The rate for an encoder that goes by the frame rate which it was opened with."""
    return max(1000, round(_AIM * bit_s * _FRAMES_PER_S / frames_per_s))


class Av1Coder:
    """An encoder for each size, and one for each still: opening it takes 2 ms.

    A still in an open encoder takes ten times its octets. `encode` raises svt.Av1Unavailable or
    svt.Av1Error.
    """

    def __init__(self, preset: int) -> None:
        self._preset = preset
        self._encoder: svt.Encoder | None = None
        self._steps = RateSteps(1.0, _FRAMES_PER_S)

    def open(self, width: int, height: int, order: Order) -> None:
        """See PictureCoder."""
        self._fitting(*fitted(width, height, order.pixels), order)

    def encode(self, i420: I420, order: Order) -> CodedPicture | None:
        """See PictureCoder."""
        scaled = fit(i420, order.pixels)
        encoder = self._fitting(scaled.shape[1], scaled.shape[0] * 2 // 3, order)
        begins, bit_s = order.frames_per_s >= 1 and (order.whole or encoder.fresh), encoder.bit_s
        if begins:
            encoder.aim(round(_WHOLE_SHARE * bit_s))
        unit = encoder.encode(scaled, whole=order.whole)
        if begins:
            encoder.aim(bit_s)
        packed = payload.packetize(unit, order.payload_octets)
        whole = payload.key_start(packed[0])
        return CodedPicture(packed, whole, len(unit), encoder.width, encoder.height)

    def close(self) -> None:
        """See PictureCoder."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None

    def _fitting(self, width: int, height: int, order: Order) -> svt.Encoder:
        """The open encoder, told of the rate, or a new one."""
        encoder, still = self._encoder, order.frames_per_s < 1
        if encoder is None or still or (encoder.width, encoder.height) != (width, height):
            self.close()
            bit_s = svt_bit_s(order.bit_s, order.frames_per_s)
            encoder = self._encoder = svt.Encoder(
                width,
                height,
                min(bit_s, _STILL_BIT_S) if still else bit_s,
                frames_per_s=_FRAMES_PER_S,
                preset=self._preset,
            )
            self._steps = RateSteps(order.bit_s, order.frames_per_s)
        elif (step := self._steps.next(order.bit_s, order.frames_per_s)) is not None:
            encoder.aim(step)
        return encoder
