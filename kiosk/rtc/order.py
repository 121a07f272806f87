"""Packets into pictures, in order. Pure.

A picture leaves with its last packet, as soon as all before it has left: aiortc waits for the next
picture's first packet. What is missing may still come; a whole picture that is complete makes it
superfluous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kiosk.rtc.wrap import nearest

Packet = Any
"""aiortc's RtpPacket: `sequence_number`, `timestamp`, `marker`, `payload`."""

MOST_HELD = 512
"""Packets."""


class Unwrapper:
    """16 bit sequence numbers to ever growing ones (RFC 3550 appendix A.1)."""

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """The full number nearest to the last one."""
        self._last = number if self._last is None else nearest(number, 16, self._last)
        return self._last


@dataclass(frozen=True)
class Picture:
    """The packets of one picture."""

    packets: tuple[Packet, ...]
    began_at: float
    """When the first of them to come had come, in seconds."""
    whole: bool
    """It needs no picture before it."""

    @property
    def timestamp(self) -> int:
        """32 bit RTP time."""
        return int(self.packets[0].timestamp)


class VideoOrder:
    """Reassembles pictures; begins with a whole one, and begins anew when one is complete."""

    def __init__(self, is_key_start: Callable[[Packet], bool]) -> None:
        self._is_key_start = is_key_start
        self._unwrapper = Unwrapper()
        self._held: dict[int, tuple[Packet, float]] = {}
        self._key_starts: set[int] = set()
        self._next: int | None = None

    @property
    def next(self) -> int | None:
        """16 bit number of the packet that is waited for; None: a whole picture is."""
        return None if self._next is None else self._next & 0xFFFF

    @property
    def stands(self) -> bool:
        """Packets are held back because one before them is missing."""
        return bool(self._held)

    def restart(self) -> None:
        """Wait for a whole picture: what was held is of no use any more."""
        self._held.clear()
        self._key_starts.clear()
        self._next = None

    def add(self, packet: Packet, now: float) -> list[Picture]:
        """One packet in, the pictures now complete out."""
        number = self._unwrapper.unwrap(packet.sequence_number)
        if (self._next is not None and number < self._next) or number in self._held:
            return []
        if len(self._held) >= MOST_HELD:
            self.restart()
        self._held[number] = packet, now
        if packet.payload and self._is_key_start(packet):
            self._key_starts.add(number)
        pictures = self._complete()
        if self._held and self._jump():
            pictures += self._complete()
        return pictures

    def _jump(self) -> bool:
        """To the newest whole picture that is complete, if there is one; what is older goes."""
        number: int | None = None
        for start in sorted(self._key_starts, reverse=True):
            if number is not None and start >= number:
                continue  # of the picture that was just looked at
            # H.264 sends parameter sets before the picture, all of one timestamp.
            number = start
            while self._same_picture(number - 1, start):
                number -= 1
            if self._ends(number):
                self._forget_before(number)
                self._next = number
                return True
        return False

    def _same_picture(self, number: int, other: int) -> bool:
        found = self._held.get(number)
        return found is not None and found[0].timestamp == self._held[other][0].timestamp

    def _ends(self, number: int) -> bool:
        while (found := self._held.get(number)) is not None:
            if found[0].marker:
                return True
            if not self._same_picture(number + 1, number):
                return number + 1 in self._held  # no marker: the next picture shows its end
            number += 1
        return False

    def _complete(self) -> list[Picture]:
        pictures: list[Picture] = []
        part: list[int] = []
        if self._next is None:
            return pictures
        number = self._next
        while (found := self._held.get(number)) is not None:
            if part and not self._same_picture(number, part[0]):
                pictures += self._taken(part)  # its marker was not set: the next one shows its end
                part = []
            part.append(number)
            number += 1
            if found[0].marker:
                pictures += self._taken(part)
                part = []
        return pictures

    def _taken(self, numbers: list[int]) -> list[Picture]:
        """The picture of these packets; none when there is nothing in them but padding."""
        whole = not self._key_starts.isdisjoint(numbers)
        held = [self._held[number] for number in numbers]
        self._next = numbers[-1] + 1
        self._forget_before(self._next)
        packets = tuple(packet for packet, _ in held if packet.payload)
        return [Picture(packets, min(at for _, at in held), whole)] if packets else []

    def _forget_before(self, number: int) -> None:
        self._held = {n: entry for n, entry in self._held.items() if n >= number}
        self._key_starts = {n for n in self._key_starts if n >= number}


def vp8_key_start(payload: bytes) -> bool:
    """Whether a VP8 RTP payload begins a key frame (RFC 7741 §4.2, RFC 6386 §9.1)."""
    if len(payload) < 2 or payload[0] & 0x1F != 0x10:  # S = 1 and PID = 0
        return False
    at = 1
    if payload[0] & 0x80:
        extension = payload[1]
        at = 2
        if extension & 0x80 and len(payload) > at:  # picture id, one or two octets
            at += 2 if payload[at] & 0x80 else 1
        at += bool(extension & 0x40)  # TL0PICIDX
        at += bool(extension & 0x30)  # TID and KEYIDX share an octet
    return len(payload) > at and payload[at] & 1 == 0


def h264_key_start(payload: bytes) -> bool:
    """Whether an H.264 RTP payload begins a key frame: an SPS or IDR is in it (RFC 6184 §5).

    In one packet with others (STAP-A, §5.7.1) a delimiter, SEI or PPS may stand before it.
    """
    if len(payload) < 2:
        return False
    nal = payload[0] & 0x1F
    if nal == 24:
        return any(kind in (5, 7) for kind in _aggregated(payload))
    if nal == 28:  # FU-A, with the start bit
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (5, 7)
    return nal in (5, 7)


def _aggregated(payload: bytes) -> Iterator[int]:
    """Types of the units in a STAP-A, as far as it is well-formed."""
    at = 1
    while at + 2 < len(payload):
        size = int.from_bytes(payload[at : at + 2])
        at += 2
        if size:
            yield payload[at] & 0x1F
        at += size
