"""Coded pictures as RTP payloads of a chosen size. Pure.

Sources: RFC 7741 §4.2 (VP8), RFC 6184 §5.6 and §5.8 (H.264: single units and FU-A).
"""

from __future__ import annotations

from collections.abc import Iterable

_FU_A = 28
_BEGINS, _ENDS = 0x80, 0x40


def vp8(picture: bytes, picture_id: int, most: int) -> list[bytes]:
    """A VP8 picture with a 15 bit picture id, in payloads of at most `most` octets."""
    head = (picture_id & 0x7FFF | 0x8000).to_bytes(2, "big")
    pieces = _pieces(picture, most - 4)
    return [bytes([0x90 if not i else 0x80, 0x80]) + head + piece for i, piece in enumerate(pieces)]


def h264(units: Iterable[bytes], most: int) -> list[bytes]:
    """NAL units in payloads of at most `most` octets: as they are, or in fragments."""
    payloads: list[bytes] = []
    for unit in units:
        if len(unit) <= most:
            payloads.append(unit)
            continue
        indicator, kind = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F
        pieces = _pieces(unit[1:], most - 2)
        for i, piece in enumerate(pieces):
            place = (_BEGINS if not i else 0) | (_ENDS if i == len(pieces) - 1 else 0)
            payloads.append(bytes([indicator, place | kind]) + piece)
    return payloads


def _pieces(data: bytes, most: int) -> list[bytes]:
    """As few as possible, all of about one size: a small last packet costs its headers too."""
    count = -(-len(data) // most)
    size, larger = divmod(len(data), max(1, count))
    pieces, at = [], 0
    for i in range(count):
        end = at + size + (i < larger)
        pieces.append(data[at:end])
        at = end
    return pieces
