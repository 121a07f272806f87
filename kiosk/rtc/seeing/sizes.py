"""How large a far picture may be. Pure."""

from __future__ import annotations

from kiosk.rtc.av1.picture_size import PictureSizes

MOST_PIXELS = 2560 * 1440
"""VP8 can name 268 million, for which a decoder takes a gigabyte before it looks further; AV1, 16
times as many."""

_START = b"\x9d\x01\x2a"
_SIDE = 0x3FFF


class TooLarge(Exception):  # noqa: N818 - named after what happened, like its siblings
    """A picture says that it has more pixels than any camera here."""

    code = "picture_too_large"


def check_vp8(picture: bytes) -> None:
    """Raise TooLarge for a whole VP8 picture beyond MOST_PIXELS (RFC 6386 §9.1)."""
    if len(picture) < 10 or picture[0] & 1 or picture[3:6] != _START:
        return
    width = int.from_bytes(picture[6:8], "little") & _SIDE
    height = int.from_bytes(picture[8:10], "little") & _SIDE
    _check(width, height)


def check_av1(temporal_unit: bytes, stream: PictureSizes, *, whole: bool) -> None:
    """Raise TooLarge where a decoder would make room for a picture beyond MOST_PIXELS.

    Units of a stream in order; `whole` as in PictureSizes.

    Raises:
        Malformed: it is no temporal unit, or a header does not tell.
    """
    for width, height in stream.of(temporal_unit, whole=whole):
        _check(width, height)


def _check(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise TooLarge(f"a picture of {width}x{height}")
