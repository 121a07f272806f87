"""AV1 in RTP: aggregation headers, OBU elements and fragments. Pure.

Source: RTP Payload Format for AV1 (v1.0), sections 4.3 to 4.5,
https://aomediacodec.github.io/av1-rtp-spec/.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.rtc.av1 import obu
from kiosk.rtc.av1.obu import Malformed

_CONTINUES, _GOES_ON, _NEW_SEQUENCE = 0x80, 0x40, 0x08
_COUNT_SHIFT, _COUNT_MASK = 4, 0x03
_NOT_SENT = frozenset({obu.TEMPORAL_DELIMITER, obu.TILE_LIST, obu.PADDING})
_LEAST_PIECE = 2
"""Octets of an OBU that are worth a place at a packet's end."""
_MOST_ELEMENTS = 256
"""Of a packet, and units of a picture: encoders make a handful, and the event loop reads them."""


def packetize(temporal_unit: bytes, most: int) -> list[bytes]:
    """A temporal unit as RTP payloads of at most `most` octets; the last one gets the marker.

    Raises:
        Malformed: the encoder's output is no AV1.
    """
    units = [unit for unit in obu.split(temporal_unit) if unit.kind not in _NOT_SENT]
    begins = any(unit.kind == obu.SEQUENCE_HEADER for unit in units)
    packets: list[list[bytes]] = [[]]
    broken: list[bool] = []  # whether the last element of packet i goes on in packet i + 1
    room = most - 1
    for unit in units:
        rest = unit.octets
        while True:
            fits = _fits(len(rest), room)
            if fits == len(rest):
                packets[-1].append(rest)
                room -= _cost(len(rest))
                break
            if fits >= _LEAST_PIECE or not packets[-1]:
                packets[-1].append(rest[:fits])
                rest = rest[fits:]
                broken.append(True)
            else:
                broken.append(False)
            packets.append([])
            room = most - 1
    broken.append(False)
    payloads = []
    for index, elements in enumerate(packets):
        head = _GOES_ON if broken[index] else 0
        head |= _CONTINUES if index and broken[index - 1] else 0
        head |= _NEW_SEQUENCE if begins and not index else 0
        payloads.append(_payload(head, elements))
    return payloads


def _cost(length: int) -> int:
    return len(obu.leb128(length)) + length


def _fits(length: int, room: int) -> int:
    """How many of `length` octets go into `room` with their length written before them."""
    fits = min(length, room - 1)
    while fits > 0 and _cost(fits) > room:
        fits -= 1
    return max(0, fits)


def _payload(head: int, elements: Sequence[bytes]) -> bytes:
    if len(elements) <= _COUNT_MASK:  # the last of up to three needs no length
        head |= len(elements) << _COUNT_SHIFT
        measured, bare = elements[:-1], elements[-1:]
    else:
        measured, bare = elements, []
    parts = [bytes([head])]
    for element in measured:
        parts += [obu.leb128(len(element)), element]
    return b"".join([*parts, *bare])


def elements_of(payload: bytes) -> list[bytes]:
    """The OBU elements of one RTP payload; raises Malformed."""
    if len(payload) < 2:
        raise Malformed("a payload holds nothing")
    count = payload[0] >> _COUNT_SHIFT & _COUNT_MASK
    elements: list[bytes] = []
    at = 1
    while at < len(payload):
        if count and len(elements) == count - 1:
            elements.append(payload[at:])
            return elements
        size, at = obu.read_leb128(payload, at)
        if at + size > len(payload) or len(elements) >= _MOST_ELEMENTS:
            raise Malformed("an element is longer than its packet")
        elements.append(payload[at : at + size])
        at += size
    if count and len(elements) != count:
        raise Malformed("a packet holds fewer elements than it says")
    return elements


def assemble(payloads: Sequence[bytes]) -> bytes:
    """The temporal unit that a picture's payloads hold, in order, as decoders read it.

    Raises:
        Malformed: an element has no beginning or no end, or is no OBU; or they are too many.
    """
    units: list[bytes] = []
    open_unit: list[bytes] | None = None
    for payload in payloads:
        elements = elements_of(payload)
        if bool(payload[0] & _CONTINUES) != (open_unit is not None):
            raise Malformed("a fragment is missing")
        for index, element in enumerate(elements):
            continues = index == 0 and open_unit is not None
            goes_on = index == len(elements) - 1 and bool(payload[0] & _GOES_ON)
            pieces = open_unit if continues and open_unit is not None else []
            pieces.append(element)
            open_unit = pieces if goes_on else None
            if not goes_on:
                units.append(b"".join(pieces))
        if len(units) > _MOST_ELEMENTS:
            raise Malformed("a picture has more units than any encoder makes")
    if open_unit is not None:
        raise Malformed("the last fragment is missing")
    return b"".join(obu.sized(unit) for unit in units if unit)


def key_start(payload: bytes) -> bool:
    """Whether an RTP payload begins a whole picture: the N bit of its aggregation header."""
    return bool(payload) and payload[0] & (_NEW_SEQUENCE | _CONTINUES) == _NEW_SEQUENCE
