"""Late assignment: an appointment gets its agent when it is known who receives."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking import announce, appointments
from visiohub.booking.audit import note
from visiohub.booking.directory import Directory
from visiohub.booking.overrule import overruled
from visiohub.booking.receivers import receivers
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.connections import Despite
from visiohub.domain.model import Appointment, Person
from visiohub.errors import EditedMeanwhile, WrongState
from visiohub.storage.uow import UnitOfWork


def assign(
    uow: UnitOfWork,
    appointment_id: str,
    agent_id: str | None,
    version: int,
    by: Person,
    now: datetime,
    *,
    despite_calendar: Despite | None = None,
) -> Appointment:
    """Give it to an agent; None: to whoever is free first. Its seat is the counter's again where
    the agent has windows of their own for the service; who has none receives at the counter.

    Raises EditedMeanwhile, WrongState, InvalidForm (an agent of another partner), AgentBusy,
    CounterFull, and for an agent as overrule.overruled.
    """
    appointment = uow.appointments.get(appointment_id)
    if appointment.version != version:
        raise EditedMeanwhile(f"version {version} was read, {appointment.version} is kept")
    if appointment.state not in HOLDS_ITS_SLOT:
        raise WrongState(f"is {appointment.state}")
    service = uow.services.get(appointment.service_id)
    appointments.check_agent(uow, agent_id, service)
    _, _, venue = Directory(uow).whereabouts(appointment.kiosk_id)
    span = appointment.starts_at, appointment.ends_at
    people = receivers(uow, service, venue.id, *span, agent_id, moved=appointment.id)
    before, was_with = appointments.facts(appointment), appointment.agent_id
    appointment.agent_id = agent_id
    appointment.seat_id = people.seat(appointment.seat_id, *span) if people else None
    appointment.version += 1
    uow.flush()  # what is taken is said first: no reason helps there
    despite = overruled(uow, agent_id, *span, despite_calendar, people) if agent_id else {}
    after = {**appointments.facts(appointment), **despite}
    note(uow, by, now, "appointment.assign", appointment.id, before, after)
    appointments.tell(uow, appointment)
    announce.of_assignment(uow, appointment, was_with, now)
    return appointment
