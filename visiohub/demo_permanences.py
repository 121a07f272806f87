"""The demo's permanences: each agent receives by visio on working days, CAF at a counter, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from visiohub.booking import permanences
from visiohub.booking.permanences import PermanenceForm
from visiohub.domain import hours
from visiohub.domain.model import Person, Role, Service
from visiohub.storage.uow import UnitOfWork

_WEEKDAYS = "MO,TU,WE,TH,FR"
_HOURS = ((time(9), time(12)), (time(13, 30), time(16, 30)))


def load(
    uow: UnitOfWork,
    services: Mapping[str, list[Service]],
    persons: Mapping[str, Person],
    now: datetime,
) -> None:
    """For all services that need an appointment, since Monday of this week."""
    by, today = persons["admin"], hours.local_day(now, hours.zone_of(uow.settings.time_zone))
    monday = today - timedelta(days=today.weekday())
    offered = {
        offered[0].partner_id: tuple(s.id for s in offered if not s.walk_in)
        for offered in services.values()
    }
    holders: list[dict[str, object]] = [
        {"partner_id": p.partner_id, "agent_id": p.id}
        for p in persons.values()
        if Role.AGENT in p.roles
    ]
    holders.append({"partner_id": services["caf"][0].partner_id, "name": "Guichet", "seats": 2})
    for holder in holders:
        for opens, closes in _HOURS:
            form = PermanenceForm.model_validate(
                {
                    **holder,
                    "service_ids": offered[str(holder["partner_id"])],
                    "first_day": monday,
                    "opens": opens,
                    "closes": closes,
                    "rule": f"FREQ=WEEKLY;BYDAY={_WEEKDAYS}",
                }
            )
            permanences.add(uow, form, by, now)
