"""The sender's half of transport-wide feedback: what left, what became of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.rtc.sending.twcc import TICK_S, TICKS_MODULUS, Feedback

_KEPT_S = 10.0
_MOST_KEPT = 0x4000
"""Below half of the 16 bit numbers, so that each feedback matches one packet."""


@dataclass(slots=True)
class Sent:
    """A packet that left."""

    number: int
    """Transport-wide, never wrapping."""
    at: float
    octets: int
    """Of the line (framing.py)."""
    probe: int | None = None
    """The probe cluster it belongs to."""
    arrived_at: float | None = None
    """Seconds of the receiver's clock, whose zero is unknown."""
    lost: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one feedback newly says, in the order of sending."""

    arrived: Sequence[Sent]
    lost: Sequence[Sent]
    found: int
    """Of `arrived`, those that were told as lost before: later packets had overtaken them."""
    round_trip_s: float | None
    """From the sending of the newest packet in it to now; holds the receiver's waiting time."""


class SentLedger:
    """Numbers packets and matches feedback to them."""

    def __init__(self) -> None:
        self._next = 0
        self._sent: dict[int, Sent] = {}
        self._answered = -1
        self._last_ticks: int | None = None
        self.in_flight_octets = 0
        """Sent and not yet spoken of; what a lost feedback spoke of leaves with the next one."""

    @property
    def next_number(self) -> int:
        """What the next packet will be given, 16 bits."""
        return self._next & 0xFFFF

    def sent(self, now: float, octets: int, probe: int | None = None) -> int:
        """A packet leaves; its 16 bit number for the header extension."""
        self._forget(now)
        packet = Sent(self._next, now, octets, probe)
        self._sent[self._next] = packet
        self._next += 1
        self.in_flight_octets += octets
        return packet.number & 0xFFFF

    def feedback(self, feedback: Feedback, now: float) -> Outcome:
        """Match a feedback; what was known already or was never sent is passed over."""
        first = self._unwrap(feedback.base)
        arrived: list[Sent] = []
        lost: list[Sent] = []
        found = 0
        for number, ticks in enumerate(feedback.arrivals, first):
            packet = self._sent.get(number)
            if packet is None or packet.arrived_at is not None:
                continue
            self._answer(number)
            if ticks is not None:
                packet.arrived_at = self._seconds(ticks)
                found += packet.lost
                packet.lost = False
                arrived.append(packet)
            elif not packet.lost:
                packet.lost = True
                lost.append(packet)
        newest = max((packet.at for packet in arrived), default=None)
        return Outcome(arrived, lost, found, None if newest is None else now - newest)

    def _unwrap(self, base: int) -> int:
        """The number nearest below the newest that ends in these 16 bits."""
        newest = self._next - 1
        return newest - (newest - base & 0xFFFF)

    def _seconds(self, ticks: int) -> float:
        """Ticks without the wrap of the reference time, in seconds."""
        if self._last_ticks is None:
            self._last_ticks = ticks
        half = TICKS_MODULUS // 2
        self._last_ticks += (ticks - self._last_ticks + half) % TICKS_MODULUS - half
        return self._last_ticks * TICK_S

    def _answer(self, number: int) -> None:
        """Everything up to here is no longer in flight."""
        while self._answered < number:
            self._answered += 1
            packet = self._sent.get(self._answered)
            if packet is not None:
                self.in_flight_octets -= packet.octets

    def _forget(self, now: float) -> None:
        while self._sent:
            oldest = next(iter(self._sent.values()))
            if oldest.at > now - _KEPT_S and len(self._sent) < _MOST_KEPT:
                return
            self._answer(oldest.number)
            del self._sent[oldest.number]
