"""STAMP's extensions (RFC 8972 §4): read with tolerance, answered as not understood. Pure.

Of them visiohub sends extra padding alone (type 1), for packets as large as a voice's. A peer that
sends some gets them back, flagged, in an answer that is exactly as long as what it sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

UNRECOGNIZED = 0x80
MALFORMED = 0x40
INTEGRITY = 0x20
EXTRA_PADDING = 1
_HEAD = 4


@dataclass(frozen=True)
class Extension:
    """One TLV; `value` may be shorter than its length said, then it is malformed."""

    flags: int
    kind: int
    value: bytes

    @property
    def malformed(self) -> bool:
        """Whether the packet ended before the value did."""
        return bool(self.flags & MALFORMED)


def padding(octets: int) -> bytes:
    """Extra padding that is so long with its head; ValueError for fewer than its head has."""
    if octets < _HEAD:
        raise ValueError(f"octets: at least {_HEAD}")
    head = bytes((UNRECOGNIZED, EXTRA_PADDING)) + (octets - _HEAD).to_bytes(2, "big")
    return head + bytes(octets - _HEAD)


def extensions(octets: bytes) -> Iterator[Extension]:
    """Each TLV behind a packet; the last one is malformed where its length runs past the end."""
    for begin, end, whole in _spans(octets):
        flags = octets[begin] & ~MALFORMED | (0 if whole else MALFORMED)
        yield Extension(flags, octets[begin + 1], octets[begin + _HEAD : end])


def not_understood(octets: bytes) -> bytes:
    """The same octets with each TLV's flags set as a reflector's that knows none (RFC 8972 §4.1).

    A rest that is too short to be a TLV is returned as it came.
    """
    answer = bytearray(octets)
    for begin, _, whole in _spans(octets):
        answer[begin] = UNRECOGNIZED | (0 if whole else MALFORMED)
    return bytes(answer)


def _spans(octets: bytes) -> Iterator[tuple[int, int, bool]]:
    """(begin, end, whether all of it is there) of each TLV."""
    begin = 0
    while begin + _HEAD <= len(octets):
        end = begin + _HEAD + int.from_bytes(octets[begin + 2 : begin + _HEAD], "big")
        yield begin, min(end, len(octets)), end <= len(octets)
        begin = end
