"""Redundant speech as it should not be: RFC 2198's headers bent in every way. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence

_STEP = 960
"""Of RTP time, from one piece to the next."""
_EARLIER_BITS, _LENGTH_BITS, _MORE = 14, 10, 0x80
_MOST_OCTETS = (1 << _LENGTH_BITS) - 1


def redundant(speech: Sequence[bytes], opus: int, chance: random.Random) -> bytes:
    """A payload of these pieces, oldest first, the last of them its own; wrong somewhere, or not.

    `opus` is their payload type.
    """
    pieces = list(speech)
    types = [opus] * len(pieces)
    earlier = [_STEP * back for back in reversed(range(len(pieces)))]
    lengths = [len(piece) for piece in pieces]
    which = chance.randrange(len(pieces))
    match chance.randrange(10):
        case 0:
            types[which] = chance.randrange(128)
        case 1:
            earlier[which] = chance.getrandbits(_EARLIER_BITS)
        case 2:
            lengths[which] = chance.choice((0, 1, lengths[which] + 1, _MOST_OCTETS))
        case 3:
            lengths[which] = chance.getrandbits(_LENGTH_BITS)
        case 4:
            pieces[which] = chance.randbytes(lengths[which])
        case 5:  # none of them has an end
            types[-1] |= _MORE
    payload = bytearray()
    for kind, before, length in zip(types[:-1], earlier, lengths, strict=False):
        head = _MORE << 24 | kind << 24 | before << _LENGTH_BITS | min(length, _MOST_OCTETS)
        payload += head.to_bytes(4)
    payload.append(types[-1])
    payload += b"".join(pieces)
    match chance.randrange(10):
        case 0:
            del payload[chance.randrange(len(payload)) :]
        case 1:
            payload[chance.randrange(min(16, len(payload)))] ^= 1 << chance.randrange(8)
    return bytes(payload)
