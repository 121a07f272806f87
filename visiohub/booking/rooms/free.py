"""When rooms are free: common times of several, the parts of one room's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile

from visiohub.booking.rooms.against import lines_ahead
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.rooms.prices import prices_of
from visiohub.booking.rooms.scope import account
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.hours import Span
from visiohub.domain.model import Person
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class DayParts:
    """What the units of the tariff are on one day in one room; None: it is closed then."""

    morning: Span | None
    afternoon: Span | None
    day: Span | None


def common_free(
    uow: UnitOfWork,
    room_ids: Sequence[str],
    membership_id: str,
    duration: timedelta,
    start: datetime,
    end: datetime,
    by: Person,
    now: datetime,
    most: int = 50,
    step: timedelta | None = None,
    *,
    visio: bool = False,
    moved: str = "",
) -> list[Span]:
    """The first `most` times of a duration at which all these rooms can be booked, in order.

    They begin on every room's own grid, each `step` of it (None: the first room's), and at no hour
    that the clock shows twice; with a `visio` when the lines carry it, but for what the booking
    `moved` takes of them.
    Raises NotFound, NotAllowed, RoomNotOffered.
    """
    membership = account(uow, membership_id, by, room_ids)
    places = read_places(uow, room_ids)
    opened = _opened(places, start, end)
    taken = uow.availability.taken([p.resource for p in places], *with_buffers(places, start, end))
    resources = []
    for place in places:
        kept = taken.get(place.resource, [])
        closed = place.sharing.closed_to(membership.books_as, start, end, now)
        resources.append((opened[place.room.id], sp.union(place.limits.blocked(kept), closed)))
    free = sp.common_free(resources)
    first = places[0]
    if not all(p.limits.allows(duration) for p in places):
        return []
    bookable = [p.limits.bookable(now, p.zone) for p in places]
    begin, last = max(start, *(b for b, _ in bookable)), min(e for _, e in bookable)
    slots = sp.slots(opened[first.room.id], free, duration, step or first.limits.step, begin)
    lines = lines_ahead(uow, places, [(start, end + duration)], now, moved) if visio else None
    fitting = (
        span
        for span in takewhile(lambda span: span[0] < last, slots)
        if all(p.limits.on_grid(span[0], opened[p.room.id]) for p in places)
        and not any(hours.shown_twice(edge, first.zone) for edge in span)
        and not (lines and any(lines.refuses(p.venue.id, *span) for p in places))
    )
    return list(islice(fitting, most))


def day_parts(uow: UnitOfWork, room_id: str, day: date) -> DayParts:
    """From the first opening to the last closing, cut at the tariff's midday. What is taken is
    not asked. Raises NotFound, RoomNotOffered, NotSold."""
    return parts_of(uow, read_places(uow, [room_id])[0], day)


def parts_of(uow: UnitOfWork, place: Place, day: date) -> DayParts:
    """As `day_parts`."""
    start, end = hours.day_span(day, place.zone)
    midday = hours.edge_instant(day, prices_of(uow, place.venue.id).grid.midday, place.zone)
    opened = place.calendar.spans(start, end)
    morning, afternoon = (
        _whole(sp.clipped(opened, *part)) for part in ((start, midday), (midday, end))
    )
    return DayParts(morning, afternoon, _whole(opened))


def stay_of(place: Place, first: date, days: int) -> Span | None:
    """So many days of a room, from the first opening up to the last closing; None: it is closed on
    the first of them."""
    opened = place.calendar.spans(
        hours.day_span(first, place.zone)[0],
        hours.day_span(first + timedelta(days=days), place.zone)[0],
    )
    if not opened or hours.local_day(opened[0][0], place.zone) != first:
        return None
    return _whole(opened)


def _whole(opened: sp.Spans) -> Span | None:
    return (opened[0][0], opened[-1][1]) if opened else None


def _opened(places: Sequence[Place], start: datetime, end: datetime) -> dict[str, sp.Spans]:
    """From the day before, as each grid begins with an opening. Of each venue found once."""
    low = start - timedelta(days=1)
    venues = {p.venue.id: p.calendar.venue.spans(p.zone, low, end) for p in places}
    return {p.room.id: p.calendar.narrowed(venues[p.venue.id], low, end) for p in places}


def with_buffers(places: Sequence[Place], start: datetime, end: datetime) -> Span:
    """What is held in it is near enough to meet a buffer of a booking from `start` to `end`."""
    none = timedelta()
    return (
        start - max((p.limits.buffer_before for p in places), default=none),
        end + max((p.limits.buffer_after for p in places), default=none),
    )
