"""Packets into frames, in order, without waiting longer than it is worth. Pure.

aiortc's own buffer waits for up to 512 packets before it gives a lost one up (several seconds on
a thin line) and lets sound fall behind for good after its first loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Packet = Any
"""aiortc's RtpPacket: `sequence_number`, `timestamp`, `marker`, `payload`."""

GAP_S = 0.5
"""How long a lost video packet may take to be sent again, in seconds, before a whole picture is
asked for instead."""
PLI_EVERY_S = 0.5
FAR_AHEAD = 128
"""Packets; a sender keeps no more than this to send again (aiortc rtp.py, RTP_HISTORY_SIZE)."""
_MOST_HELD = 512
_AUDIO_PATIENCE = 3
"""Packets (60 ms) after a missing piece of sound before it is left out."""


class Unwrapper:
    """16 bit sequence numbers to ever growing ones (RFC 3550 appendix A.1)."""

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """The full number nearest to the last one."""
        if self._last is None:
            self._last = number
        else:
            step = (number - self._last + 0x8000 & 0xFFFF) - 0x8000
            self._last += step
        return self._last


class VideoOrder:
    """Reassembles pictures; after a loss that is not mended in time, waits for a whole one."""

    def __init__(self, is_key_start: Callable[[Packet], bool]) -> None:
        self._is_key_start = is_key_start
        self._unwrapper = Unwrapper()
        self._held: dict[int, Packet] = {}
        self._next: int | None = None
        self._gap_since: float | None = None
        self._asked_at = float("-inf")
        self.lost = 0
        """Times that a whole picture was needed."""

    def restart(self) -> None:
        """Wait for a whole picture: what was held is of no use any more."""
        self._held.clear()
        self._next = None
        self._gap_since = None

    def add(self, packet: Packet, now: float) -> tuple[bool, list[list[Packet]]]:
        """One packet in; whether to ask for a whole picture, and the frames now complete."""
        number = self._unwrapper.unwrap(packet.sequence_number)
        if self._next is not None and number < self._next:
            return False, []
        if len(self._held) >= _MOST_HELD or (
            self._next is not None and number > self._next + FAR_AHEAD
        ):
            self._give_up()
        self._held[number] = packet
        if self._next is None:
            self._next = self._key_start()
            if self._next is None:
                return self._ask(now), []
        frames = self._complete()
        if frames or not self._held:
            self._gap_since = None
        if self._held and min(self._held) > self._next:
            if self._gap_since is None:
                self._gap_since = now
            elif now - self._gap_since > GAP_S:
                self._give_up()
                self._next = self._key_start()
                frames += self._complete()
        return self._next is None and self._ask(now), frames

    def _give_up(self) -> None:
        self.lost += 1
        self._next = None
        self._gap_since = None
        if len(self._held) >= _MOST_HELD:
            self._held.clear()

    def _ask(self, now: float) -> bool:
        if now - self._asked_at < PLI_EVERY_S:
            return False
        self._asked_at = now
        return True

    def _key_start(self) -> int | None:
        """The newest held packet that begins a whole picture; everything before it goes."""
        for number in sorted(self._held, reverse=True):
            if self._is_key_start(self._held[number]):
                # H.264 sends parameter sets before the picture, all of one timestamp.
                while self._same_picture(number - 1, number):
                    number -= 1
                self._held = {n: p for n, p in self._held.items() if n >= number}
                return number
        return None

    def _same_picture(self, a: int, b: int) -> bool:
        return a in self._held and self._held[a].timestamp == self._held[b].timestamp

    def _complete(self) -> list[list[Packet]]:
        frames: list[list[Packet]] = []
        frame: list[Packet] = []
        if self._next is None:
            return frames
        number = self._next
        while (packet := self._held.get(number)) is not None:
            if frame and packet.timestamp != frame[0].timestamp:
                frames.append(frame)  # its marker was not set: the next frame shows its end
                self._consume(number)
                frame = []
            frame.append(packet)
            number += 1
            if packet.marker:
                frames.append(frame)
                self._consume(number)
                frame = []
        return frames

    def _consume(self, until: int) -> None:
        if self._next is not None:
            for number in range(self._next, until):
                del self._held[number]
        self._next = until


class AudioOrder:
    """Sound in order; a missing piece is left out after 60 ms, and latency never piles up."""

    def __init__(self) -> None:
        self._unwrapper = Unwrapper()
        self._held: dict[int, Packet] = {}
        self._next: int | None = None
        self.lost = 0

    def restart(self) -> None:
        """Begin anew with the next packet."""
        self._held.clear()
        self._next = None

    def add(self, packet: Packet, now: float) -> tuple[bool, list[list[Packet]]]:  # noqa: ARG002 - one shape with VideoOrder
        """One packet in, the pieces now in order out; sound never asks for anything."""
        number = self._unwrapper.unwrap(packet.sequence_number)
        if self._next is None:
            self._next = number
        if number < self._next:
            return False, []
        self._held[number] = packet
        pieces: list[list[Packet]] = []
        while self._held:
            found = self._held.pop(self._next, None)
            if found is not None:
                pieces.append([found])
            elif len(self._held) < _AUDIO_PATIENCE:
                break
            else:
                self.lost += min(self._held) - self._next
                self._next = min(self._held) - 1
            self._next += 1
        return False, pieces


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
    """Whether an H.264 RTP payload begins a key frame: SPS or IDR first (RFC 6184 §5)."""
    if len(payload) < 2:
        return False
    nal = payload[0] & 0x1F
    if nal == 24:  # STAP-A: the first unit's type follows its length
        return len(payload) > 3 and payload[3] & 0x1F in (5, 7)
    if nal == 28:  # FU-A, with the start bit
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (5, 7)
    return nal in (5, 7)
