"""The hub's time, reckoned on this PC's monotonic clock: the PC's own clock may be wrong. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta


class HubClock:
    """`monotonic` in seconds; before the hub said its time, `wall` stands in."""

    def __init__(self, wall: datetime, monotonic: float) -> None:
        self._told, self._at = wall, monotonic

    def told(self, now: datetime, monotonic: float) -> None:
        """The hub's welcome said so."""
        self._told, self._at = now, monotonic

    def at(self, monotonic: float) -> datetime:
        """The hub's time then."""
        return self._told + timedelta(seconds=monotonic - self._at)
