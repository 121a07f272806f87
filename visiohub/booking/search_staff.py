"""Who can receive for a service, and when: permanences less absences and what is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from visiohub.domain.calendar import permanences as per
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.hours import Span
from visiohub.domain.model import Service
from visiohub.domain.occupancy import Owner, OwnerKind, Resource
from visiohub.domain.permanence import Permanence
from visiohub.storage.uow import UnitOfWork

_REACH = timedelta(hours=8)
"""Buffers of two appointments that follow each other are shorter together."""
Held = Mapping[Resource, sp.Spans]
"""When each is taken."""
Free = Mapping[Resource, sp.Spans]
"""When each agent or seat has nobody."""


@dataclass
class Staff:
    """The permanences for one service. Spans are found between two instants at a time."""

    permanences: Sequence[Permanence]
    absences: Mapping[str, sp.Spans]
    """By holder."""
    unassigned: sp.Spans
    """Appointments of the partner that have nobody yet, as far as buffers reach: each will need
    somebody. They may overlap."""
    _rules: dict[str, per.Permanence] = field(init=False)
    _resources: dict[str, tuple[Resource, ...]] = field(init=False)
    """By permanence."""
    _alike: dict[tuple[frozenset[str], frozenset[str]], list[str]] = field(init=False)
    """Ids of those that serve the same services and venues."""
    _held: dict[tuple[object, ...], sp.Spans] = field(init=False)
    """By windows and time: many agents have the same hours."""

    def __post_init__(self) -> None:
        self._rules = {p.id: p.as_rule() for p in self.permanences}
        self._resources = {p.id: p.resources for p in self.permanences}
        self._alike = defaultdict(list)
        for one, rule in self._rules.items():
            self._alike[rule.service_ids, rule.venue_ids].append(one)
        self._held = {}

    def resources(self) -> set[Resource]:
        """All agents and seats."""
        return set(chain.from_iterable(self._resources.values()))

    def serving(self, service_id: str, venue_id: str) -> tuple[str, ...]:
        """Ids of the permanences for people who are at this venue."""
        return tuple(
            one
            for alike in self._alike.values()
            if self._rules[alike[0]].serves(service_id, venue_id)
            for one in alike
        )

    def free(
        self, ids: Sequence[str], taken: Mapping[Resource, sp.Spans], start: datetime, end: datetime
    ) -> dict[Resource, sp.Spans]:
        """When each of those who serve in these permanences is there and has nobody.

        Seats are looked at one by one: two halves of two seats are no whole appointment. While
        as many appointments have nobody yet as there are people free, nothing more is offered.
        """
        there: dict[Resource, list[sp.Spans]] = defaultdict(list)
        serving = set(ids)
        for one, rule in self._rules.items():
            if one in serving:
                spans = self._spans(rule, start, end)
                present = sp.subtract(spans, self.absences.get(rule.holder_id, ()))
                for resource in self._resources[one]:
                    there[resource].append(present)
        free = {r: sp.subtract(sp.union(*s), taken.get(r, ())) for r, s in there.items()}
        if not self.unassigned:
            return free
        keys = {str(n): r for n, r in enumerate(free)}
        levels = {n: [(s, e, 1) for s, e in free[r]] for n, r in keys.items()}
        return {keys[n]: spans for n, spans in per.bookable(levels, self.unassigned).items()}

    def _spans(self, rule: per.Permanence, start: datetime, end: datetime) -> sp.Spans:
        asked = (rule.windows, start, end)
        if asked not in self._held:
            self._held[asked] = rule.spans(start, end)
        return self._held[asked]


def staff_of(
    uow: UnitOfWork,
    service: Service,
    start: datetime,
    end: datetime,
    limits: Limits,
    moved: str = "",
) -> Staff:
    """Everybody who receives for a service between two instants; `limits` are the service's, and
    `moved` is an appointment that leaves its time."""
    kept = uow.permanences.received_in(service.partner_id)
    held = [p for p in kept if service.id in p.service_ids]
    absences: dict[str, list[Span]] = defaultdict(list)
    for absence in uow.absences.between({p.holder_id for p in held}, start, end):
        absences[absence.holder_id].append((absence.starts_at, absence.ends_at))
    agents = {p.agent_id for p in held if p.agent_id is not None}
    for agent_id, busy in uow.outside_calendars.busy(agents, start, end).items():
        absences[agent_id] += busy
    by_others = _served(kept) - _served(held)  # whoever waits for these needs nobody of those held
    services = {
        s.id: s for s in uow.services.list(partner_id=service.partner_id) if s.id not in by_others
    }
    before, after = limits.buffer_before, limits.buffer_after
    waiting = uow.availability.unassigned(list(services), start - _REACH, end + _REACH, moved)
    needed = [services[one].kept(*span) for one, span in waiting]
    return Staff(
        held,
        {holder: sp.merged(spans) for holder, spans in absences.items()},
        sorted((begins - after, ends + before) for begins, ends in needed),
    )


def held_by(uow: UnitOfWork, appointment_id: str) -> Held:
    """What an appointment holds now, of each resource; "": nothing."""
    owner = Owner(OwnerKind.APPOINTMENT, appointment_id)
    held = uow.occupancies.of(owner) if appointment_id else ()
    return {one.resource: [(one.starts_at, one.ends_at)] for one in held}


def _served(permanences: Sequence[Permanence]) -> set[str]:
    """Ids of services."""
    return {service_id for p in permanences for service_id in p.service_ids}
