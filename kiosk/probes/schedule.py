"""When the next train of one direction leaves, and for which rate it is planned. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from visiohub.linkquality.bursts import (
    LONGER_OCTETS,
    MOST_BEYOND,
    REMEMBERED_S,
    believed,
    greatest,
    proves,
)
from visiohub.linkquality.grader import TRAIN_AGAIN_S, TRAIN_EVERY_S, TRAIN_RETRIES
from visiohub.linkquality.train import (
    CALL_INTERVAL_S,
    CALL_PACKETS,
    MOST_OCTETS,
    MOST_PACKETS,
    Train,
    call_train,
    idle_train,
    long_train,
)
from visiohub.linkquality.verdict import Doubt, Verdict, next_expectation, settled

FIRST_WITHIN_S = 120.0
IN_CALL_EVERY_S = 10 * CALL_INTERVAL_S
IN_CALL_OCTETS_S = 150_000 / 3_600
"""Mean of trains beside calls: two idle hours', so that a day of calls leaves the heartbeat its
octets."""
_NOT_NOW_S = 60.0
_PROOF_AFTER_S = 5.0
_SPREAD = 0.1
"""Hours are not kept to the second: 300 kiosks shall not all send at once."""
_FELL = 0.9
"""Of the usual: worth another look before its time (linkquality.grading.CAPACITY)."""
_DROPPED = 3
"""Packets of a train that the buffer dropped; fewer were lost elsewhere."""
_LEAST_KBIT_S, _MOST_KBIT_S = 64.0, 200_000.0


@dataclass
class TrainSchedule:
    """One direction. `now` is a monotonic clock in seconds, `uniform` gives numbers in [0, 1).

    Who knows the tokens knows a proven rate, too: the expected one (linkquality.bursts).
    """

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
        self._proven_kbit_s = None if self.burst_octets is None else self.expected_kbit_s
        self._proofs: list[tuple[float, int]] = []
        if self.burst_octets is not None:
            self._proofs.append((self.begun, self.burst_octets))
        self._unproven_kbit_s: float | None = None
        """A number that a long train has to prove."""
        self._to_prove = False

    def due(self, now: float, *, in_call: bool) -> Train | None:
        """The train to send now, if any. Beside a call a line has none that is too slow for it, or
        of which no train has shown the rate: what a contract says would be a second of sound."""
        if now < self.next_at:
            return None
        self._forget(now)
        if not in_call:
            return self._idle()
        shown = self.accepted or self.burst_octets is not None
        train = call_train(self.expected_kbit_s, self.call_packets) if shown else None
        if train is None:
            self.later(now)
        return train

    def told(self, burst_octets: int, now: float) -> None:
        """Tokens that the hub knows of; of more than this kiosk saw it is to beware."""
        if self.burst_octets is not None and burst_octets > self.burst_octets:
            self._proofs.append((now, burst_octets))
            self._forget(now)

    def short(self) -> Train:
        """For an idle line, now, and with no lead: where a visio begins soon."""
        octets = self.burst_octets
        known = octets if octets is not None and octets < LONGER_OCTETS else None
        return idle_train(self.expected_kbit_s, known)

    def _idle(self) -> Train:
        if self._to_prove:
            return long_train(self.expected_kbit_s)
        return idle_train(self.expected_kbit_s, self.burst_octets)

    def later(self, now: float) -> None:
        """Not now: a call is on, or the day's octets are spent."""
        self.next_at = now + _NOT_NOW_S

    def judged(self, train: Train, verdict: Verdict, now: float) -> Verdict:
        """What became of it decides when the next one leaves, and how; returns what may be
        believed of it."""
        self._forget(now)
        packets = len(train.offsets_s)
        told = believed(verdict, packets, self._proven_kbit_s)
        if train.in_call:
            if packets - verdict.arrived >= _DROPPED:
                self.call_packets = max(CALL_PACKETS, packets // 2)
            self.next_at = now + max(IN_CALL_EVERY_S, train.cost_octets / IN_CALL_OCTETS_S)
            return told
        expected = next_expectation(self.expected_kbit_s, verdict)
        self.expected_kbit_s = min(_MOST_KBIT_S, max(_LEAST_KBIT_S, expected))
        usual = settled(self.accepted)
        again = False
        if verdict.kbit_s is not None and told.kbit_s is None:
            # A long train follows the number that it is to prove.
            self._unproven_kbit_s, self._to_prove = verdict.kbit_s, True
            self.next_at = now + _PROOF_AFTER_S
            return told
        if told.kbit_s is None:
            self.doubts += 1
            again = self.doubts <= TRAIN_RETRIES
            # Tokens that end in the midst of a short train leave no number, either.
            ended = told.doubt is Doubt.UNSTEADY and not again and self._proven_kbit_s is None
            self._to_prove = not train.lead and (told.doubt is Doubt.BURST or ended)
        else:
            self.doubts = 0
            again = usual is not None and told.kbit_s < _FELL * usual
            self.accepted = [*self.accepted[-2:], told.kbit_s]
            if proves(packets, told.burst_octets):
                told = self._proved(told, told.kbit_s, now)
        every = TRAIN_AGAIN_S if again else TRAIN_EVERY_S
        if not self._to_prove:  # what costs more comes as much more seldom
            every *= max(1.0, self._idle().cost_octets / MOST_OCTETS)
        self.next_at = now + every * (1 + _SPREAD * (2 * self.uniform() - 1))
        return told

    def _proved(self, verdict: Verdict, kbit_s: float, now: float) -> Verdict:
        """A short train that told a faster rate was deceived by tokens: none is sent for a week."""
        before, self._unproven_kbit_s, self._to_prove = self._unproven_kbit_s, None, False
        if before is not None and before > MOST_BEYOND * kbit_s:
            verdict = replace(verdict, burst_octets=max(LONGER_OCTETS, verdict.burst_octets))
        self._proven_kbit_s = kbit_s
        self._proofs.append((now, verdict.burst_octets))
        self._forget(now)
        return verdict

    def _forget(self, now: float) -> None:
        """Proofs that are too old."""
        self._proofs = [(at, octets) for at, octets in self._proofs if now - at < REMEMBERED_S]
        self.burst_octets = greatest([octets for _, octets in self._proofs])
        if self.burst_octets is None:
            self._proven_kbit_s = None
