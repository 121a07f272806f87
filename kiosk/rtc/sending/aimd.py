"""How fast to send: additive increase, multiplicative decrease, and what GCC lacks. Pure.

Source: draft-ietf-rmcat-gcc-02 §5.5 (states, acknowledged rate, increase near and far from the
known capacity). Three things differ, because a thin line's modem holds seconds:

- A standing queue says how much there is to drain, so a decrease goes below what arrives by just
  what empties the queue in a set time, and the rate returns to the measured capacity after it.
- A queue that does not fall although less is sent is not ours (a TCP upload fills the buffer):
  giving way further would starve the call and shorten nothing, so a share is held, and now and
  then it is tried out whether the queue is others' still.
- Where the line's capacity is known, the rate starts from it and never exceeds the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.delay import Usage

State = Literal["increase", "drain", "compete", "trial"]

QUEUE_HIGH_S = 0.05
"""A standing queue of this is too much, whatever the slope says."""
QUEUE_SLOPE_S = 0.012
"""With a queue below this, a rising slope is jitter."""
QUEUE_LOW_S = 0.02
_DRAIN_S = 0.6
"""In which a queue is to be gone."""
_BETA = 0.85
_RESUME = 0.95
"""Of the measured capacity, once its queue is gone."""
_DRAIN_LEAST = 0.25
_FAR_PER_S, _NEAR_PER_S = 1.25, 1.03
_NEAR = 0.9
"""From this share of the last measured capacity on, the increase is careful."""
_BEYOND = 1.05
_FORGET_S = 30.0
"""After this without a full line, the measured capacity is history."""
_USED = 0.7
"""Increase only while so much of the rate is really sent (§5.5: application-limited)."""
_UNDER_WAY_S = 0.2
_PATIENCE_S = 0.5
_FALLING = 0.85
_SHARE = 0.5
_ALONE_HALVES_S = 60.0
"""Beside an upload of minutes the standing queue becomes the way's length (queueing.py); what was
held then must not be taken for the whole line, of which half is held, and so on."""
_SHARE_PER_S = 2.0
_TRIAL_AFTER_S, _TRIAL_LEAST = 10.0, 0.7
"""So often it is tried out whether the queue is others' still, by sending this part of what
arrives: our share of what the line once carried may be more than all that it carries now."""
_OURS = 0.5
"""What falls by so much of the round trip at the trial's beginning was ours: of a queue that a TCP
upload holds, its window keeps more."""
_SOON_S, _TAKEN = 8.0, 0.8
"""A line thins once; when within so short a time a drain ends again with less than this part of
what the one before found, others take what we give up: BBR sends at what arrives, and keeps the
queue short that would show it."""
_COMES_S = 1.0
"""In which their queue is to be seen again."""
_STEADY_S, _STEADY_BY_S, _STEADY_MOST_S = 2.0, 0.006, 0.15
"""A queue that others fill goes up and down (TCP's sawtooth). What stays within this for so long,
though our own rate changes, is no queue: the way has grown longer. Not by more than the last, which
another route or DSL's interleaving adds at most; what stands longer is a modem's full buffer."""
_KEEPS_UP = 0.85
_CALM_S = 0.4
_AFTER_OUTAGE = 0.8


@dataclass(frozen=True)
class Signals:
    """What one feedback says about the line."""

    usage: Usage
    queue_s: float | None
    """Standing queue; None: unknown."""
    slack_s: float
    """What of it may be jitter."""
    quick_bit_s: float | None
    """Arriving, over some tenths of a second; None: unknown."""
    slow_bit_s: float | None
    """Arriving, over a second."""
    sent_bit_s: float
    """Sent, over the second before the newest answered packet."""
    round_trip_s: float

    @property
    def arriving_bit_s(self) -> float | None:
        """What arrives now; where the way's jitter bunches packets, only a second tells."""
        return self.slow_bit_s if self.slack_s else self.quick_bit_s


class RateController:
    """The rate in force, from signals; see the module for what it does and why."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.bit_s = budget.start_bit_s
        self.state: State = "increase"
        self.capacity: float | None = None
        """Arrived while a queue stood: what the bottleneck carried, in bit/s."""
        self._capacity_at = float("-inf")
        self._last_at: float | None = None
        self.uncontested = self.bit_s
        """The rate in force before a queue last stood, in bit/s."""
        self.alone = self.bit_s
        """What was carried when nobody else used the line; forgotten by and by."""
        self._drain_floor = 0.0
        self._drain_wish = 0.0
        self._drain_since = 0.0
        self._begun_queue_s, self._begun_trip_s = 0.0, 0.0
        self._lowest_queue_s = 0.0
        self._lowered_at = 0.0
        self._competing_since = 0.0
        self._drained_bit_s, self._drained_at = 0.0, float("-inf")
        self._fell_at = float("-inf")
        self._calm_since: float | None = None
        self._steady_queue_s, self._steady_since = 0.0, 0.0
        self.way_is_longer = False
        """What was taken for a queue is none; whoever knows the way's length sets it back."""

    def budget(self, budget: Budget) -> None:
        """The line's share was changed in mid-call."""
        self._budget = budget
        self._set(self.bit_s)

    @property
    def leaves_to_speech(self) -> bool:
        """A queue is to go for which even the least rate is too much: only speech may leave."""
        return self.state == "drain" and self._drain_wish < LEAST_BIT_S

    def update(self, now: float, signals: Signals) -> float:
        """One feedback; the rate from now on, in bit/s."""
        elapsed = 0.0 if self._last_at is None else min(0.5, now - self._last_at)
        self._last_at = now
        match self.state:
            case "increase":
                self._increase(now, elapsed, signals)
            case "drain" | "trial":
                self._drain(now, signals)
            case "compete":
                self._compete(now, elapsed, signals)
        return self.bit_s

    def proven(self, bit_s: float) -> None:
        """A probe has arrived at this rate."""
        if self.state == "increase" and bit_s > self.bit_s:
            self._set(bit_s)

    def bound(self, bit_s: float) -> None:
        """Loss, or the far end's REMB, allows no more than this."""
        if bit_s < self.bit_s:
            self._set(bit_s)

    def follow(self, bit_s: float) -> None:
        """The rate is decided elsewhere: no transport-wide feedback comes."""
        self.state = "increase"
        self._set(bit_s)

    def after_outage(self) -> None:
        """The line was dead and is back: near the old rate, with an empty buffer."""
        self.state = "increase"
        self._set(max(self.bit_s, self.uncontested * _AFTER_OUTAGE))

    def _set(self, bit_s: float) -> None:
        self.bit_s = max(min(LEAST_BIT_S, self._budget.most_bit_s), bit_s)
        self.bit_s = min(self.bit_s, self._budget.most_bit_s)

    # --- increase ----------------------------------------------------------------------------

    def _increase(self, now: float, elapsed: float, signals: Signals) -> None:
        queue_s = max(0.0, (signals.queue_s or 0.0) - signals.slack_s)
        if queue_s > QUEUE_HIGH_S or (signals.usage == "over" and queue_s > QUEUE_SLOPE_S):
            self._begin_drain(now, queue_s, signals)
            return
        self.uncontested = self.bit_s
        self.alone = max(self.bit_s, self.alone * 0.5 ** (elapsed / _ALONE_HALVES_S))
        if signals.slow_bit_s is None or signals.slow_bit_s < _USED * self.bit_s:
            return
        if queue_s > QUEUE_LOW_S or signals.usage != "normal":
            return
        if now - self._capacity_at > _FORGET_S or signals.slow_bit_s > _BEYOND * (
            self.capacity or signals.slow_bit_s
        ):
            self.capacity = None  # measured long ago, or more arrives than it said
        near = self.capacity is not None and self.bit_s > _NEAR * self.capacity
        self._set(self.bit_s * (_NEAR_PER_S if near else _FAR_PER_S) ** elapsed)

    # --- drain -------------------------------------------------------------------------------

    def _begin_drain(
        self, now: float, queue_s: float, signals: Signals, *, trial: bool = False
    ) -> None:
        self.state = "trial" if trial else "drain"
        self.capacity = min(self.bit_s, signals.arriving_bit_s or self.bit_s)
        self._capacity_at = now
        self._drain_floor = (_TRIAL_LEAST if trial else _DRAIN_LEAST) * self.capacity
        self._drain_since = now
        self._begun_queue_s, self._begun_trip_s = queue_s, signals.round_trip_s
        self._lowest_queue_s = queue_s
        self._lowered_at = now
        self._aim_to_drain(queue_s)

    def _drain(self, now: float, signals: Signals) -> None:
        if signals.queue_s is None:
            return
        queue_s = max(0.0, signals.queue_s - signals.slack_s)
        capacity = self.capacity or self.bit_s
        if queue_s < QUEUE_LOW_S:
            if self.state == "drain" and self._others_take(now, capacity):
                self._begin_compete(now, signals.queue_s)
                self._calm_since = now + _COMES_S
                self._set(max(self.bit_s, _SHARE * self.alone))
                return
            self.state = "increase"
            self._set(max(self.bit_s, min(_RESUME * capacity, self.uncontested)))
            return
        if signals.arriving_bit_s is not None and self.state == "drain":
            # With a queue standing what arrives is what the line carries: the step's new rate.
            self.capacity = min(capacity, signals.arriving_bit_s)
            self._capacity_at = now
        if now - self._drain_since < signals.round_trip_s + _UNDER_WAY_S:
            # What was sent before the decrease still comes to stand in the queue.
            self._lowest_queue_s = max(self._lowest_queue_s, queue_s)
            self._lowered_at = now
        elif queue_s < _FALLING * self._lowest_queue_s:
            self._lowest_queue_s = queue_s
            self._lowered_at = now
        elif now - self._lowered_at > _PATIENCE_S + signals.round_trip_s:
            fell_s = self._begun_queue_s - queue_s
            if self.state == "trial" and fell_s > _OURS * self._begun_trip_s:
                self.alone = min(self.alone, capacity)
            self._begin_compete(now, signals.queue_s)
            return
        self._aim_to_drain(queue_s)

    def _aim_to_drain(self, queue_s: float) -> None:
        capacity = self.capacity or self.bit_s
        self._drain_wish = max(self._drain_floor, capacity * (_BETA - queue_s / _DRAIN_S))
        self._set(min(self.bit_s, self._drain_wish))

    def _others_take(self, now: float, capacity: float) -> bool:
        """A drain ends, and found this; whether it is the second of late that found less."""
        falls = now - self._drained_at < _SOON_S and capacity < _TAKEN * self._drained_bit_s
        self._drained_bit_s, self._drained_at = capacity, now
        if not falls:
            return False
        again = now - self._fell_at < _SOON_S
        self._fell_at = now
        return again

    # --- compete -----------------------------------------------------------------------------

    def _begin_compete(self, now: float, queue_s: float) -> None:
        self.state = "compete"
        self._competing_since = now
        self._calm_since = None
        self._steady_queue_s, self._steady_since = queue_s, now

    def _compete(self, now: float, elapsed: float, signals: Signals) -> None:
        if signals.queue_s is not None and signals.queue_s - signals.slack_s < QUEUE_LOW_S:
            self._calm_since = now if self._calm_since is None else self._calm_since
            if now - self._calm_since >= _CALM_S:
                self.state = "increase"
                self.capacity = None
                return
        else:
            self._calm_since = None
        if self._is_steady(now, signals):
            self.state, self.capacity, self.way_is_longer = "increase", None, True
            return
        if signals.queue_s is not None and now - self._competing_since > _TRIAL_AFTER_S:
            self._begin_drain(now, signals.queue_s - signals.slack_s, signals, trial=True)
            return
        arriving = signals.slow_bit_s
        if arriving is not None and arriving < _KEEPS_UP * min(signals.sent_bit_s, self.bit_s):
            self._set(min(self.bit_s, arriving))
            return
        # At once, though a way that grew longer looks the same at first: so does an upload by BBR,
        # whose queue is steady, and beside it the call would have three pictures a second.
        share = _SHARE * self.alone
        if self.bit_s < share:
            self._set(min(share, self.bit_s * _SHARE_PER_S**elapsed))

    def _is_steady(self, now: float, signals: Signals) -> bool:
        queue_s = signals.queue_s
        if queue_s is not None and abs(queue_s - self._steady_queue_s) > _STEADY_BY_S:
            self._steady_queue_s, self._steady_since = queue_s, now
        is_short = self._steady_queue_s <= _STEADY_MOST_S
        return is_short and now - self._steady_since >= _STEADY_S
