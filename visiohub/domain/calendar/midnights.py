"""Local midnights, remembered: the zone is asked once a day for all venues of a territory."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from visiohub.domain import hours

DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def midnight_of(zone: ZoneInfo, day: date) -> datetime | None:
    """The instant at which a day of 24 hours begins; None: the clock changes on this day.

    On a day of 24 hours a local time is the midnight plus itself.
    """
    start, end = hours.day_span(day, zone)
    return start if end - start == DAY else None


@lru_cache(maxsize=64)
def days_between(
    zone: ZoneInfo, first: date, last: date
) -> tuple[tuple[date, int, datetime | None], ...]:
    """(day, weekday, midnight_of) of each day, both ends included."""
    days = (first + n * DAY for n in range((last - first).days + 1))
    return tuple((day, day.weekday(), midnight_of(zone, day)) for day in days)


def after_midnight(at: time) -> timedelta:
    """What a clock shows, as the time since midnight."""
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
