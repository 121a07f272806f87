"""Reads a convocation's QR from the camera's picture, with OpenCV."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np

CONVOCATION = re.compile(r"^VH1\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{16,100}$")
"""`VH1.<appointment>.<token>`, at most what `present_code` carries."""

Picture = np.ndarray[Any, np.dtype[np.uint8]]


class QrReader:
    """One detector, used from one thread at a time; about 7 ms for a 640x360 picture."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, grey: Picture) -> str | None:
        """The text of the QR in a grey picture, None when there is none to be read."""
        try:
            text, _corners, _straight = self._detector.detectAndDecode(grey)
        except cv2.error:  # degenerate corners; the next picture is another
            return None
        return str(text) or None


def convocation(text: str) -> str | None:
    """The text itself if it is a convocation's, else None."""
    text = text.strip()
    return text if CONVOCATION.match(text) else None
