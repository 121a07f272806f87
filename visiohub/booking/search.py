"""First free slots: kiosk, its room, and an agent or a counter's seat, while the venue is open.

Nothing found here is promised: what is booked meanwhile is refused by the database.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from visiohub.booking.lines.ahead import LinesAhead
from visiohub.booking.opening import RoomOpening, room_openings
from visiohub.booking.search_places import Near
from visiohub.booking.search_staff import Staff, held_by, staff_of
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.model import Appointment, Service
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork

AHEAD = timedelta(weeks=8)
"""How far a search looks."""
_LOOKS = (timedelta(days=3), timedelta(days=10), timedelta(weeks=4), AHEAD)
"""Most venues have something within days: what comes later is read for the others alone."""
_NO_ROOMS: Mapping[Resource, Limits] = MappingProxyType({})


@dataclass(frozen=True, order=True)
class FreeSlot:
    """A service can begin here; instants, UTC."""

    starts_at: datetime
    ends_at: datetime
    kiosk_id: str


@dataclass(frozen=True)
class VenueSlots:
    """A venue and its first free slots, in order; none: nothing in the time looked at."""

    near: Near
    slots: tuple[FreeSlot, ...]


@dataclass(frozen=True)
class _Kiosk:
    """A kiosk while it is searched, and what an appointment there takes of the place."""

    id: str
    place: tuple[Resource, Resource]
    """Itself and its room."""
    opening: RoomOpening
    limits: Limits
    """Of the service and of the room together."""


@dataclass
class _Place:
    """A venue while it is searched."""

    near: Near
    kiosks: Sequence[_Kiosk]
    serving: tuple[str, ...]
    found: list[FreeSlot] = field(default_factory=list)


@dataclass(frozen=True)
class _People:
    """Those who serve some places, alike for all of these."""

    each: Sequence[sp.Spans]
    """When each of them has nobody."""
    somebody: sp.Spans
    """When at least one has."""

    @classmethod
    def of(cls, free: Iterable[sp.Spans]) -> _People:
        each = [spans for spans in free if spans]
        return cls(each, sp.union(*each))


def limits_of(uow: UnitOfWork, service: Service) -> Limits:
    """How soon, how far, how long, with which buffers and on which starts it may be booked."""
    usual = service.duration_minutes
    return Limits(
        notice=timedelta(minutes=service.notice_minutes),
        horizon_days=service.horizon_days,
        buffer_before=timedelta(minutes=service.buffer_before_minutes),
        buffer_after=timedelta(minutes=service.buffer_after_minutes),
        shortest=timedelta(minutes=service.shortest_minutes or usual),
        longest=timedelta(minutes=service.longest_minutes or usual),
        step=timedelta(minutes=uow.settings.slot_step_minutes),
    )


def first_free(
    uow: UnitOfWork,
    service: Service,
    near: Sequence[Near],
    start: datetime,
    end: datetime,
    now: datetime,
    each: int,
    moved: Appointment | None = None,
    *,
    despite_rules: bool = False,
    despite_line: bool = False,
) -> list[VenueSlots]:
    """The first slots of a service that begin from `start` up to `end`, at most `each` a venue; for
    an appointment that is to be `moved`, as long as it is, and it is not in its own way.
    `despite_rules`: with those, too, that only the horizon or a window kept for others closes;
    `despite_line`: with those, too, that only a line would refuse, for who asks it next.

    Venues come in the order given, those without a kiosk or where nobody receives for the service
    left out, as are starts that the clock shows twice and those that a line would refuse. However
    many venues: two reads for the places, five for the people, one for the lines, and for all that
    is taken one in each of at most four looks ahead, three where lines were measured.
    """
    search = _Search(uow, service, max(start, now), end, now, moved, despite_rules=despite_rules)
    places = search.places(near)
    asked = [] if despite_line else [p.near.venue.id for p in places]
    lines = LinesAhead(uow, asked, now, moved=search.moved_id)
    bounds = [search.start, *(search.start + look for look in _LOOKS), end]
    for begins, ends in pairwise(sorted({min(b, end) for b in bounds})):
        search.look([p for p in places if len(p.found) < each], begins, ends, each, lines)
    return [VenueSlots(p.near, tuple(p.found)) for p in places]


def holders_at(
    uow: UnitOfWork,
    service: Service,
    near: Near,
    slot: FreeSlot,
    now: datetime,
    moved: Appointment | None = None,
) -> list[Resource]:
    """Who could receive during this slot: seats of counters first, whose agent is found late.
    `moved` as of first_free."""
    search = _Search(uow, service, slot.starts_at, slot.ends_at, now, moved)
    place = next(iter(search.places([near])), None)
    if place is None:
        return []
    taken = search.taken(search.staff.resources(), slot.starts_at, slot.ends_at)
    free = search.staff.free(place.serving, taken, slot.starts_at, slot.ends_at)
    able = [r for r, spans in free.items() if sp.covers(spans, slot.starts_at, slot.ends_at)]
    return sorted(able, key=lambda r: (r.kind is not ResourceKind.SEAT, r.id))


class _Search:
    """One question, whatever the number of places."""

    def __init__(
        self,
        uow: UnitOfWork,
        service: Service,
        start: datetime,
        end: datetime,
        now: datetime,
        moved: Appointment | None,
        *,
        despite_rules: bool = False,
    ) -> None:
        self.uow = uow
        self.service = service
        self.despite_rules = despite_rules
        self.limits = limits_of(uow, service)
        if despite_rules:
            self.limits = replace(self.limits, horizon_days=None)
        usual = timedelta(minutes=service.duration_minutes)
        self.duration = moved.ends_at - moved.starts_at if moved else usual
        self.moved_id = moved.id if moved else ""
        self.own = held_by(uow, self.moved_id)
        self.start = max(start, now + self.limits.notice)
        self.now = now
        over = end + self.duration
        self.staff: Staff = staff_of(uow, service, start, over, self.limits, self.moved_id)

    def places(self, near: Sequence[Near]) -> list[_Place]:
        """The venues that have a kiosk and somebody who receives, and may offer the service."""
        offered = [
            n for n in near if not self.service.venue_ids or n.venue.id in self.service.venue_ids
        ]
        serving = {n.venue.id: self.staff.serving(self.service.id, n.venue.id) for n in offered}
        served = {n.venue.id: n.venue for n in offered if serving[n.venue.id]}
        found = self.uow.availability.kiosks_at(served.keys())
        openings = room_openings(self.uow, served, {k.room_id: k.venue_id for k in found})
        both = {one: self.limits.narrowed(one) for one in {o.limits for o in openings.values()}}
        at: dict[str, list[_Kiosk]] = defaultdict(list)
        for venue_id, kiosk_id, room_id in found:
            place = Resource(ResourceKind.KIOSK, kiosk_id), Resource(ResourceKind.ROOM, room_id)
            opening = openings[room_id]
            at[venue_id].append(_Kiosk(kiosk_id, place, opening, both[opening.limits]))
        return [_Place(n, at[n.venue.id], serving[n.venue.id]) for n in offered if n.venue.id in at]

    def look(
        self,
        places: Sequence[_Place],
        begins: datetime,
        ends: datetime,
        each: int,
        lines: LinesAhead,
    ) -> None:
        """Add what begins between two instants to each place, up to `each`."""
        if not places or begins >= ends:
            return
        over = ends + self.duration
        resources = self.staff.resources()
        rooms: dict[Resource, Limits] = {}
        for kiosk in (kiosk for place in places for kiosk in place.kiosks):
            resources.update(kiosk.place)
            rooms[kiosk.place[1]] = kiosk.limits
        taken = self.taken(resources, begins, over, rooms)
        lines.read(begins, over)
        groups: dict[tuple[str, ...], _People] = {}
        for place in places:
            if place.serving not in groups:
                free = self.staff.free(place.serving, taken, begins, over)
                groups[place.serving] = _People.of(free.values())
            found = self._slots(place, groups[place.serving], taken, begins, over)
            for slot in found:
                if slot.starts_at >= ends or len(place.found) >= each:
                    break
                if place.found and place.found[-1].starts_at == slot.starts_at:
                    continue
                venue = place.near.venue
                if hours.shown_twice(slot.starts_at, hours.zone_of(venue.time_zone)):
                    continue
                if not lines.refuses(venue.id, slot.starts_at, slot.ends_at):
                    place.found.append(slot)

    def taken(
        self,
        resources: Collection[Resource],
        begins: datetime,
        over: datetime,
        rooms: Mapping[Resource, Limits] = _NO_ROOMS,
    ) -> Mapping[Resource, sp.Spans]:
        """Where no appointment may lie: what others hold, as far as the service's buffers reach; of
        the `rooms`, those of service and room together."""
        both = [self.limits, *rooms.values()]
        low = begins - max(limits.buffer_before for limits in both)
        high = over + max(limits.buffer_after for limits in both)
        found = self.uow.availability.taken(resources, low, high)
        for resource in found.keys() & self.own.keys():
            found[resource] = sp.subtract(found[resource], self.own[resource])
        if low == begins and high == over:
            return found
        return {
            resource: rooms.get(resource, self.limits).blocked(spans)
            for resource, spans in found.items()
        }

    def _slots(
        self,
        place: _Place,
        people: _People,
        taken: Mapping[Resource, sp.Spans],
        begins: datetime,
        over: datetime,
    ) -> Iterator[FreeSlot]:
        """Of all kiosks, in order of time; the same start once for each kiosk."""
        # the grid of starts begins with the opening, which may lie before `begins`
        first = place.kiosks[0].opening.calendar
        midnight, _ = hours.day_span(hours.local_day(begins, first.zone), first.zone)
        opened = first.venue.spans(first.zone, midnight, over)
        _, last = self.limits.bookable(self.now, first.zone)
        bookable = sp.clipped(opened, begins, min(over, last))
        somebody = sp.intersect(bookable, people.somebody)

        def at(kiosk: _Kiosk) -> Iterator[FreeSlot]:
            grid = kiosk.opening.calendar.narrowed(opened, midnight, over)
            held = [taken.get(resource, ()) for resource in kiosk.place]
            others = []
            if not self.despite_rules:
                others = kiosk.opening.kept_for_others(begins, over, self.now)
            free = sp.subtract(sp.intersect(somebody, grid), sp.union(*held, others))
            for start, end in sp.slots_of_one(
                grid, free, people.each, self.duration, self.limits.step, self.start
            ):
                yield FreeSlot(start, end, kiosk.id)

        return heapq.merge(*(at(kiosk) for kiosk in place.kiosks))
