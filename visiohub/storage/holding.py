"""Appointments' occupancies follow them: whatever is written of an appointment, they fit it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import inspect
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, Kiosk, Service
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, in_its_place, of_appointment
from visiohub.storage.bookings import limits_of_rooms
from visiohub.storage.occupancies import Occupancies

_WHERE_AND_WHEN = ("kiosk_id", "starts_at", "ends_at")
_WITH_WHOM = ("agent_id", "seat_id")


def hold_what_changed(session: OrmSession, occupancies: Occupancies) -> None:
    """For all appointments that the next flush writes. Raises as Occupancies.move."""
    made, edited, removed = (
        [a for a in entities if isinstance(a, Appointment)]
        for entities in (session.new, session.dirty, session.deleted)
    )
    moved = [a for a in edited if _is_elsewhere(a)]
    handed_over = [a for a in edited if a not in moved and _changed(a, _WITH_WHOM)]
    wanted = [o for a in (*made, *moved) for o in _occupancies(session, a)]
    for a in handed_over:
        wanted += in_its_place(occupancies.of(_owner(a)), _occupancies(session, a))
    owners = [_owner(a) for a in (*moved, *handed_over, *removed)]
    if wanted or owners:
        occupancies.move(wanted, *owners)


def _owner(appointment: Appointment) -> Owner:
    return Owner(OwnerKind.APPOINTMENT, appointment.id)


def _is_elsewhere(appointment: Appointment) -> bool:
    """Or holds its slot otherwise than when it was read. Most steps of its life change nothing of
    it."""
    if _changed(appointment, _WHERE_AND_WHEN):
        return True
    was = inspect(appointment).attrs["state"].history.deleted
    return bool(was) and (was[0] in HOLDS_ITS_SLOT) != (appointment.state in HOLDS_ITS_SLOT)


def _changed(appointment: Appointment, names: Iterable[str]) -> bool:
    attributes = inspect(appointment).attrs
    return any(attributes[name].history.has_changes() for name in names)


def _occupancies(session: OrmSession, appointment: Appointment) -> list[Occupancy]:
    kiosk = session.get(Kiosk, appointment.kiosk_id)
    service = session.get(Service, appointment.service_id)
    if kiosk is None or service is None:
        return []
    room = limits_of_rooms(session, [kiosk.room_id])[kiosk.room_id]
    return of_appointment(appointment, kiosk.room_id, room, service)
