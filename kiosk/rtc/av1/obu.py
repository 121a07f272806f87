"""Open bitstream units: what AV1 streams are made of. Pure.

Source: AV1 bitstream specification, sections 4.10.5 (leb128), 5.3 (OBU syntax), 5.9.2 (frame
header), https://aomediacodec.github.io/av1-spec/.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SEQUENCE_HEADER = 1
TEMPORAL_DELIMITER = 2
FRAME_HEADER = 3
FRAME = 6
REDUNDANT_FRAME_HEADER = 7
TILE_LIST = 8
PADDING = 15

_HAS_EXTENSION, _HAS_SIZE = 0x04, 0x02
_MOST_LEB128 = 8


class Malformed(Exception):  # noqa: N818 - named after what happened, like its siblings
    """Not AV1, or not all of it."""

    code = "av1_malformed"


@dataclass(frozen=True)
class Obu:
    """One unit: its kind, and its octets from the header on, without a size field."""

    kind: int
    octets: bytes

    @property
    def body(self) -> bytes:
        """What follows the header."""
        return self.octets[2 if self.octets[0] & _HAS_EXTENSION else 1 :]

    def is_of(self, layers: int) -> bool:
        """Whether its temporal and its spatial layer are both among an operating point's."""
        layer = self.octets[1] if self.octets[0] & _HAS_EXTENSION else 0
        return bool(layers >> (layer >> 5) & layers >> (8 + (layer >> 3 & 3)) & 1)


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number of at most eight octets, and where it ends; raises Malformed."""
    value = 0
    for index in range(_MOST_LEB128):
        if at + index >= len(data):
            raise Malformed("a length is cut short")
        octet = data[at + index]
        value |= (octet & 0x7F) << (7 * index)
        if not octet & 0x80:
            return value, at + index + 1
    raise Malformed("a length does not end")


def leb128(value: int) -> bytes:
    """A number as short as it can be written."""
    octets = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        octets.append(low | (0x80 if value else 0))
        if not value:
            return bytes(octets)


def kind_of(octets: bytes) -> int:
    """The kind that an OBU header names; raises Malformed."""
    if not octets or octets[0] & 0x80:
        raise Malformed("an OBU header has its forbidden bit set")
    return octets[0] >> 3 & 0x0F


def split(temporal_unit: bytes) -> Iterator[Obu]:
    """The units of a temporal unit, each with its size field taken out; raises Malformed."""
    at = 0
    while at < len(temporal_unit):
        kind = kind_of(temporal_unit[at : at + 1])
        head_end = at + (2 if temporal_unit[at] & _HAS_EXTENSION else 1)
        if head_end > len(temporal_unit):
            raise Malformed("an OBU header is cut short")
        head = bytes([temporal_unit[at] & ~_HAS_SIZE]) + temporal_unit[at + 1 : head_end]
        if temporal_unit[at] & _HAS_SIZE:
            size, body = read_leb128(temporal_unit, head_end)
        else:
            size, body = len(temporal_unit) - head_end, head_end
        if body + size > len(temporal_unit):
            raise Malformed("an OBU is longer than what holds it")
        yield Obu(kind, head + temporal_unit[body : body + size])
        at = body + size


def sized(octets: bytes) -> bytes:
    """A unit with its size field put in: the low-overhead format that decoders read."""
    kind_of(octets)
    head = 2 if octets[0] & _HAS_EXTENSION else 1
    if len(octets) < head:
        raise Malformed("an OBU header is cut short")
    if octets[0] & _HAS_SIZE:
        size, body = read_leb128(octets, head)
        if body + size != len(octets):
            raise Malformed("an OBU's size and its element's do not agree")
        return octets
    body_size = leb128(len(octets) - head)
    return bytes([octets[0] | _HAS_SIZE]) + octets[1:head] + body_size + octets[head:]
