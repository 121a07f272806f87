"""A video frame as the page draws it: plain I420, which WebCodecs takes as it is.

On loopback octets cost less than a codec: 640x360 as JPEG takes some 3 ms at each end.
"""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from kiosk.screen.frames import plain

FAR_WIDTH = 1280
"""A wider far picture is made this wide: the page shows it smaller anyway."""
SELF_WIDTH = 480


class Packer:
    """For the frames of one source, at most `widest` pixels wide; both sides are made even."""

    def __init__(self, widest: int) -> None:
        self._widest = widest
        self._scaler = VideoReformatter()

    def pack(self, frame: av.VideoFrame) -> bytes:
        """As frames.py says."""
        width = min(frame.width, self._widest) & ~1
        height = frame.height * width // frame.width & ~1
        if (width, height, "yuv420p") != (frame.width, frame.height, frame.format.name):
            # one thread: on a busy PC waiting for helpers takes 20 ms, the work itself 0.2 ms
            frame = self._scaler.reformat(
                frame, width=width, height=height, format="yuv420p", threads=1
            )
        return plain(width, height, frame.to_ndarray().tobytes())


def grey(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The frame's luminance, for reading a QR."""
    return np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)
