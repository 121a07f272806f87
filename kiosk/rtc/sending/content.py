"""What the camera sees: a face, which lives by motion, or a page, which must be read. Pure.

A page held to the camera or lying under a document camera has far more fine strokes than a room
with a person in it, and it lies still; a face is never still for seconds. Both signs together
are asked for, and for a while, because a wrong "page" makes a face jerky.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from kiosk.rtc.sending.ladder import Content

Luma = NDArray[np.uint8]

LOOK_EVERY_S = 0.5
"""A look takes about a millisecond; more of them would tell nothing more."""
_STEP = 24
"""Grey levels between neighbours that make a stroke's edge."""
_PAGE_FROM, _FACE_BELOW = 0.11, 0.07
"""Share of the pixels that lie on an edge; between them what was read last stays."""
_MOVED_STEP = 14
"""Grey levels by which a pixel differs from the look before, the light taken out, to have moved."""
_STILL_BELOW = 0.004
"""Share of the pixels that moved: a mouth or an eyelid at arm's length is more."""
_PAGE_AFTER_S, _FACE_AFTER_S = 2.0, 0.5


class ContentReader:
    """Looks at a picture now and then; begins with a face."""

    def __init__(self) -> None:
        self._content: Content = "face"
        self._before: NDArray[np.int16] | None = None
        self._looked_at = float("-inf")
        self._other_since: float | None = None

    @property
    def content(self) -> Content:
        """What was read last."""
        return self._content

    def look(self, luma: Luma, now: float) -> Content:
        """A picture's luma of shape (height, width); most of them are passed over."""
        if now - self._looked_at < LOOK_EVERY_S:
            return self._content
        self._looked_at = now
        # Pixels are taken, not averaged: averaging would wash thin strokes out.
        step = max(1, luma.shape[1] // 320)
        small = luma[::step, ::step].astype(np.int16)
        before, self._before = self._before, small
        if before is None or before.shape != small.shape:
            return self._content
        return self._decide(_edges(small), _moved(before, small) < _STILL_BELOW, now)

    def _decide(self, edges: float, still: bool, now: float) -> Content:
        seen = self._content
        if edges >= _PAGE_FROM and still:
            seen = "page"
        elif edges < _FACE_BELOW or not still:
            seen = "face"
        if seen == self._content:
            self._other_since = None
            return self._content
        if self._other_since is None:
            self._other_since = now
        after = _PAGE_AFTER_S if seen == "page" else _FACE_AFTER_S
        if now - self._other_since >= after:
            self._content = seen
            self._other_since = None
        return self._content


def _edges(small: NDArray[np.int16]) -> float:
    across = np.abs(np.diff(small, axis=1))[:-1] > _STEP
    down = np.abs(np.diff(small, axis=0))[:, :-1] > _STEP
    return cast("float", np.mean(across | down))


def _moved(before: NDArray[np.int16], small: NDArray[np.int16]) -> float:
    difference = small - before
    return cast("float", np.mean(np.abs(difference - np.median(difference)) > _MOVED_STEP))
