"""Which picture the rate is worth: size, frame rate, a still now and then, or sound alone. Pure.

The steps' rates follow measured SSIM by rate of a talking head at 640x360 and 25 frames/s (one
thread, real-time settings): AV1 has at 60 kbit/s what VP8 has at 127 (0.94), at 100 what VP8 has at
250 (0.96); x264 lies with VP8 at 150 and above it from 200 on. Below a codec's knee half the area
at more bits a pixel looks better than all of it smeared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Codec = Literal["vp8", "h264", "av1"]
Content = Literal["face", "page"]


@dataclass(frozen=True)
class Moving:
    """A moving picture, worth it from `least_bit_s` of the encoder on."""

    least_bit_s: float
    width: int
    height: int
    frames_per_s: int


@dataclass(frozen=True)
class Still:
    """One whole picture every few seconds."""

    width: int
    height: int
    every_s: float


@dataclass(frozen=True)
class SoundAlone:
    """No picture: what it would take is worth more to the sound."""


Choice = Moving | Still | SoundAlone

_HIGH, _VGA = (1280, 720), (640, 480)
_FULL, _THREE_QUARTERS, _HALF = (640, 360), (480, 270), (320, 180)


def _steps(*rows: tuple[int, tuple[int, int], int]) -> Sequence[Moving]:
    return tuple(Moving(kbit * 1000, *size, fps) for kbit, size, fps in rows)


_FACE: Mapping[Codec, Sequence[Moving]] = {
    # A face lives by motion: frames go last, sharpness before them.
    "vp8": _steps(
        (1100, _HIGH, 25), (400, _VGA, 25), (260, _FULL, 25), (170, _FULL, 20),
        (130, _THREE_QUARTERS, 20), (85, _THREE_QUARTERS, 15), (60, _HALF, 15), (48, _HALF, 12),
    ),
    "h264": _steps(
        (1000, _HIGH, 25), (380, _VGA, 25), (240, _FULL, 25), (170, _FULL, 20),
        (135, _THREE_QUARTERS, 20), (90, _THREE_QUARTERS, 15), (62, _HALF, 15), (50, _HALF, 12),
    ),
    "av1": _steps(
        (110, _FULL, 25), (80, _FULL, 20), (55, _FULL, 15),
        (42, _THREE_QUARTERS, 15), (32, _THREE_QUARTERS, 12),
    ),
}  # fmt: skip
_PAGE: Mapping[Codec, Sequence[Moving]] = {
    # A page must be read: all its pixels, and time to send them.
    "vp8": _steps(
        (300, _FULL, 25), (180, _FULL, 15), (110, _FULL, 8), (60, _FULL, 4),
    ),
    "h264": _steps(
        (260, _FULL, 25), (160, _FULL, 15), (100, _FULL, 8), (60, _FULL, 4),
    ),
    "av1": _steps(
        (120, _FULL, 25), (75, _FULL, 15), (45, _FULL, 8), (32, _FULL, 4),
    ),
}  # fmt: skip
STEPS: Mapping[Content, Mapping[Codec, Sequence[Moving]]] = {"face": _FACE, "page": _PAGE}

STILL_OCTETS: Mapping[Codec, int] = {"vp8": 6_000, "h264": 7_000, "av1": 3_500}
"""Of a whole picture at 640x360 that is good enough to look at."""
_STILL_LEAST_S, _STILL_MOST_S = 2.0, 8.0

_DOWN_AFTER_S = 0.6
_FAR_BELOW = 0.6
"""So far below its step's rate a picture is given up at once."""
_UP_BY = 1.15
_UP_AFTER_S = 2.5
_UP_MOST_S = 40.0
_REGRET_S = 10.0
"""Down again so soon after a step up: the next one waits twice as long."""


class Ladder:
    """Holds a step while it can, gives it up in time, and comes back with care."""

    def __init__(self, codec: Codec, content: Content = "face") -> None:
        self._codec: Codec = codec
        self._content: Content = content
        self._step: int | None = None
        self._below_since: float | None = None
        self._above_since: float | None = None
        self._rose_at = float("-inf")
        self._up_after_s = _UP_AFTER_S

    def use(self, codec: Codec, content: Content) -> None:
        """The codec was changed, or what is seen: the step is found anew."""
        if (codec, content) != (self._codec, self._content):
            self._codec, self._content = codec, content
            self._step = self._below_since = self._above_since = None

    def choose(self, now: float, encoder_bit_s: float) -> Choice:
        """What to send at this rate of the encoder, held with hysteresis."""
        steps = STEPS[self._content][self._codec]
        if self._step is None:
            self._step = _fitting(steps, encoder_bit_s)
        elif self._step > 0 and encoder_bit_s >= _UP_BY * steps[self._step - 1].least_bit_s:
            self._rise(now)
        else:
            self._above_since = None
            self._fall(now, steps, encoder_bit_s)
        if self._step < len(steps):
            return steps[self._step]
        return _still(self._codec, encoder_bit_s)

    def _rise(self, now: float) -> None:
        self._below_since = None
        self._above_since = now if self._above_since is None else self._above_since
        if self._step is not None and now - self._above_since >= self._up_after_s:
            if now - self._rose_at > 2 * _REGRET_S:
                self._up_after_s = _UP_AFTER_S
            self._step -= 1
            self._above_since = None
            self._rose_at = now

    def _fall(self, now: float, steps: Sequence[Moving], encoder_bit_s: float) -> None:
        step = self._step
        if step is None or step == len(steps) or encoder_bit_s >= steps[step].least_bit_s:
            self._below_since = None
            return
        self._below_since = now if self._below_since is None else self._below_since
        far = encoder_bit_s < _FAR_BELOW * steps[step].least_bit_s
        if far or now - self._below_since >= _DOWN_AFTER_S:
            if now - self._rose_at < _REGRET_S:
                self._up_after_s = min(_UP_MOST_S, 2 * self._up_after_s)
            self._step = max(step + 1, _fitting(steps, encoder_bit_s))
            self._below_since = None


def _fitting(steps: Sequence[Moving], encoder_bit_s: float) -> int:
    """The highest step that this rate is worth; one beyond the last: none."""
    for index, step in enumerate(steps):
        if encoder_bit_s >= step.least_bit_s:
            return index
    return len(steps)


def _still(codec: Codec, encoder_bit_s: float) -> Choice:
    if encoder_bit_s * _STILL_MOST_S < STILL_OCTETS[codec] * 8:
        return SoundAlone()
    every_s = STILL_OCTETS[codec] * 8 / encoder_bit_s
    return Still(*_FULL, max(_STILL_LEAST_S, round(every_s, 1)))
