"""A time that staff ask for: whether service, venue and room allow it, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from visiohub.booking.directory import Directory
from visiohub.booking.opening import RoomOpening, room_openings
from visiohub.booking.search import limits_of
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.closed import (
    ForClosure,
    InSchoolHolidays,
    OnExceptionalDay,
    OnPublicHoliday,
)
from visiohub.domain.calendar.opening import OpeningCalendar
from visiohub.domain.calendar.sharing import NeverOpen, Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Kiosk, Service, Venue
from visiohub.errors import (
    N_,
    ClosedThatDay,
    ClosedThen,
    ClosedWeekday,
    FieldError,
    InThePast,
    InvalidForm,
    KeptForNow,
    KeptForOthers,
    NotOffered,
    NotYetOpen,
    OffGrid,
    OutsideHours,
    ShortNotice,
    TimeDoesNotExist,
    TimeHappensTwice,
    TooFarAhead,
)
from visiohub.storage.uow import UnitOfWork


def offer(uow: UnitOfWork, service_id: str, kiosk_id: str) -> tuple[Service, Kiosk, Venue]:
    """Raises NotFound, NotOffered."""
    service = uow.services.get(service_id)
    kiosk, _, venue = Directory(uow).whereabouts(kiosk_id)
    if not (service.active and kiosk.active and venue.active):
        raise NotOffered("service, kiosk or venue is retired")
    if service.venue_ids and venue.id not in service.venue_ids:
        raise NotOffered(f"service {service.id} is not offered at venue {venue.id}")
    return service, kiosk, venue


def length_of(service: Service, minutes: int | None) -> timedelta:
    """How long the appointment lasts. Raises InvalidForm: the service has no such length."""
    usual = service.duration_minutes
    shortest, longest = service.shortest_minutes or usual, service.longest_minutes or usual
    if minutes is not None and not shortest <= minutes <= longest:
        says = (
            N_("Ce rendez-vous dure toujours {longest} minutes. Choisissez cette durée.")
            if shortest == longest
            else N_(
                "Ce rendez-vous dure de {shortest} à {longest} minutes. Choisissez une durée entre "
                "les deux."
            )
        )
        params: dict[str, object] = {"shortest": shortest, "longest": longest}
        raise InvalidForm([FieldError("duration_minutes", "no_such_length", says, params)])
    return timedelta(minutes=minutes or usual)


def slot(
    uow: UnitOfWork,
    venue: Venue,
    kiosk: Kiosk,
    service: Service,
    day: date,
    at: time,
    length: timedelta,
    now: datetime,
) -> Span:
    """The appointment's time, where the rules of venue, room and service allow it.

    Raises InThePast, TooFarAhead, NotYetOpen, TimeDoesNotExist, TimeHappensTwice, ShortNotice,
    ClosedThatDay, ClosedThen, ClosedWeekday, OutsideHours, OffGrid, KeptForNow, KeptForOthers.
    """
    zone, limits = hours.zone_of(venue.time_zone), limits_of(uow, service)
    today, last_day = hours.local_day(now, zone), limits.last_day(now, zone)
    if day < today:
        raise InThePast(f"{day} is before {today}", field="day")
    if day > today + hours.BOOKABLE_AHEAD:
        raise TooFarAhead(f"{day} is too long after {today}")
    if day > last_day:
        opens_on = f"{day - (last_day - today):%d/%m/%Y}"
        raise NotYetOpen(f"{day}", last_day=f"{last_day:%d/%m/%Y}", opens_on=opens_on)
    try:
        starts_at = hours.to_instant(day, at, zone)
    except hours.LocalTimeMissingError as gap:
        raise TimeDoesNotExist(str(gap), gap_starts=gap.starts, gap_ends=gap.ends) from gap
    if hours.happens_twice(day, at, zone):
        raise TimeHappensTwice(f"{at} is twice on {day} in {zone}")
    ends_at = starts_at + length
    if starts_at < now:
        raise InThePast(f"{starts_at} is before {now}")
    opening = opening_of(uow, venue, kiosk)
    calendar = opening.calendar
    opened = calendar.spans(hours.day_span(day, zone)[0], ends_at)
    if not sp.covers(opened, starts_at, ends_at):
        raise _closed(calendar, venue, day, starts_at)
    if around := hours.starts_around(opened, starts_at, limits.step):
        earlier, later = (f"{start.astimezone(zone):%H:%M}" for start in around)
        raise OffGrid(f"{at:%H:%M} is off the grid of {limits.step}", earlier=earlier, later=later)
    soonest = now + limits.notice
    if starts_at < soonest:
        earliest = _earliest(calendar, limits.step, length, soonest)
        raise ShortNotice(f"{starts_at} is before {soonest}", earliest=earliest)
    _check_sharing(opening, starts_at, ends_at, now)
    return starts_at, ends_at


def opening_of(uow: UnitOfWork, venue: Venue, kiosk: Kiosk) -> RoomOpening:
    """When the kiosk's room is open, and for whom."""
    return room_openings(uow, {venue.id: venue}, {kiosk.room_id: venue.id})[kiosk.room_id]


def _check_sharing(opening: RoomOpening, start: datetime, end: datetime, now: datetime) -> None:
    kept = opening.sharing.why_not(Profile.PUBLIC_SERVICE, start, end, now)
    if isinstance(kept, NeverOpen):
        raise KeptForOthers(f"{start} stays with {kept.first}")
    if kept is not None:
        opens_at = f"{kept.opens_at.astimezone(opening.calendar.zone):%d/%m/%Y %H:%M}"
        raise KeptForNow(f"{start} is for {kept.first} first", opens_at=opens_at)


def _earliest(
    calendar: OpeningCalendar, step: timedelta, length: timedelta, soonest: datetime
) -> str:
    """The first start from then on, as people write it; the notice's end where none is soon."""
    midnight, _ = hours.day_span(hours.local_day(soonest, calendar.zone), calendar.zone)
    opened: Sequence[Span] = calendar.spans(midnight, soonest + timedelta(days=31))
    first = next(sp.slots(opened, opened, length, step, soonest), (soonest, soonest))[0]
    return f"{first.astimezone(calendar.zone):%d/%m/%Y %H:%M}"


def _closed(
    calendar: OpeningCalendar, venue: Venue, day: date, starts_at: datetime
) -> OutsideHours:
    """Why the venue is not open then: all day, or at that hour."""
    that_day = f"venue {venue.id} is closed on {day}"
    all_day = not calendar.spans(*hours.day_span(day, calendar.zone))
    match calendar.why_closed(starts_at):
        case ForClosure(reason=reason) if not all_day:
            return ClosedThen(f"closed at {starts_at}", reason=reason)
        case OnPublicHoliday(name=reason) | ForClosure(reason=reason):
            return ClosedThatDay(that_day, reason=reason)
        case OnExceptionalDay(label=reason) | InSchoolHolidays(name=reason) if all_day:
            return ClosedThatDay(that_day, reason=reason)
        case _ if all_day:
            return ClosedWeekday(that_day, weekday=day.weekday())
    return OutsideHours(f"venue {venue.id} is not open at {starts_at}, or not long enough")
