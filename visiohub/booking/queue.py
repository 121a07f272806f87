"""Who waits for a partner, and who is there to receive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from visiohub.booking.directory import Directory
from visiohub.domain.model import Appointment, Call, Person, Role
from visiohub.domain.waiting import Estimate, Queued, estimate


class PartnerQueue:
    """One partner's open calls and agents, as they are now; `told` have a page open."""

    def __init__(self, directory: Directory, partner_id: str, told: frozenset[str]) -> None:
        uow = directory.uow
        self._directory = directory
        self.agents: Sequence[Person] = [
            p for p in uow.persons.list(partner_id=partner_id, active=True) if Role.AGENT in p.roles
        ]
        self._told = [p for p in self.agents if p.id in told]
        services = {s.id for s in uow.services.list(partner_id=partner_id)}
        self._open = [c for c in uow.calls.open() if c.service_id in services]
        self._appointments = uow.appointments.by_ids([c.appointment_id for c in self._open])

    def receiving(self, appointment: Appointment | None) -> Sequence[Person]:
        """Told agents who would take this: the named one first, or those open to walk-ins."""
        if appointment is None:
            return [p for p in self._told if p.receives_walk_ins]
        named = [p for p in self._told if p.id == appointment.agent_id]
        return named or self._told

    def estimate(self, mine: Queued, appointment: Appointment | None, now: datetime) -> Estimate:
        """Place and wait of `mine`, whether it waits already or only asks."""
        waiting = [c for c in self._open if c.state == "waiting" and c.id != mine.call_id]
        others = [self.queued(c, self._appointments.get(c.appointment_id or "")) for c in waiting]
        agents = self.receiving(appointment)
        return estimate(mine, others, [self._free_at(p, now) for p in agents], now)

    def queued(self, call: Call, appointment: Appointment | None) -> Queued:
        """The call as the waiting rules see it."""
        service, _ = self._directory.service(call.service_id)
        return Queued(
            call_id=call.id,
            arrived_at=call.arrived_at,
            duration=timedelta(minutes=service.duration_minutes),
            starts_at=appointment.starts_at if appointment else None,
        )

    def _free_at(self, person: Person, now: datetime) -> datetime:
        ends = [
            self._planned_end(c)
            for c in self._open
            if c.person_id == person.id and c.state != "waiting"
        ]
        return max(ends, default=now)

    def _planned_end(self, call: Call) -> datetime:
        service, _ = self._directory.service(call.service_id)
        begun = call.admitted_at or call.arrived_at
        return call.until or begun + timedelta(minutes=service.duration_minutes)
