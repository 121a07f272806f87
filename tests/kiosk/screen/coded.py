"""Far pictures as a kiosk gets them: coded, through RTP payloads, and put together again."""

from __future__ import annotations

import types
from collections.abc import Iterator

import numpy as np

from kiosk.rtc.attach.decoding import Undecoded, joined
from kiosk.rtc.coding import CODERS, PictureCoder, av1
from kiosk.rtc.decoding_screen import Decodable
from kiosk.rtc.sending.pictures import Order

WIDTH, HEIGHT = 640, 360
DESCRIPTOR = {"VP8": 4, "AV1": 0}
"""Octets before VP8's payload that our sender writes (RFC 7741 §4.2); AV1 is assembled."""


def coded(
    codec: str, count: int, *, luma: int, pixels: int = WIDTH * HEIGHT
) -> Iterator[Decodable]:
    """Flat grey pictures of this luminance, the first one whole."""
    coder: PictureCoder = av1.Av1Coder(11) if codec == "AV1" else CODERS[codec]()
    i420 = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    i420[:HEIGHT] = luma
    for number in range(count):
        i420[:HEIGHT, : 16 * number] = luma + 4
        picture = coder.encode(i420, Order(pixels, 400_000, 25, number == 0, 1200, 1.0))
        assert picture is not None
        bare = [payload[DESCRIPTOR[codec] :] for payload in picture.payloads]
        undecoded = Undecoded(types.SimpleNamespace(name=codec), bare, 0)  # type: ignore[arg-type]
        yield Decodable(codec, joined(undecoded), whole=picture.whole)
    coder.close()
