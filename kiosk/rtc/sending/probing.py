"""Short bursts above the rate in force, to learn whether the line carries more. Pure.

A burst on a thin line is a queue, so it is short (a tenth of a second of the line at most), rises
by a bounded factor, and never asks for more than the cap: what the line is known to carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.rtc.sending.ledger import Sent

_LENGTH_S = 0.03
_LEAST_PACKETS = 5
_MOST_QUEUE_S = 0.1
_ANSWER_WITHIN_S = 2.0
_SATURATED = 0.9
_OF_SATURATED = 0.9
_MOST_OVER_SENT = 1.1
"""Arrivals may bunch: more than was sent never counts."""
_FURTHER = 2.0
_WORTH = 1.15
"""A probe that could not raise the rate by so much is not worth its queue."""


@dataclass(frozen=True)
class Probe:
    """A burst to be sent by the pacer, of media or else of padding."""

    number: int
    bit_s: float
    octets: int
    """At least so much, of the line."""
    packets: int
    """At least so many."""


@dataclass
class _Answers:
    """What became of one burst."""

    probe: Probe
    asked_at: float
    arrived: list[Sent] = field(default_factory=list)


class Prober:
    """Decides on bursts and reads their outcome."""

    def __init__(self, cap_bit_s: float) -> None:
        self._cap = cap_bit_s
        self._number = 0
        self._planned: list[float] = []
        self._running: _Answers | None = None
        self._best = 0.0

    def limit(self, cap_bit_s: float) -> None:
        """Never probe above this."""
        self._cap = cap_bit_s

    def plan(self, bit_s: float, *rates: float) -> None:
        """Try these rates, one after the other, as far as they promise more than `bit_s`."""
        self._planned = []
        for rate in rates:
            wish = min(rate, self._cap)
            if wish > bit_s * _WORTH and wish not in self._planned:
                self._planned.append(wish)

    def cancel(self) -> None:
        """The line is full: no burst now, and an answer under way is no longer waited for."""
        self._planned = []
        self._running = None

    @property
    def awaits(self) -> bool:
        """A burst was taken, and its answer is still of use."""
        return self._running is not None

    @property
    def busy(self) -> bool:
        """A burst is planned or its answer awaited."""
        return bool(self._planned) or self._running is not None

    def take(self, now: float, packet_octets: int) -> Probe | None:
        """The burst to send now, packets being of so many octets; None: nothing to do."""
        if self._running is not None and now - self._running.asked_at > _ANSWER_WITHIN_S:
            self._running = None
        if self._running is not None or not self._planned:
            return None
        rate = self._planned.pop(0)
        octets = int(rate / 8 * _LENGTH_S)
        # Five packets at least, were they small: fewer say nothing about a rate.
        small = int(rate / 8 * _MOST_QUEUE_S / _LEAST_PACKETS)
        octets = max(octets, _LEAST_PACKETS * min(packet_octets, max(small, 1)))
        self._number += 1
        probe = Probe(self._number, rate, octets, _LEAST_PACKETS)
        self._running = _Answers(probe, now)
        return probe

    def feedback(self, arrived: Sequence[Sent], lost: Sequence[Sent]) -> float | None:
        """The rate that a burst has proven, in bit/s, when one is complete."""
        running = self._running
        if running is None:
            return None
        number = running.probe.number
        running.arrived += [packet for packet in arrived if packet.probe == number]
        gone = sum(1 for packet in lost if packet.probe == number)
        if gone > 1:
            self._running = None  # a burst that overflows a buffer has its answer, too
            self._planned = []
            return None
        octets = sum(packet.octets for packet in running.arrived)
        if len(running.arrived) + gone < running.probe.packets or octets < (
            running.probe.octets * (1 - gone / running.probe.packets) * 0.8
        ):
            return None
        self._running = None
        proven, saturated = _proven(running.arrived)
        if proven is None:
            return None
        if saturated:
            self._planned = []
        elif not self._planned:
            self.plan(proven, proven * _FURTHER)
        return proven


def _proven(packets: Sequence[Sent]) -> tuple[float | None, bool]:
    """The rate that arrived, and whether it was all that the line could carry."""
    times = [packet.arrived_at for packet in packets if packet.arrived_at is not None]
    octets = [packet.octets for packet in packets]
    sending_s = packets[-1].at - packets[0].at
    arriving_s = max(times) - min(times)
    if sending_s <= 0 or arriving_s <= 0:
        return None, False
    sent = 8 * sum(octets[:-1]) / sending_s
    received = min(8 * sum(octets[1:]) / arriving_s, sent * _MOST_OVER_SENT)
    if received < _SATURATED * sent:
        return _OF_SATURATED * received, True
    return min(sent, received), False
