"""Is this packet of the stream that is received? Pure.

RFC 3550 appendix A.1: a number far from the last one, or another source, is believed when the
packet after it follows on. So a stray packet moves nothing, and a sender that begins anew is
followed.
"""

from __future__ import annotations

from typing import Literal

MOST_DROPOUT = 3000
MOST_MISORDER = 100
"""Packets ahead, and behind, that are still the same numbering (MAX_DROPOUT, MAX_MISORDER)."""

Standing = Literal["known", "new", "strange"]


class SourceGuard:
    """Follows one stream: its source and its numbering."""

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self._newest = 0
        self._expected: tuple[int, int] | None = None

    def judge(self, ssrc: int, number: int, *, again: bool = False) -> Standing:
        """A packet's source and 16 bit number; `new` when a numbering begins with it.

        `again`: it was sent again. So it may be far behind, and begins nothing.
        """
        if self.ssrc is None:
            return self._begin(ssrc, number)
        ahead = (number - self._newest) & 0xFFFF
        most_behind = MOST_DROPOUT if again else MOST_MISORDER
        if ssrc == self.ssrc and (ahead < MOST_DROPOUT or ahead > 0x10000 - most_behind):
            if ahead < MOST_DROPOUT:
                self._newest = number
            self._expected = None
            return "known"
        if again:
            return "strange"
        if (ssrc, number) == self._expected:
            return self._begin(ssrc, number)
        self._expected = ssrc, (number + 1) & 0xFFFF
        return "strange"

    def _begin(self, ssrc: int, number: int) -> Standing:
        self.ssrc, self._newest, self._expected = ssrc, number, None
        return "new"
