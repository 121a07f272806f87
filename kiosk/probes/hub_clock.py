"""The hub's time, reckoned on this PC's monotonic clock: the PC's own clock may be wrong. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class HubClock:
    """`monotonic` in seconds; before the hub said its time, `wall` stands in."""

    def __init__(self, wall: datetime, monotonic: float) -> None:
        self._told, self._at = wall, monotonic
        self._zone: tzinfo = UTC

    def told(self, now: datetime, monotonic: float) -> None:
        """The hub's welcome said so."""
        self._told, self._at = now, monotonic

    def stands_in(self, time_zone: str) -> None:
        """The venue's zone, whose midnight begins the day; UTC where this PC does not know it."""
        try:
            self._zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = UTC

    def local(self, monotonic: float) -> datetime:
        """The venue's time then."""
        return self.at(monotonic).astimezone(self._zone)

    def at(self, monotonic: float) -> datetime:
        """The hub's time then."""
        return self._told + timedelta(seconds=monotonic - self._at)
