"""Rooms in which nobody came, by a hub that knows since when it was there to be told."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.booking.rooms.no_shows import release, unused
from visiohub.storage.uow import UnitOfWork

LONGEST_BREAK = timedelta(minutes=5)
"""Between two runs, each a minute after the other: after more, the machine slept or hung."""


class Absences:
    """Lives as long as the scheduler; its runs follow one another."""

    def __init__(self, started_at: datetime) -> None:
        self._up_since = self._ran_at = started_at

    def due(self, uow: UnitOfWork, now: datetime) -> list[str]:
        """As no_shows.unused, once a minute."""
        if now - self._ran_at > LONGEST_BREAK:
            self._up_since = now
        self._ran_at = now
        return unused(uow, now, self._up_since)

    def release(self, uow: UnitOfWork, booking_id: str, now: datetime) -> int:
        """As no_shows.release."""
        return release(uow, booking_id, now, self._up_since)
