"""Who could receive when staff book: permanences, seats and appointments that have nobody yet count
as they do for citizens (search_staff), until somebody says why they do not (overrule).

Where no permanence is kept for a service none counts: its partner's staff know who receives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from visiohub.booking.search import limits_of
from visiohub.booking.search_staff import Held, held_by, staff_of
from visiohub.domain.calendar import spans as sp
from visiohub.domain.model import Service
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Receivers:
    """When each agent or seat is there and has nobody."""

    free: Held

    def anybody(self, start: datetime, end: datetime) -> bool:
        """Whether one of them is, all the time: nobody takes over half-way."""
        return any(sp.covers(spans, start, end) for spans in self.free.values())

    def seat(self, wanted: str | None, start: datetime, end: datetime) -> str | None:
        """Id of a seat that is free then, the wanted one if it is; None: no counter has one, or an
        agent was wished who receives in their own windows."""
        able = [
            one.id
            for one, spans in self.free.items()
            if one.kind is ResourceKind.SEAT and sp.covers(spans, start, end)
        ]
        return wanted if wanted in able else next(iter(able), None)


def receivers(
    uow: UnitOfWork,
    service: Service,
    venue_id: str,
    start: datetime,
    end: datetime,
    agent_id: str | None = None,
    moved: str = "",
) -> Receivers | None:
    """Those who could receive for people at this venue between two instants; None: no permanence
    is kept for the service.

    Of a wished agent when they are there, at the counters if they have no window of their own:
    what they have already the database knows. `moved` is the id of an appointment for which
    another time is sought: it is not in its own way.
    """
    limits = limits_of(uow, service)
    staff = staff_of(uow, service, start, end, limits, moved=moved)
    if not staff.permanences:
        return None
    around = start - limits.buffer_before, end + limits.buffer_after
    own = held_by(uow, moved)
    wished = Resource(ResourceKind.AGENT, agent_id or "")
    held = uow.availability.taken(staff.resources() - {wished}, *around)
    taken = {
        one: limits.blocked(sp.subtract(spans, own.get(one, ()))) for one, spans in held.items()
    }
    free = staff.free(staff.serving(service.id, venue_id), taken, start, end)
    if agent_id is None:
        return Receivers(free)
    if wished in staff.resources():
        return Receivers({wished: free.get(wished, [])})
    return Receivers({one: s for one, s in free.items() if one.kind is ResourceKind.SEAT})
