"""Times that staff may book: what is offered at a kiosk, and why another time is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from visiohub.booking.directory import Directory
from visiohub.booking.lines.ahead import LinesAhead
from visiohub.booking.lines.fit import USUAL
from visiohub.booking.opening import RoomOpening, room_openings
from visiohub.booking.overrule import away
from visiohub.booking.receivers import receivers
from visiohub.booking.search import limits_of
from visiohub.booking.search_staff import held_by
from visiohub.booking.views import FreeDay, WhyNot
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.closed import (
    Closed,
    ForClosure,
    InSchoolHolidays,
    OnExceptionalDay,
    OnPublicHoliday,
)
from visiohub.domain.calendar.opening import OpeningCalendar
from visiohub.domain.calendar.sharing import NeverOpen, Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Kiosk, Service, Venue
from visiohub.domain.occupancy import Resource, ResourceKind
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
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Wish:
    """What else is known of the appointment for which a time is sought."""

    length: timedelta | None = None
    """None: the service's usual one."""
    agent_id: str | None = None
    despite_calendar: bool = False
    picture: Picture | None = None
    """None: any; times at which only a smaller one goes are told apart."""
    moved: str = ""
    """Id of the appointment that is to be moved, which is not in its own way."""


_ANY = Wish()


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
        says = N_(
            "Ce rendez-vous dure de {shortest} à {longest} minutes. Choisissez une durée entre "
            "les deux."
        )
        params: dict[str, object] = {"shortest": shortest, "longest": longest}
        raise InvalidForm([FieldError("duration_minutes", "no_such_length", says, params)])
    return timedelta(minutes=minutes or usual)


def free_times(
    uow: UnitOfWork, service_id: str, kiosk_id: str, day: date, now: datetime, wish: Wish = _ANY
) -> FreeDay:
    """As `free_days`, of one day."""
    return free_days(uow, service_id, kiosk_id, day, 1, now, wish)[0]


def free_days(
    uow: UnitOfWork,
    service_id: str,
    kiosk_id: str,
    first: date,
    days: int,
    now: datetime,
    wish: Wish = _ANY,
) -> list[FreeDay]:
    """When the service can begin at this kiosk on each of these days: opening hours less what holds
    kiosk, room or the wished agent, and what the venue's line would refuse; apart, when nobody
    could receive.

    Raises NotFound, NotOffered.
    """
    service, kiosk, venue = offer(uow, service_id, kiosk_id)
    zone = hours.zone_of(venue.time_zone)
    limits = limits_of(uow, service)
    length = wish.length or timedelta(minutes=service.duration_minutes)
    spans = [hours.day_span(first + timedelta(days=n), zone) for n in range(days)]
    low, high = spans[0][0], spans[-1][1]
    asked = [Resource(ResourceKind.KIOSK, kiosk.id), Resource(ResourceKind.ROOM, kiosk.room_id)]
    if wish.agent_id:
        asked.append(Resource(ResourceKind.AGENT, wish.agent_id))
    opening = _opening(uow, venue, kiosk)
    in_room = limits.narrowed(opening.limits)
    around = low - in_room.buffer_before, high + in_room.buffer_after
    own = held_by(uow, wish.moved)
    held = uow.availability.taken(asked, *around)
    against: dict[WhyNot, sp.Spans] = {}
    for resource, spans_held in held.items():
        why = WhyNot.AGENT if resource.kind is ResourceKind.AGENT else WhyNot.PLACE
        both = in_room if resource.kind is ResourceKind.ROOM else limits
        others = both.blocked(sp.subtract(spans_held, own.get(resource, ())))
        against[why] = sp.union(against.get(why, []), others)
    if wish.agent_id and not wish.despite_calendar:
        against[WhyNot.AWAY] = away(uow, wish.agent_id, low, high)
    people = None
    if not wish.despite_calendar:
        people = receivers(uow, service, venue.id, low, high, wish.agent_id, wish.moved)
    lines = LinesAhead(uow, [venue.id], now, moved=wish.moved)
    lines.read(low, high)
    against[WhyNot.KEPT] = opening.kept_for_others(low, high, now)
    last_day = limits.last_day(now, zone)

    def of_day(day: date, span: Span) -> FreeDay:
        opened = opening.calendar.spans(*span)
        starts = hours.free_starts(opened, [], length, limits.step, span[0])
        once = [start for start in starts if not hours.shown_twice(start, zone)]
        free = {why: sp.subtract(opened, spans) for why, spans in against.items()}

        def why_not(start: datetime) -> WhyNot | None:
            if start < now:
                return WhyNot.PAST
            if day > last_day:
                return WhyNot.NOT_YET
            if start < now + limits.notice:
                return WhyNot.NOTICE
            end = start + length
            return next(
                (why for why, left in free.items() if not sp.covers(left, start, end)), None
            )

        because = {start: why_not(start) for start in once}
        fitting = [start for start in once if because[start] is None]
        wanted = wish.picture or USUAL
        best = {s: lines.best(venue.id, s, s + length, wanted) for s in fitting}
        goes = [s for s in fitting if best[s] is wanted or (best[s] and wish.picture is None)]
        refused = {s: because[s] or WhyNot.LINE for s in once if s not in goes}
        received = [s for s in goes if people is None or people.anybody(s, s + length)]
        nobody = tuple(s for s in goes if s not in received)
        times = tuple(s for s in received if best[s] is wanted)
        smaller = tuple(s for s in received if best[s] is not wanted)
        return FreeDay(day, venue.time_zone, bool(opened), times, smaller, refused, nobody)

    return [of_day(first + timedelta(days=n), span) for n, span in enumerate(spans)]


def hours_of_day(uow: UnitOfWork, kiosk_id: str, day: date) -> tuple[Sequence[Span], Closed | None]:
    """When the kiosk's room is open on a day of its venue; where it is not at all, why. Raises
    NotFound."""
    kiosk, _, venue = Directory(uow).whereabouts(kiosk_id)
    calendar = _opening(uow, venue, kiosk).calendar
    start, end = hours.day_span(day, calendar.zone)
    opened = calendar.spans(start, end)
    return opened, None if opened else calendar.why_closed(start + (end - start) / 2)


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
    opening = _opening(uow, venue, kiosk)
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


def _opening(uow: UnitOfWork, venue: Venue, kiosk: Kiosk) -> RoomOpening:
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
