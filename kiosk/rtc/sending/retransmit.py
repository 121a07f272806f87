"""Packets sent again on request, within a budget. Pure.

Sources: RFC 4585 §6.2.1 (NACK), RFC 4588 (the stream they travel in). aiortc keeps 128 packets
and answers every NACK at once, whatever it costs: on a thin line the repairs then crowd out what
they repair.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Packet = TypeVar("Packet")

KEPT_S = 2.0
"""A repair that comes later than this after the packet helps nobody."""
_MOST_KEPT = 2000
_BURST_S = 0.5
"""The budget may be saved up for so long."""
_LEAST_BURST_OCTETS = 2_500
_SOUND_AHEAD_OCTETS = 600
"""That sound may take of what the budget will bring: some packets of speech."""
_AGAIN_LEAST_S = 0.02


class RepairBudget:
    """What repairs of all streams of a call may take of the line together; sound goes first."""

    def __init__(self, bit_s: float = 0.0) -> None:
        self._bit_s = bit_s
        self._saved = self._most_octets
        self._saved_at: float | None = None

    def allow(self, bit_s: float, now: float) -> None:
        """What they may take from now on."""
        self._save(now)
        self._bit_s = bit_s

    def take(self, octets: int, now: float, *, sound: bool) -> bool:
        """Whether there is so much left, which is then spent. The picture's repairs wait until
        what sound took ahead is there again."""
        self._save(now)
        if octets > self._saved + _SOUND_AHEAD_OCTETS * sound:
            return False
        self._saved -= octets
        return True

    @property
    def _most_octets(self) -> float:
        return max(_LEAST_BURST_OCTETS, self._bit_s / 8 * _BURST_S)

    def _save(self, now: float) -> None:
        if self._saved_at is not None:
            self._saved += self._bit_s / 8 * (now - self._saved_at)
        self._saved_at = now
        self._saved = min(self._saved, self._most_octets)


@dataclass
class _Kept(Generic[Packet]):
    packet: Packet
    octets: int
    sent_at: float
    resent_at: float = float("-inf")


class Retransmitter(Generic[Packet]):
    """History of one stream, by time, and the answers to NACKs."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Kept[Packet]] = OrderedDict()
        self.refused = 0
        """Asked for, kept, and not sent again for want of budget."""

    def sent(self, sequence_number: int, packet: Packet, octets: int, now: float) -> None:
        """A packet left for the first time; octets of the line."""
        self._kept.pop(sequence_number, None)
        self._kept[sequence_number] = _Kept(packet, octets, now)
        while self._kept:
            number, oldest = next(iter(self._kept.items()))
            if oldest.sent_at > now - KEPT_S and len(self._kept) <= _MOST_KEPT:
                return
            del self._kept[number]

    def copied(self, sequence_number: int, now: float) -> None:
        """A copy left unasked: requests of the next round trip were written before it came."""
        kept = self._kept.get(sequence_number)
        if kept is not None:
            kept.resent_at = now

    def forget(self) -> None:
        """A whole picture follows: parts of older ones help nobody any more."""
        self._kept.clear()

    def nack(
        self,
        sequence_numbers: Iterable[int],
        now: float,
        round_trip_s: float | None,
        may_spend: Callable[[int], bool],
    ) -> list[tuple[Packet, int]]:
        """What to send again, with its octets of the line, oldest request first, as far as the
        call's budget takes it.

        A packet is sent again once a round trip at most: a second NACK before that was written
        before the repair could arrive.
        """
        again_after = max(_AGAIN_LEAST_S, round_trip_s or 0.1)
        answers: list[tuple[Packet, int]] = []
        for number in sequence_numbers:
            kept = self._kept.get(number & 0xFFFF)
            if kept is None or now - kept.sent_at > KEPT_S:
                continue
            if now - kept.resent_at < again_after:
                continue
            if not may_spend(kept.octets):
                self.refused += 1
                continue
            kept.resent_at = now
            answers.append((kept.packet, kept.octets))
        return answers
