"""Rooms near a place, and when each can next be had for an hour by whoever has an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.opening import room_openings
from visiohub.booking.search_places import Near
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Room
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork

AHEAD = timedelta(weeks=2)
AN_HOUR = timedelta(hours=1)
_STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class VenueRooms:
    """A venue's rooms, each with the next hour in which it is free; None: not soon."""

    near: Near
    rooms: tuple[tuple[Room, Span | None], ...]


def free_rooms(uow: UnitOfWork, near: Sequence[Near], now: datetime) -> list[VenueRooms]:
    """In the order given; venues without a room are left out. Three reads, however many."""
    venues = {n.venue.id: n.venue for n in near}
    rooms = uow.availability.rooms_at(venues)
    openings = room_openings(uow, venues, {r.id: r.venue_id for r in rooms})
    end = now + AHEAD
    taken = uow.availability.taken([Resource(ResourceKind.ROOM, r.id) for r in rooms], now, end)
    found: dict[str, list[tuple[Room, Span | None]]] = {}
    for room in rooms:
        opening = openings[room.id]
        zone = opening.calendar.zone
        midnight, _ = hours.day_span(hours.local_day(now, zone), zone)
        opened = opening.calendar.spans(midnight, end)  # the grid begins with each opening
        others = opening.sharing.closed_to(Profile.PROFESSIONAL, now, end, now)
        held = taken.get(Resource(ResourceKind.ROOM, room.id), [])
        free = sp.subtract(sp.clipped(opened, now, end), sp.union(held, others))
        first = next(sp.slots(opened, free, AN_HOUR, _STEP, now), None)
        found.setdefault(room.venue_id, []).append((room, first))
    return [VenueRooms(n, tuple(found[n.venue.id])) for n in near if n.venue.id in found]
