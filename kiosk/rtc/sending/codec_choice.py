"""Which codec the picture is sent in: by line rate, by what the peer takes, by the processor. Pure.

AV1 at 100 kbit/s looks like VP8 at 250, and takes three to eight times the processor (`python -m
bench codecs`, docs/decisions/0014); from some 400 kbit/s on both look good at 640x360, and the
cheaper one is right. A change of codec costs a whole picture, so the limits lie apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.rtc.sending.cost import EncodingCost
from kiosk.rtc.sending.ladder import Codec

AV1_UP_TO_BIT_S = 250_000
VP8_FROM_BIT_S = 400_000
FINE_PRESET, FAST_PRESET = 8, 10
"""Of SVT-AV1: measured 3 to 4 ms and 2 ms a picture at 640x360 with AVX-512, 10 without any."""
_CHANGE_AFTER_S = 3.0


def wished(far_most_bit_s: float | None) -> tuple[str, ...]:
    """Names in SDP, in the order in which the far end is asked to use them.

    `far_most_bit_s` is what the line brings of it, sound included; None: unknown.
    """
    if far_most_bit_s is not None and far_most_bit_s <= AV1_UP_TO_BIT_S:
        return "AV1", "VP8", "H264"
    return "VP8", "H264", "AV1"


@dataclass(frozen=True)
class CodecPlan:
    """What to open: the codec, and for AV1 its preset."""

    codec: Codec
    preset: int | None = None


class CodecChoice:
    """One for a call's outgoing picture; `taken` is what the peer takes, in its order."""

    def __init__(self, taken: Sequence[Codec], *, av1_here: bool, bit_s: float) -> None:
        if not taken:
            raise ValueError("the peer takes no codec that is known here")
        self._taken = tuple(taken)
        self._av1 = av1_here and "av1" in taken
        self._preset = FINE_PRESET
        self._cost = EncodingCost()
        self._other_since: float | None = None
        self._plan = self._best(bit_s, AV1_UP_TO_BIT_S)

    @property
    def plan(self) -> CodecPlan:
        """What is in force."""
        return self._plan

    @property
    def cheapest(self) -> bool:
        """No other codec or preset would spare the processor: only a smaller picture does."""
        return self._plan.codec != "av1" or not self._av1

    def encoded(self, seconds: float, interval_s: float) -> None:
        """A picture took so long to encode, with so much time until the next."""
        self._cost.add(seconds / interval_s)

    def choose(self, now: float, bit_s: float) -> CodecPlan:
        """The plan for the picture that comes, at this rate of the encoder."""
        if not self.cheapest and self._cost.too_much:
            self._slower()
            self._adopt(self._best(bit_s, VP8_FROM_BIT_S))
            return self._plan
        limit = VP8_FROM_BIT_S if self._plan.codec == "av1" else AV1_UP_TO_BIT_S
        best = self._best(bit_s, limit)
        if best == self._plan:
            self._other_since = None
        elif self._other_since is None:
            self._other_since = now
        elif now - self._other_since >= _CHANGE_AFTER_S:
            self._adopt(best)
        return self._plan

    def without(self, codec: Codec) -> CodecPlan:
        """Its encoder failed: no more of it in this call, where the peer takes anything else."""
        others = tuple(other for other in self._taken if other != codec)
        if any(other != "av1" or self._av1 for other in others):
            self._taken = others
        self._av1 = self._av1 and codec != "av1"
        self._adopt(self._best(math.inf, AV1_UP_TO_BIT_S))
        return self._plan

    def _best(self, bit_s: float, av1_below_bit_s: float) -> CodecPlan:
        if self._av1 and bit_s <= av1_below_bit_s:
            return CodecPlan("av1", self._preset)
        others: tuple[Codec, ...] = ("vp8", "h264")
        for codec in others:
            if codec in self._taken:
                return CodecPlan(codec)
        return CodecPlan("av1", self._preset)

    def _slower(self) -> None:
        if self._preset == FINE_PRESET:
            self._preset = FAST_PRESET
        else:
            self._av1 = False  # for the rest of the call: this processor cannot

    def _adopt(self, plan: CodecPlan) -> None:
        self._plan = plan
        self._other_since = None
        self._cost.clear()
