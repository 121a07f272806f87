"""What was booked before a place was closed, and lies in its closures: to be moved or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from visiohub.booking.rooms.rules import place_rules
from visiohub.booking.rooms.scope import check_manages
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.model import Person
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True, order=True)
class ShutOver:
    """A booked room (`is_room`) or an appointment, by its id."""

    starts_at: datetime
    id: str
    is_room: bool


def shut_over(uow: UnitOfWork, place_id: str, by: Person, now: datetime) -> list[ShutOver]:
    """Those to come that touch a closure or the closed hours of an exceptional day of this venue or
    room, in order of time; of a desk none, as its rooms stay open. Raises NotFound, NotAllowed."""
    place = place_rules(uow, place_id)
    check_manages(by, place.venue_id)
    zone = hours.zone_of(uow.venues.get(place.venue_id).time_zone)
    closed = (
        []
        if place.is_desk
        else sp.clipped(_closed(place.rules, zone), now, now + hours.BOOKABLE_AHEAD)
    )
    if not closed:
        return []
    reach = closed[0][0], closed[-1][1]
    kiosks = [
        k.id
        for k in uow.kiosks.at_venue(place.venue_id)
        if place.is_venue or k.room_id == place.room_id
    ]
    found = [
        (booking.starts_at, booking.ends_at, ShutOver(booking.starts_at, room.id, is_room=True))
        for room, booking in uow.booked_rooms.between(*reach, [place.venue_id])
        if room.state in HOLDS_ITS_ROOM and (place.is_venue or room.room_id == place.room_id)
    ]
    found += (
        (one.starts_at, one.ends_at, ShutOver(one.starts_at, one.id, is_room=False))
        for one in uow.appointments.between(*reach, kiosk_ids=kiosks)
        if one.state in HOLDS_ITS_SLOT
    )
    return sorted(one for start, end, one in found if sp.clipped(closed, start, end))


def _closed(rules: OpeningRules, zone: ZoneInfo) -> sp.Spans:
    days = [hours.day_span(one.day, zone) for one in rules.exceptions]
    open_then = [span for day in days for span in rules.spans(zone, *day)]
    return sp.union(rules.closed, sp.subtract(sp.merged(days), sp.merged(open_then)))
