"""A room as it can be booked: its calendar, limits, sharing and class, from both layers' rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.booking.rooms.refusals import RoomNotOffered, ShownTwice
from visiohub.domain import hours
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningCalendar, OpeningRules
from visiohub.domain.calendar.school_holidays import SchoolZone
from visiohub.domain.calendar.sharing import Profile, Sharing
from visiohub.domain.model import Room, Venue
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.bookings import RoomWithRules
from visiohub.storage.uow import UnitOfWork

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A room with all the rules that count for it."""

    room: Room
    venue: Venue
    calendar: OpeningCalendar
    limits: Limits
    sharing: Sharing
    needs_approval: bool
    room_class: str

    @property
    def zone(self) -> ZoneInfo:
        """Of its venue."""
        return self.calendar.zone

    @property
    def resource(self) -> Resource:
        """In the table of occupancies."""
        return Resource(ResourceKind.ROOM, self.room.id)

    def against(
        self, profile: Profile, start: datetime, end: datetime, now: datetime
    ) -> list[Cause]:
        """Every rule that is against a booking; empty: none. Who has the room is not asked."""
        opened = self.calendar.spans(start - _DAY, end + _DAY)
        found = self.limits.check(start, end, opened, now, self.zone)
        if closed := self.closed_during(opened, start, end):
            found.append(closed)
        if kept := self.sharing.why_not(profile, start, end, now):
            found.append(kept)
        if any(hours.shown_twice(edge, self.zone) for edge in (start, end)):
            found.append(ShownTwice())
        return found

    def closed_during(self, opened: sp.Spans, start: datetime, end: datetime) -> Closed | None:
        """Why a booking does not lie in open hours, which are `opened`; None: it does. It begins
        and ends in them; a lunch break or a night between is no matter, a closure is."""
        for since, until in sp.subtract([(start, end)], opened):
            if since == start or until == end:
                return self.calendar.why_closed(since)
            if shut := self.calendar.closure_between(since, until):
                return shut
        return None


def read_places(uow: UnitOfWork, room_ids: Sequence[str]) -> list[Place]:
    """These rooms in this order. Raises NotFound, RoomNotOffered."""
    found = {one.room.id: one for one in uow.rooms.with_rules(room_ids)}
    for room_id in room_ids:
        if room_id not in found:
            uow.rooms.get(room_id)
    kept = [rules for one in found.values() for rules in (one.of_venue, one.of_room) if rules]
    named = {rules.school_zone for rules in kept if rules.school_zone}
    found_zones = uow.school_holidays.by_ids(list(named)) if named else {}
    zones = {s.id: SchoolZone(s.id, s.breaks) for s in found_zones.values()}
    return [_place(found[room_id], zones) for room_id in room_ids]


def _place(kept: RoomWithRules, zones: dict[str, SchoolZone]) -> Place:
    room, venue, of_venue, of_room = kept
    if not (room.active and venue.active):
        raise RoomNotOffered(f"room {room.id} or its venue is retired", about=room.id)
    whole = of_venue or PlaceRules.of_new(venue)
    own = of_room or PlaceRules(room.id, venue.id, room.id)
    return Place(
        room,
        venue,
        OpeningCalendar(
            hours.zone_of(venue.time_zone),
            replace(whole.rules, weekly=venue.opening, school=zones.get(whole.school_zone)),
            _layer(own, zones),
        ),
        whole.limits.narrowed(own.limits),
        Sharing(whole.sharing.windows + own.sharing.windows),
        whole.needs_approval or own.needs_approval,
        own.room_class,
    )


def _layer(own: PlaceRules, zones: dict[str, SchoolZone]) -> OpeningRules | None:
    """None when the room is open like its venue: nothing to intersect."""
    rules = replace(own.rules, school=zones.get(own.school_zone))
    return None if rules == OpeningRules() else rules
