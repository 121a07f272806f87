"""When venues and their rooms are open, with all that venues and rooms say of themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from visiohub.domain import hours
from visiohub.domain.booking import PlaceRules, desk_of
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningCalendar, OpeningRules
from visiohub.domain.calendar.school_holidays import SchoolZone
from visiohub.domain.calendar.sharing import Profile, Sharing
from visiohub.domain.model import Venue
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class RoomOpening:
    """When a room is open, for whom its windows are kept, and with which buffers. Its notice and
    lengths are for who books it as a room, not for appointments in it."""

    calendar: OpeningCalendar
    sharing: Sharing
    limits: Limits

    def kept_for_others(self, start: datetime, end: datetime, now: datetime) -> sp.Spans:
        """Times that no appointment may have now: they are professionals' first."""
        return self.sharing.closed_to(Profile.PUBLIC_SERVICE, start, end, now)


def venue_calendar(uow: UnitOfWork, venue: Venue) -> OpeningCalendar:
    """Of one venue."""
    return venue_calendars(uow, [venue])[venue.id]


def venue_calendars(uow: UnitOfWork, venues: Collection[Venue]) -> dict[str, OpeningCalendar]:
    """By id of the venue."""
    rules = _Rules(uow, [v.id for v in venues])
    return {v.id: rules.of_venue(v) for v in venues}


def desk_calendar(uow: UnitOfWork, venue: Venue) -> OpeningCalendar | None:
    """Of the venue's reception desk; None: it is there whenever the venue is open."""
    desk = desk_of(venue.id)
    rules = _Rules(uow, [venue.id, desk])
    calendar = rules.of_room(desk, venue.id, rules.of_venue(venue)).calendar
    return None if calendar.own is None else calendar


def room_openings(
    uow: UnitOfWork, venues: Mapping[str, Venue], room_ids: Mapping[str, str]
) -> dict[str, RoomOpening]:
    """By id of the room; `room_ids` say the venue of each. Two reads, however many rooms."""
    rules = _Rules(uow, [*venues, *room_ids])
    calendars = {venue_id: rules.of_venue(venue) for venue_id, venue in venues.items()}
    return {
        room_id: rules.of_room(room_id, venue_id, calendars[venue_id])
        for room_id, venue_id in room_ids.items()
    }


class _Rules:
    def __init__(self, uow: UnitOfWork, place_ids: Collection[str]) -> None:
        self._kept = uow.place_rules.by_ids(list(place_ids))
        zones = {k.school_zone for k in self._kept.values() if k.school_zone}
        found = uow.school_holidays.by_ids(list(zones)) if zones else {}
        self._zones = {s.id: SchoolZone(s.id, s.breaks) for s in found.values()}

    def of_venue(self, venue: Venue) -> OpeningCalendar:
        kept = self._kept.get(venue.id) or PlaceRules.of_new(venue)
        school = self._zones.get(kept.school_zone)
        rules = replace(kept.rules, weekly=venue.opening, school=school)
        return OpeningCalendar(hours.zone_of(venue.time_zone), rules)

    def of_room(self, room_id: str, venue_id: str, whole: OpeningCalendar) -> RoomOpening:
        layers = [k for k in (self._kept.get(venue_id), self._kept.get(room_id)) if k is not None]
        windows = [window for kept in layers for window in kept.sharing.windows]
        limits = reduce(Limits.narrowed, (kept.limits for kept in layers)) if layers else Limits()
        return RoomOpening(
            replace(whole, own=self._layer(room_id)), Sharing(tuple(windows)), limits
        )

    def _layer(self, room_id: str) -> OpeningRules | None:
        """None: the room is open like its venue, and there is nothing to intersect."""
        kept: PlaceRules | None = self._kept.get(room_id)
        if kept is None:
            return None
        rules = replace(kept.rules, school=self._zones.get(kept.school_zone))
        return None if rules == OpeningRules() else rules
