"""Which picture the rate is worth: size, frame rate, a still now and then, or sound alone. Pure.

The steps' rates follow SSIM by rate of a talking head (`python -m bench codecs`, its figures in
docs/decisions/0014): AV1 has at 60 kbit/s what VP8 has at 100, at 100 what VP8 has at 250. H.264's
steps are taken between the two. Below a codec's knee half the area at more bits a pixel looks
better than all of it smeared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kiosk.rtc.sending.cost import MOST_SHARE

Codec = Literal["vp8", "h264", "av1"]
Content = Literal["face", "page"]


@dataclass(frozen=True)
class Moving:
    """A moving picture, worth it from `least_bit_s` of the encoder on."""

    least_bit_s: float
    width: int
    height: int
    frames_per_s: int

    @property
    def work(self) -> int:
        """Pixels a second, for which the processor pays."""
        return self.width * self.height * self.frames_per_s


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
        # 13 of a camera's 25 are nearly every second one: more even than 15, and sharper.
        (110, _FULL, 25), (80, _FULL, 20), (55, _FULL, 13),
        (42, _THREE_QUARTERS, 13), (32, _THREE_QUARTERS, 12),
    ),
}  # fmt: skip
_PAGE: Mapping[Codec, Sequence[Moving]] = {
    # A page must be read: all its pixels, and time to send them.
    "vp8": _steps(
        (1100, _HIGH, 25), (650, _HIGH, 12), (400, _VGA, 25), (240, _VGA, 15),
        (150, _VGA, 8), (110, _FULL, 8), (60, _FULL, 4),
    ),
    "h264": _steps(
        (1000, _HIGH, 25), (600, _HIGH, 12), (380, _VGA, 25), (220, _VGA, 15),
        (140, _VGA, 8), (100, _FULL, 8), (60, _FULL, 4),
    ),
    "av1": _steps(
        (120, _FULL, 25), (75, _FULL, 15), (45, _FULL, 8), (32, _FULL, 4),
    ),
}  # fmt: skip
STEPS: Mapping[Content, Mapping[Codec, Sequence[Moving]]] = {"face": _FACE, "page": _PAGE}

STILL_OCTETS: Mapping[Codec, int] = {"vp8": 6_000, "h264": 7_000, "av1": 3_500}
"""Of a whole picture at 640x360 that is good enough to look at."""
_STILL_LEAST_S, _STILL_MOST_S = 2.0, 8.0
_STILL_LEAST_BIT_S = 6_500
"""Of the encoder. The least rate ever in force leaves 5 kbit/s of it beside speech, and there the
line may carry less: reports about the far end's packets take 3."""

_DOWN_AFTER_S = 0.6
_FAR_BELOW = 0.6
"""So far below its step's rate a picture is given up at once."""
_UP_BY = 1.15
_UP_AFTER_S = 2.5
_UP_MOST_S = 40.0
_REGRET_S = 10.0
"""Down again so soon after a step up: the next one waits twice as long."""
_EASY = 0.8
"""Of what encoding may take, the most that a step up may be expected to take."""


class _Rise:
    """When a step up is due: the rate has allowed it for a while, longer after each regret."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._rose_at = float("-inf")
        self._after_s = _UP_AFTER_S

    def due(self, now: float) -> bool:
        """The rate allows a step up now; counts as taken when it is due."""
        self._since = now if self._since is None else self._since
        if now - self._since < self._after_s:
            return False
        if now - self._rose_at > 2 * _REGRET_S:
            self._after_s = _UP_AFTER_S
        self._since, self._rose_at = None, now
        return True

    def withhold(self) -> None:
        """The rate does not allow it."""
        self._since = None

    def fell(self, now: float) -> None:
        """A step down was taken."""
        self._since = None
        if now - self._rose_at < _REGRET_S:
            self._after_s = min(_UP_MOST_S, 2 * self._after_s)


class Ladder:
    """Holds a step while it can, gives it up in time, and comes back with care."""

    def __init__(self, codec: Codec, content: Content = "face") -> None:
        self._codec: Codec = codec
        self._content: Content = content
        self._step: int | None = None
        self._below_since: float | None = None
        self._alone = False
        self._to_moving, self._to_still = _Rise(), _Rise()
        self._most_work = math.inf
        """What the processor can do of it, in Moving.work."""
        self._to_more_work = _Rise()
        self.processor_bound = False
        """The rate would allow a larger picture, or a smoother one, than the processor does."""

    def use(self, codec: Codec, content: Content) -> None:
        """The codec was changed, or what is seen: the step is found anew."""
        if codec != self._codec:
            self._most_work = math.inf
        if (codec, content) != (self._codec, self._content):
            self._codec, self._content = codec, content
            self._step = self._below_since = None
            self._to_moving.withhold()

    def choose(self, now: float, encoder_bit_s: float) -> Choice:
        """What to send at this rate of the encoder, held with hysteresis."""
        steps = STEPS[self._content][self._codec]
        top = self._top(steps)
        self.processor_bound = _fitting(steps, encoder_bit_s) < top
        if self._step is None or self._step < top:
            self._step = max(top, _fitting(steps, encoder_bit_s))
        elif self._step > top and encoder_bit_s >= _UP_BY * steps[self._step - 1].least_bit_s:
            self._below_since = None
            if self._to_moving.due(now):
                self._step -= 1
        else:
            self._to_moving.withhold()
            self._step = self._fallen(now, steps, self._step, encoder_bit_s)
        if self._step < len(steps):
            self._alone = False
            return steps[self._step]
        return self._unmoving(now, encoder_bit_s)

    def bear(self, now: float, cost: float) -> None:
        """Encoding a picture of the step in force takes so much of the time until the next."""
        steps = STEPS[self._content][self._codec]
        if self._step is None or self._step >= len(steps):
            return
        work = steps[self._step].work
        if cost > MOST_SHARE:
            self._most_work = work - 1
            self._to_more_work.fell(now)
            return
        more = min((step.work for step in steps if step.work > self._most_work), default=None)
        if more is None or self._step > self._top(steps):
            return
        if cost * more / work > _EASY * MOST_SHARE:
            self._to_more_work.withhold()
        elif self._to_more_work.due(now):
            self._most_work = more

    def _top(self, steps: Sequence[Moving]) -> int:
        """The highest step that the processor can do; the lowest one in any case."""
        able = (index for index, step in enumerate(steps) if step.work <= self._most_work)
        return next(able, len(steps) - 1)

    def _fallen(self, now: float, steps: Sequence[Moving], step: int, encoder_bit_s: float) -> int:
        """The step, or a lower one when the rate has been too low for it."""
        if step == len(steps) or encoder_bit_s >= steps[step].least_bit_s:
            self._below_since = None
            return step
        self._below_since = now if self._below_since is None else self._below_since
        far = encoder_bit_s < _FAR_BELOW * steps[step].least_bit_s
        if not far and now - self._below_since < _DOWN_AFTER_S:
            return step
        self._below_since = None
        self._to_moving.fell(now)
        return max(step + 1, _fitting(steps, encoder_bit_s))

    def _unmoving(self, now: float, encoder_bit_s: float) -> Choice:
        """A still, unless speech needs what it would take."""
        octets = STILL_OCTETS[self._codec]
        least_bit_s = max(_STILL_LEAST_BIT_S, octets * 8 / _STILL_MOST_S)
        if not self._alone and encoder_bit_s < least_bit_s:
            self._alone = True
            self._to_still.fell(now)
        elif self._alone and encoder_bit_s >= _UP_BY * least_bit_s:
            self._alone = not self._to_still.due(now)
        else:
            self._to_still.withhold()
        if self._alone:
            return SoundAlone()
        every_s = octets * 8 / encoder_bit_s
        return Still(*_FULL, max(_STILL_LEAST_S, round(every_s, 1)))


def _fitting(steps: Sequence[Moving], encoder_bit_s: float) -> int:
    """The highest step that this rate is worth; one beyond the last: none."""
    for index, step in enumerate(steps):
        if encoder_bit_s >= step.least_bit_s:
            return index
    return len(steps)
