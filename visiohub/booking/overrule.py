"""An agent's absences and outside calendar hold staff back until they say why these do not count.

A calendar may be hours old, and the agent sits beside them. What was overruled, by whom and why is
kept in the audit trail.
"""

from __future__ import annotations

from datetime import datetime

from visiohub.domain.calendar import spans as sp
from visiohub.domain.connections import Despite
from visiohub.domain.hours import Span
from visiohub.errors import AgentAway, BusyElsewhere
from visiohub.storage.uow import UnitOfWork


def away(uow: UnitOfWork, agent_id: str, start: datetime, end: datetime) -> sp.Spans:
    """When between two instants absences or the outside calendar are against an appointment."""
    elsewhere = uow.outside_calendars.busy([agent_id], start, end).get(agent_id, [])
    return sp.clipped(sp.merged([*_absent(uow, agent_id, start, end), *elsewhere]), start, end)


def overruled(
    uow: UnitOfWork, agent_id: str | None, start: datetime, end: datetime, despite: Despite | None
) -> dict[str, object]:
    """What is overruled between two instants, for the audit trail: why, and the intervals (ISO
    8601, section 5.5) that are against it; nothing where none is.

    Raises AgentAway, BusyElsewhere where nobody said that it goes.
    """
    against = away(uow, agent_id, start, end) if agent_id else []
    if agent_id is None or not against:
        return {}
    if despite is None:
        refusal = AgentAway if _absent(uow, agent_id, start, end) else BusyElsewhere
        raise refusal(f"calendar of {agent_id} from {start} to {end}")
    return {
        "despite_calendar": str(despite),
        "overruled": [f"{begins.isoformat()}/{over.isoformat()}" for begins, over in against],
    }


def _absent(uow: UnitOfWork, agent_id: str, start: datetime, end: datetime) -> list[Span]:
    return [(a.starts_at, a.ends_at) for a in uow.absences.between([agent_id], start, end)]
