"""The receiver's half of transport-wide feedback: arrivals in, RTCP out. Pure.

Late packets are reported again with their neighbours, as browsers do, so that a reordered packet
does not stay lost in the sender's eyes.
"""

from __future__ import annotations

from kiosk.rtc.order import Unwrapper
from kiosk.rtc.sending import twcc

_SHARE = 0.05
"""Of the way back, for feedback (the draft's §3 leaves the interval open; RTCP's usual share)."""
_FEEDBACK_BITS = 8 * 100
"""A feedback about a few dozen packets with its headers, on the line."""
_SHORTEST_S, _LONGEST_S = 0.05, 0.25
_KEPT_S = 0.5
_FAR = 2000
"""A jump by more packets than this is a new numbering, not a loss."""
_MOST_IN_ONE = 400
_MOST_APART_TICKS = 0x7FFF


class FeedbackRecorder:
    """Notes arrivals and makes feedback at an interval that suits the way back."""

    def __init__(self, sender_ssrc: int, back_bit_s: float = 200_000) -> None:
        self._ssrc = sender_ssrc
        self._media_ssrc = 0
        self._unwrapper = Unwrapper()
        self._arrivals: dict[int, float] = {}
        self._unreported: set[int] = set()
        self._next: int | None = None
        self._number = 0
        self._due: float | None = None
        self.interval_s = _SHORTEST_S
        self.back(back_bit_s)

    def back(self, bit_s: float) -> None:
        """What the way back carries: the thinner, the rarer the feedback."""
        wish = _FEEDBACK_BITS / max(1.0, _SHARE * bit_s)
        self.interval_s = min(_LONGEST_S, max(_SHORTEST_S, wish))

    def received(self, sequence_number: int, media_ssrc: int, arrived_at: float) -> None:
        """A packet with this transport-wide number came at `arrived_at`, seconds."""
        number = self._unwrapper.unwrap(sequence_number)
        if self._next is not None and abs(number - self._next) > _FAR:
            self._arrivals.clear()
            self._unreported.clear()
            self._next = number
        self._next = number if self._next is None else self._next
        if number in self._arrivals:
            return
        self._media_ssrc = media_ssrc
        self._arrivals[number] = arrived_at
        self._unreported.add(number)
        if self._due is None:
            self._due = arrived_at + self.interval_s

    def deadline(self) -> float | None:
        """When to ask `take` next; None: nothing to report."""
        return self._due

    def take(self, now: float) -> list[bytes]:
        """The RTCP packets due by `now`."""
        if self._due is None or now < self._due or self._next is None:
            return []
        self._due = None
        packets = []
        start = min(self._next, *self._unreported)
        end = max(self._unreported) + 1
        while start < end:
            stop = self._reach(start, min(end, start + _MOST_IN_ONE))
            packets.append(self._feedback(start, stop))
            start = stop
        self._next = max(self._next, end)
        self._unreported.clear()
        self._arrivals = {n: at for n, at in self._arrivals.items() if at > now - _KEPT_S}
        return packets

    def _reach(self, start: int, end: int) -> int:
        """Where a feedback that begins here must stop: deltas reach 8 s."""
        last: int | None = None
        for number in range(start, end):
            if number in self._arrivals:
                ticks = _ticks(self._arrivals[number])
                if last is not None and abs(ticks - last) > _MOST_APART_TICKS:
                    return number
                last = ticks
        return end

    def _feedback(self, start: int, stop: int) -> bytes:
        arrivals = tuple(
            _ticks(self._arrivals[number]) if number in self._arrivals else None
            for number in range(start, stop)
        )
        self._number = self._number + 1 & 0xFF
        return twcc.build(
            twcc.Feedback(self._ssrc, self._media_ssrc, start & 0xFFFF, self._number, arrivals)
        )


def _ticks(at: float) -> int:
    return round(at / twcc.TICK_S)
