"""Which of the camera's pictures is encoded, how large, and when as a whole one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.rtc.sending.cost import EncodingCost
from kiosk.rtc.sending.keyframes import KeyframeThrottle
from kiosk.rtc.sending.ladder import Choice, Codec, Content, Ladder, Moving, SoundAlone, Still
from kiosk.rtc.sending.pacer import MOST_AGE_S
from kiosk.rtc.sending.sharing import Target

_EARLY = 0.3
"""A picture that comes by so much of the interval too early is taken: cameras jitter."""
_SMOOTH = 25
"""Cameras give so many frames a second."""
_STILL_PATIENCE = 1.5
"""A still may take this many times its own interval to leave."""


@dataclass(frozen=True)
class Order:
    """What the encoder is to make of one picture."""

    pixels: int
    """About so many; the camera's shape is kept."""
    bit_s: int
    frames_per_s: float
    whole: bool
    payload_octets: int
    """Largest RTP payload."""
    patience_s: float
    """Its packets are thrown away after waiting so long."""


class PictureCourse:
    """Decides picture by picture; holds ladder, keyframe throttle and rhythm together."""

    def __init__(self, codec: Codec, content: Content = "face") -> None:
        self._ladder = Ladder(codec, content)
        self._keyframes = KeyframeThrottle()
        self._choice: Choice | None = None
        self._due_at = float("-inf")
        self._scaled = False
        self._cost = EncodingCost()
        self._cheapest = True

    @property
    def limited_by(self) -> Literal["none", "bandwidth", "cpu"]:
        """Why size or frame rate are below the camera's (webrtc-stats, qualityLimitationReason)."""
        if self._choice is None:
            return "none"
        smooth = isinstance(self._choice, Moving) and self._choice.frames_per_s >= _SMOOTH
        if smooth and not self._scaled:
            return "none"
        return "cpu" if self._ladder.processor_bound else "bandwidth"

    def use(self, codec: Codec, content: Content, *, cheapest: bool) -> None:
        """The codec in force, whether none is cheaper for the processor, what the camera sees."""
        self._ladder.use(codec, content)
        self._cheapest = cheapest

    def request(self, now: float, round_trip_s: float | None, video_bit_s: float) -> bool:
        """The far end asks for a whole picture (PLI, FIR); whether one is made for it."""
        return self._keyframes.request(now, round_trip_s, video_bit_s)

    def needed(self) -> None:
        """What was sent lately cannot be decoded, whoever knows: the next is a whole one."""
        self._keyframes.needed()

    def decide(self, now: float, target: Target, *, room: bool) -> Order | None:
        """For a picture captured about now; None: skip it.

        `room`: what waits before it will have left soon, and the line answers.
        """
        if not room:
            return None
        if self._cheapest and (cost := self._cost.share) is not None:
            self._ladder.bear(now, cost)
        choice = self._ladder.choose(now, target.video_encoder_bit_s)
        if choice != self._choice:
            self._cost.clear()
            if isinstance(choice, Moving):  # what moves need not wait for the next still's time
                self._due_at = min(self._due_at, now + 1 / choice.frames_per_s)
        self._choice = choice
        match choice:
            case SoundAlone():
                self._keyframes.needed()
                return None
            case Still():
                if now < self._due_at:
                    return None
                return self._order(choice, target, whole=True, frames_per_s=1 / choice.every_s)
            case Moving():
                if now < self._due_at - _EARLY / choice.frames_per_s:
                    return None
                whole = self._keyframes.due(now, target.video_bit_s)
                return self._order(choice, target, whole=whole, frames_per_s=choice.frames_per_s)

    def took(self, seconds: float) -> None:
        """What `decide` ordered took so long to encode, or to be dropped by the encoder."""
        if isinstance(self._choice, Moving):
            self._cost.add(seconds * self._choice.frames_per_s)

    def coded(self, now: float, octets: int, *, whole: bool, scaled: bool) -> None:
        """What `decide` ordered has been encoded, scaled down or not, and waits to leave."""
        self._scaled = scaled
        match self._choice:
            case Moving(frames_per_s=frames_per_s):
                interval = 1 / frames_per_s
                self._due_at = max(self._due_at, now - interval) + interval
            case Still(every_s=every_s):
                self._due_at = now + every_s
        if whole:
            self._keyframes.made(now, octets)

    @staticmethod
    def _order(
        choice: Moving | Still, target: Target, *, whole: bool, frames_per_s: float
    ) -> Order:
        patience = MOST_AGE_S
        if isinstance(choice, Still):
            patience = max(MOST_AGE_S, choice.every_s * _STILL_PATIENCE)
        return Order(
            pixels=choice.width * choice.height,
            bit_s=round(target.video_encoder_bit_s),
            frames_per_s=frames_per_s,
            whole=whole,
            payload_octets=target.payload_octets,
            patience_s=patience,
        )
