"""From pictures to RTP payloads: encoders whose rate changes in place, each with its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.rtc.coding import payloads, vpx, x264
from kiosk.rtc.sending.pictures import Order

I420 = NDArray[np.uint8]
"""Shape (height * 3 / 2, width): luma, then the two quarter planes."""


@dataclass(frozen=True)
class CodedPicture:
    """One picture, ready to be sent."""

    payloads: list[bytes]
    whole: bool
    octets: int
    """Of the coded picture, without RTP."""
    width: int
    height: int


class PictureCoder(Protocol):
    """One codec at work; for one thread at a time."""

    def open(self, width: int, height: int, order: Order) -> None:
        """Be ready for a picture of this size: opening takes as long as encoding the first one."""

    def encode(self, i420: I420, order: Order) -> CodedPicture | None:
        """Scale, encode, packetise. None: the encoder dropped it."""

    def close(self) -> None:
        """Its memory goes; nothing is encoded afterwards."""


class Vp8Coder:
    """VP8 by libvpx: one encoder for all sizes up to the camera's."""

    def __init__(self) -> None:
        self._encoder: vpx.Encoder | None = None
        self._picture_id = 0

    def open(self, width: int, height: int, order: Order) -> None:
        """See PictureCoder."""
        self._fitting(width, height, order)

    def encode(self, i420: I420, order: Order) -> CodedPicture | None:
        """See PictureCoder."""
        encoder = self._fitting(i420.shape[1], i420.shape[0] * 2 // 3, order)
        scaled = fit(i420, order.pixels)
        encoder.aim(order.bit_s, order.frames_per_s)
        coded = encoder.encode(scaled, whole=order.whole)
        if coded is None:
            return None
        self._picture_id = self._picture_id + 1 & 0x7FFF
        packed = payloads.vp8(coded.data, self._picture_id, order.payload_octets)
        return _coded(packed, coded, scaled)

    def close(self) -> None:
        """See PictureCoder."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None

    def _fitting(self, width: int, height: int, order: Order) -> vpx.Encoder:
        encoder = self._encoder
        if encoder is None or not encoder.takes(width, height):
            self.close()
            encoder = self._encoder = vpx.Encoder(width, height, order.bit_s)
        return encoder


class H264Coder:
    """H.264 by x264, for peers that have nothing else: an encoder for each size."""

    def __init__(self) -> None:
        self._encoder: x264.Encoder | None = None

    def open(self, width: int, height: int, order: Order) -> None:
        """See PictureCoder."""
        self._fitting(*fitted(width, height, order.pixels), order)

    def encode(self, i420: I420, order: Order) -> CodedPicture | None:
        """See PictureCoder."""
        scaled = fit(i420, order.pixels)
        encoder = self._fitting(scaled.shape[1], scaled.shape[0] * 2 // 3, order)
        encoder.aim(order.bit_s, order.frames_per_s)
        coded = encoder.encode(scaled, whole=order.whole)
        if coded is None:
            return None
        packed = payloads.h264(x264.units(coded.data), order.payload_octets)
        return _coded(packed, coded, scaled)

    def close(self) -> None:
        """See PictureCoder."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None

    def _fitting(self, width: int, height: int, order: Order) -> x264.Encoder:
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            self.close()
            encoder = x264.Encoder(width, height, order.bit_s, order.frames_per_s)
            self._encoder = encoder
        return encoder


CODERS: Mapping[str, Callable[[], PictureCoder]] = {"VP8": Vp8Coder, "H264": H264Coder}
"""By the codec's name in SDP."""


def fitted(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Width and height of about so many pixels at most, the shape kept; never larger."""
    factor = min(1.0, (pixels / (width * height)) ** 0.5)
    if factor > 0.97:
        return width, height
    # whole macroblocks of 16 across spare the encoder padding that nobody sees
    new_width = min(width, max(32, round(width * factor / 16) * 16))
    return new_width, min(height, max(32, round(height * factor / 2) * 2))


def fit(i420: I420, pixels: int) -> I420:
    """The picture scaled down to about so many pixels, see `fitted`."""
    height, width = i420.shape[0] * 2 // 3, i420.shape[1]
    new_width, new_height = fitted(width, height, pixels)
    if (new_width, new_height) == (width, height):
        return i420
    size, half = (new_width, new_height), (new_width // 2, new_height // 2)
    luma = cv2.resize(i420[:height], size, interpolation=cv2.INTER_AREA)
    planes = i420[height:].reshape(2, height // 2, width // 2)
    chroma = [cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in planes]
    out = np.empty((new_height * 3 // 2, new_width), np.uint8)
    out[:new_height] = luma
    out[new_height:] = np.stack(chroma).reshape(new_height // 2, new_width)
    return out


def _coded(packed: list[bytes], coded: vpx.Coded, scaled: I420) -> CodedPicture:
    width, height = scaled.shape[1], scaled.shape[0] * 2 // 3
    return CodedPicture(packed, coded.whole, len(coded.data), width, height)
