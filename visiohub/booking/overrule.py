"""Absences, an outside calendar and permanences hold staff back until they say why these do not
count.

A calendar may be hours old, and the agent sits beside them. What was overruled, by whom and why is
kept in the audit trail.
"""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.receivers import Receivers
from visiohub.domain.calendar import spans as sp
from visiohub.domain.connections import Despite
from visiohub.domain.hours import Span
from visiohub.errors import AgentAway, AgentOffDuty, BusyElsewhere, NobodyFree, VisiohubError
from visiohub.storage.uow import UnitOfWork


def away(uow: UnitOfWork, agent_id: str, start: datetime, end: datetime) -> sp.Spans:
    """When between two instants absences or the outside calendar are against an appointment."""
    elsewhere = uow.outside_calendars.busy([agent_id], start, end).get(agent_id, [])
    return sp.clipped(sp.merged([*_absent(uow, agent_id, start, end), *elsewhere]), start, end)


def overruled(
    uow: UnitOfWork,
    agent_id: str | None,
    start: datetime,
    end: datetime,
    despite: Despite | None,
    people: Receivers | None = None,
) -> dict[str, object]:
    """What is overruled between two instants, for the audit trail: why, and the intervals (ISO
    8601, section 5.5) that are against it; nothing where none is. `people` None: permanences are
    not asked.

    Raises AgentAway, BusyElsewhere, AgentOffDuty, NobodyFree where nobody said that it goes.
    """
    against = away(uow, agent_id, start, end) if agent_id else []
    received = people is None or people.anybody(start, end)
    if received and not against:
        return {}
    if despite is None:
        raise _refusal(uow, agent_id, start, end, away=bool(against))
    intervals = against if received else [(start, end)]
    return {
        "despite_calendar": str(despite),
        "overruled": [f"{begins.isoformat()}/{over.isoformat()}" for begins, over in intervals],
    }


def _refusal(
    uow: UnitOfWork, agent_id: str | None, start: datetime, end: datetime, *, away: bool
) -> VisiohubError:
    then = f"from {start} to {end}"
    if agent_id is None:
        return NobodyFree(f"nobody receives or has nobody {then}")
    if not away:
        return AgentOffDuty(f"{agent_id} {then}")
    refusal = AgentAway if _absent(uow, agent_id, start, end) else BusyElsewhere
    return refusal(f"calendar of {agent_id} {then}")


def _absent(uow: UnitOfWork, agent_id: str, start: datetime, end: datetime) -> list[Span]:
    return [(a.starts_at, a.ends_at) for a in uow.absences.between([agent_id], start, end)]
