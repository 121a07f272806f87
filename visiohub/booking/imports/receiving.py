"""Who receives a table's appointments: seats of counters are given as when staff book
(booking/receivers.py), line by line in order of time.

Where no permanence is kept for a service nobody is asked for. An agent who is named in the line is
taken at the word of whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.booking.search import limits_of
from visiohub.booking.search_staff import Free, Staff, staff_of
from visiohub.domain.calendar import spans as sp
from visiohub.domain.csv_table import Row
from visiohub.domain.model import Appointment, Service
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Sought:
    """An appointment of the table, for which somebody is sought."""

    row: Row
    appointment: Appointment
    service: Service
    venue_id: str

    @property
    def kept(self) -> tuple[datetime, datetime]:
        """With the service's buffers."""
        return self.service.kept(self.appointment.starts_at, self.appointment.ends_at)


def give_seats(uow: UnitOfWork, sought: Iterable[Sought]) -> Iterator[Row]:
    """Give each appointment the seat that it has from now on, where counters receive; the lines
    that nobody could receive."""
    in_order = sorted(sought, key=lambda one: (one.kept[0], one.row.line))
    services = {one.service.id: one.service for one in in_order}
    offered = {which: _Receivers(uow, service, in_order) for which, service in services.items()}
    until: dict[Resource, datetime] = {}
    """By whom this table has already, up to when."""
    waiting: list[tuple[datetime, frozenset[Resource]]] = []
    """Lines above that have nobody yet: up to when, and who could receive them."""
    for one in in_order:
        receivers = offered[one.service.id]
        begins, over = one.kept
        named = Resource(ResourceKind.AGENT, one.appointment.agent_id or "")
        if one.appointment.agent_id is not None:
            until[named] = max(over, until.get(named, over))
        if not receivers.asked or named in receivers.everybody:
            continue
        able = [r for r in receivers.able(one) if r not in until or until[r] <= begins]
        seat = next((r for r in able if r.kind is ResourceKind.SEAT), None)
        waiting = [(end, others) for end, others in waiting if end > begins]
        rivals = sum(not others.isdisjoint(able) for _, others in waiting)
        if one.appointment.agent_id is None and len(able) <= rivals:
            yield one.row
        elif seat is not None:
            one.appointment.seat_id = seat.id
            until[seat] = over
        elif one.appointment.agent_id is None:
            waiting.append((over, frozenset(able)))


class _Receivers:
    """Agents and seats of one service, from the first to the last of its lines."""

    def __init__(self, uow: UnitOfWork, service: Service, sought: Sequence[Sought]) -> None:
        own = [one for one in sought if one.service.id == service.id]
        self._start = min(one.kept[0] for one in own)
        self._end = max(one.kept[1] for one in own)
        self._service = service
        limits = limits_of(uow, service)
        self._staff: Staff = staff_of(uow, service, self._start, self._end, limits)
        self.everybody = self._staff.resources()
        self.asked = bool(self._staff.permanences)
        held = uow.availability.taken(self.everybody, self._start, self._end)
        self._taken: Free = {one: limits.blocked(spans) for one, spans in held.items()}
        self._free: dict[tuple[str, ...], Mapping[Resource, sp.Spans]] = {}

    def able(self, one: Sought) -> Iterator[Resource]:
        """Who is there from its start to its end, and has nobody that was booked before."""
        serving = self._staff.serving(self._service.id, one.venue_id)
        if serving not in self._free:
            found = self._staff.free(serving, self._taken, self._start, self._end)
            self._free[serving] = found
        wanted = one.appointment.agent_id
        for resource, spans in self._free[serving].items():
            if wanted is not None and resource.kind is not ResourceKind.SEAT:
                continue
            if sp.covers(spans, one.appointment.starts_at, one.appointment.ends_at):
                yield resource
