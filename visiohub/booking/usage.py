"""What the equipment was used for, by venue, room, kiosk or week (domain/usage.py defines it)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from visiohub.booking.agenda import FAULTS
from visiohub.booking.journeys import office_of, rates_of
from visiohub.booking.opening import room_openings
from visiohub.domain import hours
from visiohub.domain.booking import RoomState
from visiohub.domain.hours import Span
from visiohub.domain.model import AppointmentState, Kiosk, Room, Venue
from visiohub.domain.travel import travel_saved
from visiohub.domain.usage import Times, Use, total, use_of
from visiohub.storage.uow import UnitOfWork

_WEEK = timedelta(days=7)


class By(StrEnum):
    """What a line of figures is about."""

    VENUE = "venue"
    ROOM = "room"
    KIOSK = "kiosk"
    WEEK = "week"


@dataclass(frozen=True)
class UseLine:
    """Figures of one venue, room, kiosk, or week (by its Monday)."""

    name: str
    place: str
    """Where it is; empty for a venue and a week."""
    monday: date | None
    use: Use


@dataclass(frozen=True)
class UseReport:
    """All lines, and the territory as a whole: of rooms, as kiosks stand in them."""

    lines: tuple[UseLine, ...]
    whole: Use


@dataclass
class _Unit:
    """A room, or a kiosk in it: what happened there, and counts by instant."""

    venue: Venue
    room: Room
    kiosk: Kiosk | None
    open: list[Span]
    reserved: list[Span] = field(default_factory=list)
    calls: list[Span] = field(default_factory=list)
    came: list[Span] = field(default_factory=list)
    counted: list[tuple[datetime, Use]] = field(default_factory=list)

    def use(self, start: datetime, end: datetime) -> Use:
        times = use_of(Times(self.open, self.reserved, self.calls, self.came), start, end)
        counts = total(use for at, use in self.counted if start <= at < end)
        return times + counts


def use_report(
    uow: UnitOfWork, by: By, start: datetime, end: datetime, now: datetime, venue_id: str = ""
) -> UseReport:
    """The past part of a period. Equipment that is in service today; of one venue, or of all."""
    until = max(start, min(end, now))
    rooms, kiosks = _units(uow, start, until, venue_id)
    _fill(uow, rooms, kiosks, start, until)
    units = list(rooms.values())
    match by:
        case By.VENUE:
            lines = _by_venue(units, start, until)
        case By.ROOM:
            lines = _each(units, start, until, lambda unit: unit.room.name)
        case By.KIOSK:
            named = list(kiosks.values())
            lines = _each(named, start, until, lambda unit: unit.kiosk.name if unit.kiosk else "")
        case By.WEEK:
            lines = _by_week(units, start, until, uow.settings.time_zone)
    return UseReport(tuple(lines), total(unit.use(start, until) for unit in units))


def _units(
    uow: UnitOfWork, start: datetime, until: datetime, venue_id: str
) -> tuple[dict[str, _Unit], dict[str, _Unit]]:
    venues = {v.id: v for v in uow.venues.list(active=True) if venue_id in {"", v.id}}
    rooms = [r for r in uow.rooms.list(active=True) if r.venue_id in venues]
    opened = room_openings(uow, venues, {r.id: r.venue_id for r in rooms})
    units = {
        r.id: _Unit(venues[r.venue_id], r, None, opened[r.id].calendar.spans(start, until))
        for r in rooms
    }
    kiosks = {
        k.id: replace(units[k.room_id], kiosk=k, reserved=[], calls=[], came=[], counted=[])
        for k in uow.kiosks.list(active=True)
        if k.room_id in units
    }
    return units, kiosks


def _fill(
    uow: UnitOfWork,
    rooms: dict[str, _Unit],
    kiosks: dict[str, _Unit],
    start: datetime,
    until: datetime,
) -> None:
    journeys = _Journeys(uow)
    for row in uow.happened.appointments(start, until):
        for unit in _both(rooms, kiosks, row.kiosk_id):
            unit.reserved.append((row.starts_at, row.ends_at))
            use = Use(
                appointments=1,
                no_shows=int(row.state is AppointmentState.NO_SHOW),
                lost_to_fault=int(row.state is AppointmentState.LOST and row.lost_cause in FAULTS),
            )
            if row.state is AppointmentState.DONE:
                use += journeys.saved(unit.venue, row.service_id)
            unit.counted.append((row.starts_at, use))
    for row in uow.happened.calls(start, until):
        for unit in _both(rooms, kiosks, row.kiosk_id):
            unit.calls.append((row.connected_at, row.ended_at))
            unit.counted.append((row.connected_at, Use(calls=1)))
    released = timedelta(minutes=uow.settings.room_release_minutes)
    for row in uow.happened.bookings(start, until):
        if row.room_id in rooms:
            unit, missed = rooms[row.room_id], row.state is RoomState.NO_SHOW
            ends_at = min(row.ends_at, row.starts_at + released) if missed else row.ends_at
            unit.reserved.append((row.starts_at, ends_at))
            if row.state is RoomState.CHECKED_IN:
                unit.came.append((row.starts_at, row.ends_at))
            unit.counted.append((row.starts_at, Use(bookings=1, no_shows=int(missed))))


def _both(rooms: dict[str, _Unit], kiosks: dict[str, _Unit], kiosk_id: str) -> Iterator[_Unit]:
    if kiosk_id in kiosks:
        yield kiosks[kiosk_id]
        yield rooms[kiosks[kiosk_id].room.id]


class _Journeys:
    """What one appointment saves: there and back, for one person, from venue to office."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._rates = rates_of(uow)
        partners = {p.id: p for p in uow.partners.list()}
        self._office = {s.id: office_of(partners[s.partner_id]) for s in uow.services.list()}
        self._known: dict[tuple[str, str], Use] = {}

    def saved(self, venue: Venue, service_id: str) -> Use:
        key = (venue.id, service_id)
        if key not in self._known:
            office = self._office[service_id]
            self._known[key] = (
                Use(journeys_unknown=1) if office is None else self._of(venue, office)
            )
        return self._known[key]

    def _of(self, venue: Venue, office: tuple[float, float]) -> Use:
        here = (venue.latitude, venue.longitude)
        saved = travel_saved(here, office, 1, Decimal(0), self._rates)
        return Use(journeys=1, km=saved.km, eur=saved.eur, kg_co2=saved.kg_co2)


def _by_venue(units: list[_Unit], start: datetime, until: datetime) -> list[UseLine]:
    by_venue: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_venue[unit.venue.id].append(unit)
    lines = [
        UseLine(of[0].venue.name, of[0].venue.town, None, total(u.use(start, until) for u in of))
        for of in by_venue.values()
    ]
    return sorted(lines, key=lambda line: (line.place, line.name))


def _each(
    units: list[_Unit], start: datetime, until: datetime, name: Callable[[_Unit], str]
) -> list[UseLine]:
    lines = [UseLine(name(u), u.venue.name, None, u.use(start, until)) for u in units]
    return sorted(lines, key=lambda line: (line.place, line.name))


def _by_week(units: list[_Unit], start: datetime, until: datetime, time_zone: str) -> list[UseLine]:
    """Weeks of the territory's clock; the first and the last may be cut by the period."""
    zone = hours.zone_of(time_zone)
    first = hours.local_day(start, zone)
    monday = first - timedelta(days=first.weekday())
    lines = []
    while (begins := hours.day_span(monday, zone)[0]) < until:
        span = max(start, begins), min(until, hours.day_span(monday + _WEEK, zone)[0])
        lines.append(UseLine("", "", monday, total(unit.use(*span) for unit in units)))
        monday += _WEEK
    return lines
