"""An agent who receives no longer: retired, erased, or of another partner from now on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from visiohub.booking import appointments, permanences
from visiohub.booking.audit import note
from visiohub.booking.seating import seat_anew
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import AppointmentState, Person
from visiohub.storage.uow import UnitOfWork


def stop_receiving(uow: UnitOfWork, agent: Person, by: Person | None, now: datetime) -> None:
    """Their permanences end, and what they were to receive is a counter's or anybody's; a call
    under way stays theirs."""
    for permanence in uow.permanences.list(agent_id=agent.id, active=True):
        was = permanences.facts(permanence)
        permanence.active = False
        permanence.version += 1
        note(uow, by, now, "permanence.end", permanence.id, was, permanences.facts(permanence))
    for appointment in uow.appointments.list(agent_id=agent.id):
        held = appointment.state in HOLDS_ITS_SLOT - {AppointmentState.IN_CALL}
        if held and appointment.ends_at > now:
            before = appointments.facts(appointment)
            appointment.agent_id = None
            appointment.version += 1
            after = appointments.facts(appointment)
            note(uow, by, now, "appointment.assign", appointment.id, before, after)
            appointments.tell(uow, appointment)
    for entry in uow.waiting_list.open():
        if entry.offer is not None and entry.offer.agent_id == agent.id:
            entry.offer = replace(entry.offer, agent_id=None)
    uow.flush()
    if agent.partner_id is not None:
        seat_anew(uow, agent.partner_id, by, now)
