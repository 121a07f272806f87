"""Choosing kiosk, day and time: what is free, and why the rest is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visiohub.booking.appointments import free_times
from visiohub.booking.directory import Directory
from visiohub.domain import hours
from visiohub.domain.model import Service, Venue
from visiohub.storage.uow import UnitOfWork

DAYS_SHOWN = 10
"""Two working weeks, give or take a closed day."""


@dataclass(frozen=True)
class DayChoice:
    """One day of the strip; `free` times, 0 when full or closed."""

    day: date
    open: bool
    free: int


@dataclass(frozen=True)
class TimeChoice:
    """One time of the chosen day; `why` is empty, "past" or "taken"."""

    value: str
    """HH:MM on the venue's clock, as the form sends it."""
    instant: datetime
    why: str = ""


@dataclass(frozen=True)
class Slots:
    """What is to be chosen from."""

    venue: Venue
    service: Service
    day: date
    days: tuple[DayChoice, ...]
    times: tuple[TimeChoice, ...]
    earlier: date | None
    """First day of the strip before this one, unless that is past."""
    later: date


def slots(
    uow: UnitOfWork, service_id: str, kiosk_id: str, day: date | None, now: datetime
) -> Slots:
    """Days from `day` on, and the times of the first of them that has one free."""
    _kiosk, _room, venue = Directory(uow).whereabouts(kiosk_id)
    service = uow.services.get(service_id)
    zone = hours.zone_of(venue.time_zone)
    today = hours.local_day(now, zone)
    latest = today + hours.BOOKABLE_AHEAD
    wanted = min(max(day or today, today), latest)
    week = timedelta(days=DAYS_SHOWN)
    first = today if wanted < today + week else wanted
    strip = []
    for offset in range(DAYS_SHOWN):
        one = first + timedelta(days=offset)
        free = free_times(uow, service_id, kiosk_id, one, now)
        strip.append(DayChoice(one, free.open, len(free.times)))
    shown = wanted if day else next((d.day for d in strip if d.free), wanted)
    return Slots(
        venue=venue,
        service=service,
        day=shown,
        days=tuple(strip),
        times=_times(uow, service, kiosk_id, venue, shown, now),
        earlier=max(today, first - week) if first > today else None,
        later=first + week,
    )


def _times(
    uow: UnitOfWork, service: Service, kiosk_id: str, venue: Venue, day: date, now: datetime
) -> tuple[TimeChoice, ...]:
    zone = hours.zone_of(venue.time_zone)
    free = set(free_times(uow, service.id, kiosk_id, day, now).times)
    step = timedelta(minutes=uow.settings.slot_step_minutes)
    spans = hours.opening_spans(venue.opening, day, zone)
    length = timedelta(minutes=service.duration_minutes)
    all_starts = hours.free_starts(spans, [], length, step, datetime.min.replace(tzinfo=now.tzinfo))
    return tuple(
        TimeChoice(
            instant.astimezone(zone).strftime("%H:%M"),
            instant,
            "" if instant in free else "past" if instant < now else "taken",
        )
        for instant in all_starts
    )
