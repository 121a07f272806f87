"""The synthetic camera's picture, and the plain one that stands in for a camera that stopped."""

from __future__ import annotations

from datetime import UTC, datetime

import av
import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import frame_number

I420 = npt.NDArray[np.uint8]

WIDTH, HEIGHT, RATE = 640, 480, 25


class Painter:
    """Paints a moving test picture with the clock and the frame number, for people and machines."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._width, self._height = width, height
        self._backdrop = _backdrop(width, height)

    def paint(self, number: int, clock: float) -> I420:
        """One yuv420p picture; `clock` is in seconds since 1970 (the sync square follows it)."""
        width, height = self._width, self._height
        picture = self._backdrop.copy()
        luma = picture[:height]
        radius = height // 12
        reach = width - 2 * radius
        x = radius + abs((number * 4) % (2 * reach) - reach)
        y = height // 2 + round(height / 8 * np.sin(number / 12))
        cv2.circle(luma, (x, y), radius, frame_number.WHITE, -1, cv2.LINE_AA)
        cv2.circle(luma, (x, y), radius // 2, frame_number.BLACK, -1, cv2.LINE_AA)
        time = datetime.fromtimestamp(clock, UTC).strftime("%H:%M:%S.%f")[:-3]
        _write(luma, time, (width // 8, height // 4), height / 300)
        _write(
            luma, f"n {number % frame_number.MODULUS}", (width // 8, height * 7 // 8), height / 400
        )
        frame_number.draw_sync(luma, clock % 1 < frame_number.SYNC_S)
        frame_number.draw(luma, number)
        return picture


def stopped_picture(width: int = WIDTH, height: int = HEIGHT) -> av.VideoFrame:
    """A grey picture with a crossed-out camera: no words, so no language."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    luma = picture[:height]
    luma[:] = 60
    unit = height // 12
    x, y = width // 2, height // 2
    cv2.rectangle(luma, (x - 2 * unit, y - unit), (x + unit, y + unit), 150, 4)
    lens = np.array([[x + unit, y], [x + 2 * unit, y - unit], [x + 2 * unit, y + unit]], np.int32)
    cv2.polylines(luma, [lens], True, 150, 4)
    cv2.line(luma, (x - 2 * unit, y + 2 * unit), (x + 2 * unit, y - 2 * unit), 230, 6, cv2.LINE_AA)
    return to_frame(picture)


def to_frame(picture: I420) -> av.VideoFrame:
    """A yuv420p array as a frame."""
    return av.VideoFrame.from_ndarray(picture, format="yuv420p")


def _backdrop(width: int, height: int) -> I420:
    picture = np.empty((height * 3 // 2, width), np.uint8)
    picture[:height] = np.linspace(70, 150, width, dtype=np.uint8)
    chroma = picture[height:].reshape(2, -1)
    across = np.linspace(96, 160, width // 2, dtype=np.uint8)
    chroma[0] = np.tile(across, height // 2)
    chroma[1] = np.tile(across[::-1], height // 2)
    planes = chroma.reshape(2, height // 2, width // 2)
    planes[:, height // 2 - round(height / 24) :] = 128  # machine-readable parts have no colour
    planes[:, : round(height / 20), : round(width / 20)] = 128
    return picture


def _write(luma: frame_number.Luma, text: str, at: tuple[int, int], scale: float) -> None:
    cv2.putText(luma, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, frame_number.BLACK, 6)
    cv2.putText(luma, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, frame_number.WHITE, 2)
