"""Speech that carries the pieces before it once more (RFC 2198, "audio/red"). Pure.

Opus' own spare copies (in-band FEC) are there for two losses of three, and what is asked for again
comes a round trip later, for which sound, and with it the picture, would have to wait.
"""

from __future__ import annotations

from dataclasses import dataclass

_MORE, _TYPE = 0x80, 0x7F
_BLOCK_HEADER = 4
_LENGTH_BITS = 10
_MOST_SPARES = 8
"""Far more than anybody sends."""


@dataclass(frozen=True)
class Spare:
    """A piece sent before, once more."""

    back: int
    """Packets before the one that carries it."""
    earlier: int
    """Of RTP time, by how much."""
    payload: bytes


def split(payload: bytes) -> tuple[bytes, tuple[Spare, ...]]:
    """The piece itself, and those before it, oldest first; nothing where it makes no sense.

    All have to be of one payload type: it is speech by Opus or none (section 5: "111/111").
    """
    headers: list[tuple[int, int]] = []  # (earlier, octets)
    types: set[int] = set()
    at = 0
    while at < len(payload) and payload[at] & _MORE and len(headers) < _MOST_SPARES:
        header = int.from_bytes(payload[at : at + _BLOCK_HEADER].ljust(_BLOCK_HEADER, b"\0"))
        types.add(header >> 24 & _TYPE)
        headers.append((header >> _LENGTH_BITS & 0x3FFF, header & 0x3FF))
        at += _BLOCK_HEADER
    if at >= len(payload) or payload[at] & _MORE or types - {payload[at]}:
        return b"", ()
    at += 1
    if at + sum(octets for _, octets in headers) > len(payload):
        return b"", ()
    spares = []
    for index, (earlier, octets) in enumerate(headers):
        spares.append(Spare(len(headers) - index, earlier, payload[at : at + octets]))
        at += octets
    return payload[at:], tuple(spares)
