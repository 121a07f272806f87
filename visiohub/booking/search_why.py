"""Why nothing is free at a place, and when that may change: what a search found nothing at says.

What is closed by a rule alone comes first, since it opens some day; then what is never open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from visiohub.booking.opening import RoomOpening, room_openings
from visiohub.booking.search import AHEAD, first_free, limits_of
from visiohub.booking.search_places import Near
from visiohub.booking.search_staff import Staff, staff_of
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.closed import ForClosure
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningCalendar
from visiohub.domain.calendar.sharing import NeverOpen, Profile, Sharing
from visiohub.domain.hours import Span
from visiohub.domain.model import Service
from visiohub.errors import N_
from visiohub.storage.uow import UnitOfWork

_LOOKED_AT = 100
"""Slots that nobody has, of which one may be about to open."""
_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class AllTaken(Cause):
    """It is open, and others have all of it."""

    until: date
    code = "all_taken"
    says = N_("Toutes les heures ouvertes sont prises jusqu’au {until}.")


@dataclass(frozen=True)
class LaterDays(Cause):
    """Free only beyond the horizon: `day` can be booked from `opens_on` on."""

    last_day: date
    day: date
    opens_on: date
    code = "later_days"
    says = N_("Rien de libre jusqu’au {last_day}. Pour le {day}, revenez le {opens_on}.")


@dataclass(frozen=True)
class NotSoSoon(Cause):
    """The notice reaches beyond all that was looked at."""

    earliest: date
    code = "not_so_soon"
    says = N_("À réserver longtemps à l’avance : pas avant le {earliest}.")


@dataclass(frozen=True)
class NoHours(Cause):
    """No opening hours at all."""

    until: date
    code = "no_hours"
    says = N_("Aucune heure d’ouverture jusqu’au {until}.")


@dataclass(frozen=True)
class NoneLongEnough(Cause):
    """Open, but never `shortest` without a break."""

    shortest: timedelta
    code = "none_long_enough"
    says = N_("Aucune ouverture ne dure {shortest} d’affilée.")


@dataclass(frozen=True)
class KeptForOthers(Cause):
    """What nobody has stays with another profile."""

    code = "kept_for_others"
    says = N_("Les heures encore libres sont gardées pour d’autres.")


@dataclass(frozen=True)
class NotReceivedHere(Cause):
    """The service is not offered at the venue, which has no kiosk or nobody who receives there."""

    code = "not_received_here"
    says = N_("Ce service ne reçoit pas dans ce lieu.")


@dataclass(frozen=True)
class NobodySoon(Cause):
    """No permanence, or an absence, as far as the search looks and further."""

    until: date
    code = "nobody_soon"
    says = N_("Personne ne reçoit pour ce service ici jusqu’au {until}.")


@dataclass(frozen=True)
class NobodyBefore(Cause):
    """The next permanence is on `day`."""

    day: date
    code = "nobody_before"
    says = N_("Personne ne reçoit pour ce service ici avant le {day}.")


@dataclass(frozen=True)
class WhyNothing:
    """The cause, and the time that it closes; None: all that was looked at."""

    cause: Cause
    span: Span | None = None


def why_no_room(
    calendar: OpeningCalendar,
    sharing: Sharing,
    limits: Limits,
    free: Iterable[Span],
    opened: sp.Spans,
    now: datetime,
    end: datetime,
) -> WhyNothing:
    """Of a room that professionals cannot have before `end`. `free` are the slots that nobody has
    from its notice on, `opened` its hours."""
    ruled = _ruled_out(free, limits, sharing, Profile.PROFESSIONAL, now, calendar.zone)
    if ruled:
        return min(ruled, key=_never)
    last_day = hours.local_day(end, calendar.zone)
    opened = sp.clipped(opened, now, end)
    if not opened:
        closure = _longest_closure(calendar, now, end)
        return WhyNothing(closure or NoHours(last_day))
    if now + limits.notice >= end:
        return WhyNothing(NotSoSoon(hours.local_day(now + limits.notice, calendar.zone)))
    if all(until - since < limits.shortest for since, until in opened):
        return WhyNothing(NoneLongEnough(limits.shortest))
    return WhyNothing(AllTaken(last_day))


def why_no_slot(
    uow: UnitOfWork, service: Service, near: Sequence[Near], now: datetime
) -> dict[str, WhyNothing]:
    """By id of the venue, of those where first_free finds nothing as far ahead as it looks."""
    if not near:
        return {}
    end = now + AHEAD
    limits = limits_of(uow, service)
    staff = replace(staff_of(uow, service, now, end, limits), unassigned=[])
    venues = {one.venue.id: one.venue for one in near}
    kiosks = uow.availability.kiosks_at(venues.keys())
    openings = room_openings(uow, venues, {k.room_id: k.venue_id for k in kiosks})
    rooms = {k.kiosk_id: openings[k.room_id] for k in kiosks}
    freed = {
        found.near.venue.id: found.slots
        for found in first_free(uow, service, near, now, end, now, _LOOKED_AT, despite_rules=True)
    }

    def why(venue_id: str) -> WhyNothing:
        if venue_id not in freed:
            return WhyNothing(NotReceivedHere())
        zone = hours.zone_of(venues[venue_id].time_zone)
        ruled = []
        for slot in freed[venue_id]:
            sharing = rooms[slot.kiosk_id].sharing
            span = slot.starts_at, slot.ends_at
            ruled += _ruled_out([span], limits, sharing, Profile.PUBLIC_SERVICE, now, zone)
        if ruled:
            return min(ruled, key=_never)
        here = [openings[k.room_id] for k in kiosks if k.venue_id == venue_id]
        serving = staff.serving(service.id, venue_id)
        return _why_nobody(staff, serving, here, service, now, end)

    return {venue_id: why(venue_id) for venue_id in venues}


def _why_nobody(
    staff: Staff,
    serving: Sequence[str],
    openings: Sequence[RoomOpening],
    service: Service,
    now: datetime,
    end: datetime,
) -> WhyNothing:
    """People and open hours do not meet, or others have all of it."""
    zone = openings[0].calendar.zone
    last_day = hours.local_day(end, zone)
    earliest = now + timedelta(minutes=service.notice_minutes)
    if earliest >= end:
        return WhyNothing(NotSoSoon(hours.local_day(earliest, zone)))
    people = sp.union(*staff.free(serving, {}, earliest, end).values())
    if not people:
        later = [p for p in staff.permanences if p.id in serving]
        coming = sp.union(*(p.recurrence().spans(end, end + _YEAR) for p in later))
        if not coming:
            return WhyNothing(NobodySoon(last_day))
        return WhyNothing(NobodyBefore(hours.local_day(coming[0][0], zone)))
    opened = sp.union(*(one.calendar.spans(now, end) for one in openings))
    length = timedelta(minutes=service.duration_minutes)
    if any(until - since >= length for since, until in sp.intersect(people, opened)):
        return WhyNothing(AllTaken(last_day))
    for span in sp.subtract(people, opened):
        cause = openings[0].calendar.why_closed(span[0])
        if cause is not None:
            return WhyNothing(cause, None if isinstance(cause, ForClosure) else span)
    return WhyNothing(NoneLongEnough(length))


def _ruled_out(
    slots: Iterable[Span],
    limits: Limits,
    sharing: Sharing,
    profile: Profile,
    now: datetime,
    zone: ZoneInfo,
) -> list[WhyNothing]:
    """Of slots that nobody has those that a rule closes, up to the first that will open."""
    today, last_day = hours.local_day(now, zone), limits.last_day(now, zone)
    found = []
    for span in islice(slots, _LOOKED_AT):
        kept = sharing.why_not(profile, *span, now)
        day = hours.local_day(span[0], zone)
        if isinstance(kept, NeverOpen):
            found.append(WhyNothing(KeptForOthers()))
        elif kept is not None:
            found.append(WhyNothing(kept, span))
        elif day > last_day:
            found.append(WhyNothing(LaterDays(last_day, day, today + (day - last_day))))
        if found and not _never(found[-1]):
            break
    return found


def _never(one: WhyNothing) -> bool:
    """What opens some day is said before what does not."""
    return isinstance(one.cause, KeptForOthers)


def _longest_closure(calendar: OpeningCalendar, now: datetime, end: datetime) -> Cause | None:
    layers = [layer for layer in (calendar.venue, calendar.own) if layer is not None]
    shut = [(span, layer) for layer in layers for span in sp.clipped(layer.closed, now, end)]
    if not shut:
        return None
    span, layer = max(shut, key=lambda one: one[0][1] - one[0][0])
    return layer.why_closed(calendar.zone, span[0])
