"""A video frame as JPEG for the page, by OpenCV: about 1 ms for 640x480."""

from __future__ import annotations

import av
import cv2
import numpy as np

FAR_WIDTH = 1280
"""A wider far picture is made this wide: the page shows it smaller anyway."""
SELF_WIDTH = 480
QUALITY = 80


def jpeg(frame: av.VideoFrame, widest: int) -> bytes:
    """The frame as JPEG, at most `widest` pixels wide."""
    if frame.width > widest:
        height = frame.height * widest // frame.width & ~1
        frame = frame.reformat(width=widest, height=height, format="bgr24")
    pixels = frame.to_ndarray(format="bgr24")
    done, octets = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"no JPEG of a {frame.width}x{frame.height} frame")
    return octets.tobytes()


def grey(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The frame's luminance, for reading a QR."""
    return np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)
