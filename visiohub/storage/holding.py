"""Appointments' occupancies follow them: whatever is written of an appointment, they fit it."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, Kiosk, Service
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, of_appointment
from visiohub.storage.occupancies import Occupancies

_WHERE_AND_WHEN = ("kiosk_id", "agent_id", "seat_id", "starts_at", "ends_at")


def hold_what_changed(session: OrmSession, occupancies: Occupancies) -> None:
    """For all appointments that the next flush writes. Raises as Occupancies.move."""
    made, edited, removed = (
        [a for a in entities if isinstance(a, Appointment)]
        for entities in (session.new, session.dirty, session.deleted)
    )
    edited = [a for a in edited if _holds_otherwise(a)]
    wanted = [o for a in (*made, *edited) for o in _occupancies(session, a)]
    owners = [Owner(OwnerKind.APPOINTMENT, a.id) for a in (*edited, *removed)]
    if wanted or owners:
        occupancies.move(wanted, *owners)


def _holds_otherwise(appointment: Appointment) -> bool:
    """Since it was read. Most steps of its life change nothing of it."""
    attributes = inspect(appointment).attrs
    if any(attributes[name].history.has_changes() for name in _WHERE_AND_WHEN):
        return True
    was = attributes["state"].history.deleted
    return bool(was) and (was[0] in HOLDS_ITS_SLOT) != (appointment.state in HOLDS_ITS_SLOT)


def _occupancies(session: OrmSession, appointment: Appointment) -> list[Occupancy]:
    kiosk = session.get(Kiosk, appointment.kiosk_id)
    service = session.get(Service, appointment.service_id)
    if kiosk is None or service is None:
        return []
    return of_appointment(appointment, kiosk.room_id, service)
