"""What agent and page say to each other of pictures, octet by octet. Pure.

A picture begins with its kind. A plain one goes on with width and height as 16 bit little-endian
and the planes Y, U, V without padding; a coded one with its codec and whether it is whole, then as
decoders read it. The page reads them in kiosk/screen/static/js/pictures.js and decoder.js.
"""

from __future__ import annotations

import struct
from typing import Any

from kiosk.rtc.decoding_screen import Decodable, Seen

FAR, SELF, CODED = 1, 2, 3
"""Kinds: the far end's and the kiosk's own, plain; the far end's, coded."""
CODECS = {"VP8": 1, "AV1": 2}
"""Those that a page may decode: names in SDP to the octet that says which."""
_MOST_SIDE, _MOST_S = 1 << 14, 10.0


def plain(width: int, height: int, planes: bytes) -> bytes:
    """A plain picture without its kind."""
    return struct.pack("<HH", width, height) + planes


def of_kind(kind: int, picture: bytes) -> bytes:
    """A plain picture as it is sent."""
    return bytes((kind,)) + picture


def coded(picture: Decodable) -> bytes:
    """A coded picture as it is sent."""
    return bytes((CODED, CODECS[picture.codec], picture.whole)) + picture.data


def read_seen(told: dict[str, Any]) -> Seen | None:
    """What a page says of a coded picture: `shown`, its width, height and ms; or that it is `lost`.

    Raises:
        ValueError, TypeError: it says neither.
    """
    if told.get("lost") is True:
        return None
    width, height, took_ms = told["shown"]
    seen = Seen(int(width), int(height), took_ms / 1000)
    if not (0 < seen.width < _MOST_SIDE and 0 < seen.height < _MOST_SIDE):
        raise ValueError("no such picture")
    if not 0 <= seen.seconds < _MOST_S:
        raise ValueError("no such time")
    return seen
