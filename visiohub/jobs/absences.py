"""Rooms in which nobody came, by a hub that knows since when it was there to be told."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.rooms.no_shows import A_DAY, LONGEST_BREAK, release, unused
from visiohub.storage.uow import UnitOfWork


class Absences:
    """Lives as long as the scheduler; its runs follow one another."""

    def __init__(self, started_at: datetime) -> None:
        self._up_since = self._ran_at = started_at
        self._read_all_at: datetime | None = None

    def due(self, uow: UnitOfWork, now: datetime) -> list[str]:
        """As no_shows.unused, once a minute; all of it once the hub is back, and once a day. While
        the database answers nothing, the hub is not there: nobody can tell it that they came."""
        if now - self._ran_at > LONGEST_BREAK:
            self._up_since, self._read_all_at = now, None
        whole = self._read_all_at is None or now - self._read_all_at >= A_DAY
        found = unused(uow, now, self._up_since, whole=whole)
        self._ran_at = now
        if whole:
            self._read_all_at = now
        return found

    def release(self, uow: UnitOfWork, booking_id: str, now: datetime) -> int:
        """As no_shows.release."""
        return release(uow, booking_id, now, self._up_since)
