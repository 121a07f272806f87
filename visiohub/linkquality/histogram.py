"""Delays counted in buckets: those of several minutes add up, and give one picture. Pure.

Percentiles of minutes cannot be put together to those of an hour; counts can. Bounds of buckets
grow by one ratio, so that a percentile is off by 2.4 % at most, whatever the delay (Masson, Rim,
Lee, "DDSketch", VLDB 2019 §2.1). 256 buckets reach from half a millisecond to 65 seconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

BUCKETS = 256
_LEAST_MS = 0.5
"""What is shorter is in the first bucket, what is longer than all in the last."""
_OF_AN_OCTAVE = 15
_SEVEN = 0x7F
_MORE = 0x80


def count(delays_ms: Iterable[float]) -> dict[int, int]:
    """How many fall into each bucket; empty ones are left out."""
    return dict(Counter(map(_bucket, delays_ms)))


def merge(many: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """All of them as one."""
    total: Counter[int] = Counter()
    for counts in many:
        total.update(counts)
    return dict(total)


def percentiles(counts: Mapping[int, int], shares: Sequence[float]) -> list[float]:
    """In milliseconds, nearest rank, of these shares from 0 to 1 in rising order; ValueError
    where nothing was counted."""
    total = sum(counts.values())
    if not total:
        raise ValueError("counts: nothing was counted")
    found: list[float] = []
    below = 0
    for bucket in sorted(counts):
        inside = counts[bucket]
        while len(found) < len(shares):
            rank = min(total - 1, int(shares[len(found)] * total))
            if rank >= below + inside:
                break
            # within a bucket as if they lay at even distances
            at = bucket + (rank - below + 0.5) / inside
            found.append(_LEAST_MS * 2 ** (at / _OF_AN_OCTAVE))
        below += inside
    return found


def pack(counts: Mapping[int, int]) -> bytes:
    """Two octets for most buckets: its number, then its count in groups of seven bits, the least
    first."""
    packed = bytearray()
    for bucket in sorted(counts):
        packed.append(bucket)
        left = counts[bucket]
        while left > _SEVEN:
            packed.append(left & _SEVEN | _MORE)
            left >>= 7
        packed.append(left)
    return bytes(packed)


def unpack(packed: bytes) -> dict[int, int]:
    """What `pack` was given."""
    counts: dict[int, int] = {}
    octets = iter(packed)
    for bucket in octets:
        value = shift = 0
        for octet in octets:
            value |= (octet & _SEVEN) << shift
            shift += 7
            if octet <= _SEVEN:
                break
        counts[bucket] = value
    return counts


def _bucket(delay_ms: float) -> int:
    if delay_ms <= _LEAST_MS:
        return 0
    return min(BUCKETS - 1, int(_OF_AN_OCTAVE * math.log2(delay_ms / _LEAST_MS)))
