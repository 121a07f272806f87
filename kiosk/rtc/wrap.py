"""RTP's wrapping counters as ever growing numbers. Pure."""

from __future__ import annotations


def nearest(wrapped: int, bits: int, reference: int) -> int:
    """The full number that ends in `wrapped` and lies nearest to `reference`.

    RTP sequence numbers have 16 bits, timestamps 32 (RFC 3550 §5.1). Stateless, so that a
    strange packet that is thrown away leaves no trace.
    """
    half = 1 << (bits - 1)
    return reference + ((wrapped - reference + half) & ((1 << bits) - 1)) - half
