"""When the next train of one direction leaves, and for which rate it is planned. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from visiohub.linkquality.bursts import REMEMBERED_S, greatest
from visiohub.linkquality.grader import TRAIN_AGAIN_S, TRAIN_EVERY_S, TRAIN_RETRIES
from visiohub.linkquality.train import (
    CALL_INTERVAL_S,
    CALL_PACKETS,
    MOST_PACKETS,
    Train,
    call_train,
    idle_train,
)
from visiohub.linkquality.verdict import Verdict, next_expectation, settled

FIRST_WITHIN_S = 120.0
IN_CALL_EVERY_S = 10 * CALL_INTERVAL_S
IN_CALL_OCTETS_S = 150_000 / 3_600
"""Mean of trains beside calls: two idle hours', so that a day of calls leaves the heartbeat its
octets."""
_NOT_NOW_S = 60.0
_SPREAD = 0.1
"""Hours are not kept to the second: 300 kiosks shall not all send at once."""
_FELL = 0.9
"""Of the usual: worth another look before its time (linkquality.grading.CAPACITY)."""
_DROPPED = 3
"""Packets of a train that the buffer dropped; fewer were lost elsewhere."""
_LEAST_KBIT_S, _MOST_KBIT_S = 64.0, 200_000.0


@dataclass
class TrainSchedule:
    """One direction. `now` is a monotonic clock in seconds, `uniform` gives numbers in [0, 1)."""

    expected_kbit_s: float
    burst_octets: int | None
    uniform: Callable[[], float]
    begun: float
    doubts: int = 0
    """Inconclusive ones in a row."""
    call_packets: int = MOST_PACKETS
    """That the buffer takes beside a call: what it drops may be the call's, too."""
    accepted: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.next_at = self.begun + self.uniform() * FIRST_WITHIN_S
        self._told_octets = self.burst_octets
        self._bursts: list[tuple[float, int]] = []

    def due(self, now: float, *, in_call: bool) -> Train | None:
        """The train to send now, if any; a line too slow for one beside a call has none."""
        if now < self.next_at:
            return None
        train = (
            call_train(self.expected_kbit_s, self.call_packets)
            if in_call
            else idle_train(self.expected_kbit_s, self.burst_octets)
        )
        if train is None:
            self.later(now)
        return train

    def later(self, now: float) -> None:
        """Not now: a call is on, or the day's octets are spent."""
        self.next_at = now + _NOT_NOW_S

    def judged(self, train: Train, verdict: Verdict, now: float) -> None:
        """What became of it decides when the next one leaves, and how."""
        if train.in_call:
            packets = len(train.offsets_s)
            if packets - verdict.arrived >= _DROPPED:
                self.call_packets = max(CALL_PACKETS, packets // 2)
            self.next_at = now + max(IN_CALL_EVERY_S, train.cost_octets / IN_CALL_OCTETS_S)
            return
        expected = next_expectation(self.expected_kbit_s, verdict)
        self.expected_kbit_s = min(_MOST_KBIT_S, max(_LEAST_KBIT_S, expected))
        usual = settled(self.accepted)
        again = False
        if verdict.kbit_s is None:
            self.doubts += 1
            again = self.doubts <= TRAIN_RETRIES
        else:
            self.doubts = 0
            self._saw(verdict.burst_octets, now)
            again = usual is not None and verdict.kbit_s < _FELL * usual
            self.accepted = [*self.accepted[-2:], verdict.kbit_s]
        every = TRAIN_AGAIN_S if again else TRAIN_EVERY_S
        self.next_at = now + every * (1 + _SPREAD * (2 * self.uniform() - 1))

    def _saw(self, burst_octets: int, now: float) -> None:
        """The greatest of a week counts, with what the hub knew at the begin."""
        kept = [(at, octets) for at, octets in self._bursts if now - at < REMEMBERED_S]
        self._bursts = [*kept, (now, burst_octets)]
        told = self._told_octets if now - self.begun < REMEMBERED_S else None
        seen = greatest([octets for _, octets in self._bursts])
        self.burst_octets = max((one for one in (told, seen) if one is not None), default=None)
