"""Transport-wide congestion control feedback on the wire. Pure.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, §2 (header extension) and §3.1 (RTCP
feedback, PT 205, FMT 15).
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EXTENSION_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
TICK_S = 0.000250
"""Unit of arrival times, in seconds."""
REFERENCE_TICKS = 256
"""Ticks in one unit of the reference time (64 ms)."""
TICKS_MODULUS = REFERENCE_TICKS << 24
"""The reference time has 24 bits, so ticks wrap after about 12 days."""
MOST_PACKETS = 0x4000
"""In one compound; the format would allow 65535 in each feedback, and nobody honest needs them."""

_PACKET_TYPE = 205
_FORMAT = 15
_HEADER = struct.Struct("!BBHIIHH")
_SMALL, _LARGE = 1, 2
_MOST_RUN = 0x1FFF
_BITS_IN_VECTOR = 14
_PAIRS_IN_VECTOR = 7


@dataclass(frozen=True)
class Feedback:
    """What a receiver says about packets `base`, `base + 1`, ... of the transport."""

    sender_ssrc: int
    media_ssrc: int
    base: int
    """Transport-wide sequence number of the first packet, 16 bits."""
    number: int
    """Counts feedback packets, 8 bits; a step above one means that feedback was lost."""
    arrivals: tuple[int | None, ...]
    """Ticks of the receiver's clock, one a packet; None: not received. The first received lies in
    the 64 ms after the reference time, all are below `TICKS_MODULUS` plus the deltas' reach."""


def split(compound: bytes) -> tuple[list[Feedback], bytes]:
    """The feedbacks in an RTCP compound, and the compound without them.

    Broken feedback is left out of both: it must cost neither the call nor the reports beside it.
    What is no RTCP at all comes back as it is.
    """
    feedbacks: list[Feedback] = []
    rest = bytearray()
    at, left = 0, MOST_PACKETS
    while len(compound) - at >= 4:
        end = at + 4 * (int.from_bytes(compound[at + 2 : at + 4], "big") + 1)
        if compound[at] >> 6 != 2 or end > len(compound):
            break
        packet = compound[at:end]
        if packet[1] == _PACKET_TYPE and packet[0] & 0x1F == _FORMAT:
            # a run of thousands takes two octets: the walk must be bound before it begins
            left -= int.from_bytes(packet[14:16], "big")
            if left >= 0:
                with contextlib.suppress(ValueError):
                    feedbacks.append(parse(packet))
        else:
            rest += packet
        at = end
    return feedbacks, bytes(rest + compound[at:])


def parse(packet: bytes) -> Feedback:
    """One RTCP feedback packet; ValueError names what is wrong.

    The padding may have any length: browsers write the true count in the last octet, which need
    not leave a multiple of four.
    """
    if len(packet) < _HEADER.size + 4:
        raise ValueError("feedback is too short")
    first, kind, words, sender, media, base, count = _HEADER.unpack_from(packet)
    if first >> 6 != 2 or kind != _PACKET_TYPE or first & 0x1F != _FORMAT:
        raise ValueError("not a transport-wide feedback")
    if len(packet) != 4 * (words + 1):
        raise ValueError("feedback's length does not match its header")
    end = len(packet)
    if first & 0x20:
        if not 1 <= packet[-1] <= end - _HEADER.size - 4:
            raise ValueError("feedback's padding does not fit")
        end -= packet[-1]
    if not 0 < count <= MOST_PACKETS:
        raise ValueError("feedback about no packet, or about far too many")
    reference = int.from_bytes(packet[16:19], "big")
    symbols, at = _read_symbols(packet[:end], count)
    arrivals = tuple(_read_arrivals(packet[:end], at, symbols, reference * REFERENCE_TICKS))
    return Feedback(sender, media, base, packet[19], arrivals)


def _read_symbols(packet: bytes, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    at = _HEADER.size + 4
    while len(symbols) < count:
        if at + 2 > len(packet):
            raise ValueError("feedback ends within its chunks")
        chunk = int.from_bytes(packet[at : at + 2], "big")
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * min(chunk & _MOST_RUN, count - len(symbols))
            if not chunk & _MOST_RUN:
                raise ValueError("feedback has an empty run")
        elif not chunk & 0x4000:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
        else:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return symbols[:count], at


def _read_arrivals(packet: bytes, at: int, symbols: list[int], ticks: int) -> Iterator[int | None]:
    for symbol in symbols:
        if symbol == 0:
            yield None
            continue
        if symbol > _LARGE:
            raise ValueError("feedback uses a reserved symbol")
        if at + symbol > len(packet):
            raise ValueError("feedback ends within its deltas")
        ticks += int.from_bytes(packet[at : at + symbol], "big", signed=symbol == _LARGE)
        at += symbol
        yield ticks


def build(feedback: Feedback) -> bytes:
    """The RTCP packet; ValueError when a step between arrivals is beyond a delta (±8.19 s)."""
    reference = next((t for t in feedback.arrivals if t is not None), 0) // REFERENCE_TICKS
    symbols: list[int] = []
    deltas = bytearray()
    ticks = reference * REFERENCE_TICKS
    for arrival in feedback.arrivals:
        if arrival is None:
            symbols.append(0)
            continue
        delta, ticks = arrival - ticks, arrival
        if 0 <= delta <= 0xFF:
            symbols.append(_SMALL)
            deltas.append(delta)
        elif -0x8000 <= delta <= 0x7FFF:
            symbols.append(_LARGE)
            deltas += struct.pack("!h", delta)
        else:
            raise ValueError("arrivals lie too far apart for one feedback")
    if not 0 < len(symbols) <= MOST_PACKETS:
        raise ValueError("a feedback is about 1 to 16384 packets")
    body = struct.pack("!I", (reference & 0xFFFFFF) << 8 | feedback.number & 0xFF)
    body += b"".join(struct.pack("!H", chunk) for chunk in _chunks(symbols)) + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes([padding])
    return (
        _HEADER.pack(
            0x80 | (0x20 if padding else 0) | _FORMAT,
            _PACKET_TYPE,
            (_HEADER.size + len(body)) // 4 - 1,
            feedback.sender_ssrc,
            feedback.media_ssrc,
            feedback.base & 0xFFFF,
            len(symbols),
        )
        + body
    )


def _chunks(symbols: Sequence[int]) -> Iterator[int]:
    """Each chunk is the kind that tells most packets from here on."""
    at = 0
    while at < len(symbols):
        left = len(symbols) - at
        run = 1
        while run < min(left, _MOST_RUN) and symbols[at + run] == symbols[at]:
            run += 1
        bits = symbols[at : at + _BITS_IN_VECTOR]
        fits_bits = max(bits) <= _SMALL
        if run >= min(left, _BITS_IN_VECTOR if fits_bits else _PAIRS_IN_VECTOR):
            yield symbols[at] << 13 | run
            at += run
        elif fits_bits:
            yield 0x8000 | _packed(bits, _BITS_IN_VECTOR, 1)
            at += len(bits)
        else:
            pairs = symbols[at : at + _PAIRS_IN_VECTOR]
            yield 0xC000 | _packed(pairs, _PAIRS_IN_VECTOR, 2)
            at += len(pairs)


def _packed(symbols: Sequence[int], places: int, width: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << width | symbol
    return value << (places - len(symbols)) * width
