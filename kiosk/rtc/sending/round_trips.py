"""The round trip that the far end's reports measure (RFC 3550 §6.4.1), each by itself. Pure.

aiortc measures by the wall's clock, which is set at times, says a mean of half a minute, and knows
the newest of our reports alone: on a long way that is seldom the one that is answered.
"""

from __future__ import annotations

_MOST_KEPT = 32
"""Of our reports, about a second apart."""


class ReportedTrips:
    """Remembers when reports of one stream left; `now` in seconds of a clock that is never set."""

    def __init__(self) -> None:
        self._left: dict[int, float] = {}

    def left(self, ntp_timestamp: int, now: float) -> None:
        """A sender report of ours leaves with this NTP time (64 bits)."""
        name = ntp_timestamp >> 16 & 0xFFFFFFFF
        # while no media is sent it stays the same: the far end answers the newest that it has
        self._left.pop(name, None)
        self._left[name] = now
        while len(self._left) > _MOST_KEPT:
            del self._left[next(iter(self._left))]

    def answered(self, lsr: int, dlsr: int, now: float) -> float | None:
        """Seconds, by a report with these two fields; None when it answers none of ours."""
        at = self._left.get(lsr)
        if at is None or not dlsr:
            return None
        seconds = now - at - dlsr / 65536
        return seconds if seconds >= 0 else None
