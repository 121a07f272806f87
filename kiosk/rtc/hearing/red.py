"""Whole copies of earlier packets within a packet: "RED" (RFC 2198). Pure.

libopus' own spare copies leave out what it takes for inactive speech, about a third of the packets
(plan.py); RED copies all, for twice the payload. In SDP: `red/48000/2`, fmtp `<opus>/<opus>`.
"""

from __future__ import annotations

from typing import NamedTuple

_MOST_BLOCKS = 10
_MOST_LENGTH = 0x3FF
_MOST_BACK = 0x3FFF


class Block(NamedTuple):
    """One packet's worth of sound."""

    timestamp: int
    """32 bit RTP time of its own."""
    payload: bytes


def unpack(payload: bytes, timestamp: int) -> list[Block]:
    """The blocks, oldest first, the packet's own last; empty when it is garbage (§3)."""
    lengths: list[tuple[int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload) or len(lengths) == _MOST_BLOCKS:
            return []
        header = int.from_bytes(payload[at + 1 : at + 4], "big")
        lengths.append((header >> 10, header & _MOST_LENGTH))
        at += 4
    at += 1  # the own block's header: its payload type alone
    blocks = []
    for back, length in lengths:
        blocks.append(Block((timestamp - back) & 0xFFFFFFFF, payload[at : at + length]))
        at += length
    if at >= len(payload):
        return []
    return [*blocks, Block(timestamp, payload[at:])]


def pack(blocks: list[Block], payload_type: int) -> bytes:
    """The blocks as one payload, all of one 7 bit payload type, the own one last.

    A copy that is too old or too long for its header is left out.
    """
    *copies, own = blocks
    headers, bodies = bytearray(), bytearray()
    for copy in copies:
        back = (own.timestamp - copy.timestamp) & 0xFFFFFFFF
        if back <= _MOST_BACK and 0 < len(copy.payload) <= _MOST_LENGTH:
            headers.append(0x80 | payload_type)
            headers += (back << 10 | len(copy.payload)).to_bytes(3, "big")
            bodies += copy.payload
    return bytes([*headers, payload_type, *bodies, *own.payload])
