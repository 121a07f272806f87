"""The rate for a far end without transport-wide feedback: REMB and receiver reports. Pure.

Sources: draft-alvestrand-rmcat-remb-03; draft-ietf-rmcat-gcc-02 §6; RFC 3550 §6.4.1. The round
trip of the reports stands in for the queue: what it exceeds the least of half a minute by is
waiting time; a way that grew longer for good is soon known again.
"""

from __future__ import annotations

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.traffic import LeastTrip

_HIGH, _LOW = 0.10, 0.02
_RISE_PER_S = 1.08
_QUEUE_HIGH_S = 0.15
_BETA = 0.85
_STEP_S = 1.0
"""Between two decreases for one cause: reports come about once a second."""
_LIMITED = 0.7
"""REMB follows what arrives: from a sender that sends less than it may, it says nothing."""


class ReportedBound:
    """A rate from the far end's reports."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.bit_s = budget.start_bit_s
        self.loss_ratio = 0.0
        self._remb: float | None = None
        self._least_trip = LeastTrip(0.0)
        self._decreased_at = float("-inf")
        self._last_at: float | None = None

    def budget(self, budget: Budget) -> None:
        """The line's share was changed."""
        self._budget = budget
        self._set(self.bit_s)

    def follow(self, bit_s: float) -> None:
        """The rate in force is decided elsewhere: transport-wide feedback comes."""
        self._set(bit_s)

    def remb(self, bit_s: float, sending_bit_s: float, now: float) -> None:
        """The far end estimates that so much can arrive; so much was really sent of late."""
        if bit_s < self.bit_s and (bit_s < sending_bit_s or sending_bit_s > _LIMITED * self.bit_s):
            self._set(bit_s)
        self._remb = bit_s
        self._rise(sending_bit_s, now)

    def report(
        self, lost: float, round_trip_s: float | None, sending_bit_s: float, now: float
    ) -> None:
        """A receiver report: share lost (0 to 1) and round trip in seconds."""
        self.loss_ratio = lost
        queue_s = 0.0
        if round_trip_s is not None:
            self._least_trip.add(now, round_trip_s)
            queue_s = round_trip_s - self._least_trip.seconds
        if lost > _HIGH or queue_s > _QUEUE_HIGH_S:
            if now - self._decreased_at >= _STEP_S:
                self._decreased_at = now
                factor = min(1 - 0.5 * lost if lost > _HIGH else 1.0, _queue_factor(queue_s))
                self._set(min(self.bit_s, max(sending_bit_s, LEAST_BIT_S)) * factor)
            self._last_at = now
        elif lost < _LOW:
            self._rise(sending_bit_s, now)

    def _rise(self, sending_bit_s: float, now: float) -> None:
        elapsed = 0.0 if self._last_at is None else min(2.0, now - self._last_at)
        self._last_at = now
        if sending_bit_s < _LIMITED * self.bit_s or now - self._decreased_at < _STEP_S:
            return
        wish = self.bit_s * _RISE_PER_S**elapsed
        if self._remb is not None and self._remb < wish:
            wish = max(self.bit_s, self._remb)
        self._set(wish)

    def _set(self, bit_s: float) -> None:
        self.bit_s = min(self._budget.most_bit_s, max(LEAST_BIT_S, bit_s))


def _queue_factor(queue_s: float) -> float:
    return _BETA if queue_s > _QUEUE_HIGH_S else 1.0
