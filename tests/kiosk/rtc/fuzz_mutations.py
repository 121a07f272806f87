"""Packets as they should not be: RTP, RTCP and codecs' payloads bent in every way. Pure.

What the bent ones are made of comes from a call that runs: packets as they left last, and pictures
of each codec. A stranger's packets go to the address, too: random, STUN-like, DTLS-like.
"""

from __future__ import annotations

import random
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from aioice import stun
from aiortc.rtp import RtpPacket
from fuzz_redundancy import redundant

_LARGEST = 1_300


class Kind(Enum):
    """How a packet leaves."""

    RTP = auto()
    CONTROL = auto()
    BARE = auto()
    """Without encryption."""


@dataclass(frozen=True)
class Shot:
    """One packet, before encryption."""

    kind: Kind
    data: bytes


@dataclass
class Streams:
    """What the far end knows of the call."""

    own: Sequence[int]
    """Its sources: sound, picture, and what is sent again."""
    others: Sequence[int]
    """The sources that it receives."""
    pictures: Mapping[int, Sequence[Sequence[bytes]]]
    """By payload type, the payloads of some pictures."""
    payload_types: Sequence[int]
    opus: int
    """Its payload type, and that of the same with spare pieces."""
    red: int
    rtp: deque[bytes] = field(default_factory=lambda: deque(maxlen=400))
    """As they left last."""
    speech: deque[RtpPacket] = field(default_factory=lambda: deque(maxlen=20))
    """Of those, the ones with speech."""
    control: deque[bytes] = field(default_factory=lambda: deque(maxlen=100))
    sealed: deque[bytes] = field(default_factory=lambda: deque(maxlen=100))


class Mutator:
    """Endless shots; the same seed and the same streams give the same ones."""

    def __init__(self, streams: Streams, chance: random.Random) -> None:
        self._streams = streams
        self._chance = chance
        self._rtp_bends: Sequence[Callable[[bytearray], None]] = (
            self._flip, self._flip_head, self._cut, self._grow, self._refill, self._empty,
            self._marker, self._payload_type, self._time, self._source, self._pad,
            self._contributors, self._extend,
        )  # fmt: skip

    def shots(self, count: int) -> list[Shot]:
        """About so many."""
        shots: list[Shot] = []
        while len(shots) < count:
            shots += self._some()
        return shots

    def _some(self) -> list[Shot]:
        draw = self._chance.random()
        if draw < 0.4:
            return [Shot(Kind.RTP, self._bent(self._chance.choice(self._streams.rtp)))]
        if draw < 0.6:
            return [Shot(Kind.RTP, packet) for packet in self._picture()]
        if draw < 0.7:
            return [Shot(Kind.RTP, self._speech())]
        if draw < 0.92:
            return [Shot(Kind.CONTROL, self._control())]
        return [Shot(Kind.BARE, self._bare())]

    # --- RTP ------------------------------------------------------------------------------------

    def _bent(self, packet: bytes) -> bytes:
        bent = bytearray(packet)
        for _ in range(self._chance.choice((0, 1, 1, 1, 2, 3))):
            self._chance.choice(self._rtp_bends)(bent)
        return bytes(bent[:_LARGEST])

    def _picture(self) -> list[bytes]:
        """A picture of any codec in the picture's stream, bent somewhere or not."""
        payload_type, pictures = self._chance.choice(list(self._streams.pictures.items()))
        payloads = self._chance.choice((pictures[0], self._chance.choice(pictures)))  # [0] is whole
        source = self._streams.own[1]
        if self._chance.random() < 0.1:
            source = self._chance.getrandbits(32)
        first, time = self._chance.getrandbits(16), self._chance.getrandbits(32)
        packets = []
        for index, payload in enumerate(payloads):
            last = index == len(payloads) - 1
            head = struct.pack(
                "!BBHLL", 0x80, last << 7 | payload_type, first + index & 0xFFFF, time, source
            )
            packet = bytearray(head + payload)
            if self._chance.random() < 0.2:
                self._chance.choice((self._flip, self._cut, self._refill, self._size))(packet)
            packets.append(bytes(packet))
        return packets

    def _speech(self) -> bytes:
        """The last pieces in one packet of redundant speech, right or wrong."""
        count = self._chance.choice((1, 2, 2, 2, 3, 9, 12))
        pieces = [packet.payload for packet in [*self._streams.speech][-count:]]
        payload = redundant(pieces, self._streams.opus, self._chance)
        time = self._streams.speech[-1].timestamp + self._chance.choice((0, 0, 960, 9_600, 1 << 31))
        source = self._source_of(self._streams.own[:1])
        number = self._chance.getrandbits(16)
        head = struct.pack("!BBHLL", 0x80, self._streams.red, number, time & 0xFFFFFFFF, source)
        return (head + payload)[:_LARGEST]

    def _flip(self, packet: bytearray) -> None:
        for _ in range(self._chance.randint(1, 8)):
            if len(packet) > 12:
                packet[self._chance.randrange(12, len(packet))] ^= 1 << self._chance.randrange(8)

    def _flip_head(self, packet: bytearray) -> None:
        if packet:
            packet[self._chance.randrange(min(12, len(packet)))] ^= 1 << self._chance.randrange(8)

    def _cut(self, packet: bytearray) -> None:
        del packet[self._chance.randint(0, len(packet)) :]

    def _grow(self, packet: bytearray) -> None:
        packet += self._octets(1, 400)

    def _refill(self, packet: bytearray) -> None:
        packet[12:] = self._octets(0, _LARGEST - 12)

    def _empty(self, packet: bytearray) -> None:
        del packet[12:]

    def _size(self, packet: bytearray) -> None:
        """Another width and height in a whole VP8 picture (RFC 6386 §9.1)."""
        start = packet.find(b"\x9d\x01\x2a")
        if start >= 0:
            packet[start + 3 : start + 7] = self._octets(4, 4)

    def _marker(self, packet: bytearray) -> None:
        packet[1:2] = bytes(octet ^ 0x80 for octet in packet[1:2])

    def _payload_type(self, packet: bytearray) -> None:
        known = self._chance.random() < 0.7
        types = self._streams.payload_types if known else range(128)
        packet[1:2] = bytes(octet & 0x80 | self._chance.choice(types) for octet in packet[1:2])

    def _time(self, packet: bytearray) -> None:
        if len(packet) >= 12:
            time = int.from_bytes(packet[4:8], "big")
            step = self._chance.choice((90_000, 1 << 16, 1 << 32))
            time += self._chance.randint(-step, step)
            packet[4:8] = (time & 0xFFFFFFFF).to_bytes(4, "big")

    def _source(self, packet: bytearray) -> None:
        if len(packet) >= 12:
            packet[8:12] = self._source_of(self._streams.own).to_bytes(4, "big")

    def _pad(self, packet: bytearray) -> None:
        if packet:
            packet[0] |= 0x20
            packet[-1] = self._chance.choice((0, 1, 255, len(packet) & 0xFF))

    def _contributors(self, packet: bytearray) -> None:
        if packet:
            packet[0] = packet[0] & 0xF0 | self._chance.randrange(16)

    def _extend(self, packet: bytearray) -> None:
        """Header extensions that say what they are not (RFC 8285)."""
        if len(packet) < 12:
            return
        packet[0] |= 0x10
        profile = self._chance.choice((0xBEDE, 0x1000, self._chance.getrandbits(16)))
        words = self._chance.randrange(6)
        said = words if self._chance.random() < 0.7 else self._chance.getrandbits(16)
        packet[12:12] = struct.pack("!HH", profile, said) + self._octets(words * 4, words * 4)

    # --- RTCP -----------------------------------------------------------------------------------

    def _control(self) -> bytes:
        if self._chance.random() < 0.3 and self._streams.control:
            compound = self._chance.choice(self._streams.control)
        else:
            compound = b"".join(self._report() for _ in range(self._chance.choice((1, 1, 1, 2, 4))))
        bent = bytearray(compound[:_LARGEST])
        for _ in range(self._chance.choice((0, 0, 1, 2))):
            if len(bent) > 8:
                bent[self._chance.randrange(len(bent))] ^= 1 << self._chance.randrange(8)
        if self._chance.random() < 0.1:
            self._cut(bent)
        return bytes(bent)

    def _report(self) -> bytes:
        """One RTCP packet of any type, known ones more often; RFC 3550 §6, RFC 4585 §6."""
        kind = self._chance.choice((200, 201, 202, 203, 204, 205, 205, 206, 206, 207, 208))
        own = self._source_of(self._streams.own).to_bytes(4, "big")
        other = self._source_of(self._streams.others).to_bytes(4, "big")
        count = self._chance.randrange(32)
        match kind:
            case 200:
                count = self._chance.randrange(3)
                body = own + self._octets(20, 20) + self._blocks(count)
            case 201:
                count = self._chance.randrange(3)
                body = own + self._blocks(count)
            case 202:
                body = own + self._octets(0, 40)
            case 203:
                body = own * count if self._chance.random() < 0.5 else self._octets(0, 124)
            case 205:  # NACK, transport-wide feedback, others
                count = self._chance.choice((1, 15, count))
                body = own + other + self._octets(0, _LARGEST - 40)
                if count == 15 and len(body) >= 16:
                    packets = self._chance.choice((1, 100, 1 << 14))
                    body = body[:8] + body[8:10] + packets.to_bytes(2, "big") + body[12:]
            case 206:  # PLI, FIR, REMB, others
                count = self._chance.choice((1, 4, 15, count))
                body = own + other + self._octets(0, 40)
                if count == 15:
                    sources = self._chance.randrange(4)
                    body = own + bytes(4) + b"REMB" + bytes([sources]) + self._octets(3, 3)
                    body += other * self._chance.randrange(4)
            case _:
                body = own + self._octets(0, 100)
        body += bytes(-len(body) % 4)
        words = len(body) // 4
        if self._chance.random() < 0.1:
            words = self._chance.getrandbits(16)
        padded = 0x20 if self._chance.random() < 0.1 else 0
        return struct.pack("!BBH", 0x80 | padded | count & 0x1F, kind, words) + body

    def _blocks(self, count: int) -> bytes:
        blocks = b""
        for _ in range(count):
            other = self._source_of(self._streams.others).to_bytes(4, "big")
            blocks += other + self._octets(20, 20)
        return blocks

    # --- from a stranger ------------------------------------------------------------------------

    def _bare(self) -> bytes:
        octets = bytearray(self._octets(1, _LARGEST))
        match self._chance.randrange(5):
            case 0:
                octets[0] = self._chance.choice((0x80, 0x90, 0xA0, 0xBF))
            case 1:  # a DTLS record (RFC 6347 §4.1)
                octets[:3] = bytes([self._chance.randint(20, 25)]) + b"\xfe\xfd"
            case 2:  # STUN (RFC 8489 §5)
                kind = self._chance.choice((0x0001, 0x0101, 0x0111, 0x0011))
                said = len(octets) if self._chance.random() < 0.5 else self._chance.randrange(1400)
                head = struct.pack("!HHL", kind, said & ~3, stun.COOKIE)
                octets[:0] = head + self._octets(12, 12)
            case 3 if self._streams.sealed:
                octets = bytearray(self._chance.choice(self._streams.sealed))
                self._chance.choice((self._flip, self._flip_head, self._cut))(octets)
        return bytes(octets) or b"\x80"

    # --- parts ----------------------------------------------------------------------------------

    def _octets(self, least: int, most: int) -> bytes:
        return self._chance.randbytes(self._chance.randint(least, most))

    def _source_of(self, known: Sequence[int]) -> int:
        if self._chance.random() < 0.1:
            return self._chance.getrandbits(32)
        return self._chance.choice(known)
