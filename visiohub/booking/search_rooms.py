"""Rooms near a place, and when each can next be had for an hour by whoever has an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.rooms.free import with_buffers
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.search_places import Near
from visiohub.booking.search_why import WhyNothing, why_no_room
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Room
from visiohub.storage.uow import UnitOfWork

AHEAD = timedelta(weeks=2)
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class FreeRoom:
    """A room, and the next time at which it can be booked; None: not soon."""

    room: Room
    span: Span | None
    """Of an hour, or as near to that as the room is let."""
    now: bool
    """Nobody has it at this moment, and it can be booked from the next start of its grid on."""
    why: WhyNothing | None = None
    """Where there is no such time."""


@dataclass(frozen=True)
class VenueRooms:
    """A venue's rooms."""

    near: Near
    rooms: tuple[FreeRoom, ...]


def free_rooms(uow: UnitOfWork, near: Sequence[Near], now: datetime) -> list[VenueRooms]:
    """In the order given; venues without a room are left out. Four reads, however many."""
    rooms = uow.availability.rooms_at({n.venue.id for n in near})
    places = read_places(uow, [room.id for room in rooms])
    reach = with_buffers(places, now, now + AHEAD)
    taken = uow.availability.taken([p.resource for p in places], *reach)
    opened: dict[str, sp.Spans] = {}
    found: dict[str, list[FreeRoom]] = {}
    for place in places:
        low, high = _looked_at(place, now)
        if place.venue.id not in opened:
            opened[place.venue.id] = place.calendar.venue.spans(place.zone, low, high)
        hours_open = place.calendar.narrowed(opened[place.venue.id], low, high)
        free = _free_room(place, hours_open, taken.get(place.resource, []), now)
        found.setdefault(place.venue.id, []).append(free)
    return [VenueRooms(n, tuple(found[n.venue.id])) for n in near if n.venue.id in found]


def _free_room(place: Place, opened: sp.Spans, taken: Sequence[Span], now: datetime) -> FreeRoom:
    limits = place.limits
    end = now + AHEAD
    others = place.sharing.closed_to(Profile.PROFESSIONAL, now, end, now)
    blocked = sp.union(limits.blocked(taken), others)
    free = sp.subtract(sp.clipped(opened, now, end), blocked)
    begin, last = limits.bookable(now, place.zone)
    for span in sp.slots(opened, free, _length(limits), limits.step, begin):
        if span[0] >= last:
            break
        if not any(hours.shown_twice(edge, place.zone) for edge in span):
            without_a_break = any(since <= now and span[0] < until for since, until in free)
            return FreeRoom(place.room, span, without_a_break and begin == now)
    unheld = sp.subtract(sp.clipped(opened, now, end), limits.blocked(taken))
    slots = sp.slots(opened, unheld, _length(limits), limits.step, begin)
    why = why_no_room(place.calendar, place.sharing, limits, slots, opened, now, end)
    return FreeRoom(place.room, None, now=False, why=why)


def _length(limits: Limits) -> timedelta:
    return max(limits.shortest, min(AN_HOUR, limits.longest or AN_HOUR))


def _looked_at(place: Place, now: datetime) -> Span:
    """From yesterday on, as the grid of starts begins with each opening."""
    yesterday = hours.local_day(now, place.zone) - timedelta(days=1)
    return hours.day_span(yesterday, place.zone)[0], now + AHEAD
