"""What the hub does by itself: forget tries, settle what nobody came to."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.booking.appointments import change_state
from visiohub.domain.appointment import unmet
from visiohub.domain.hours import Span
from visiohub.domain.model import Appointment
from visiohub.storage.uow import UnitOfWork


def forget_tries(uow: UnitOfWork, now: datetime) -> None:
    """Drop expired enrolment codes, and failed tries that are kept no longer."""
    uow.purge.enrolment_codes(now)
    uow.purge.attempts(now - timedelta(days=uow.settings.keep_attempts_days))


def settle_unmet(uow: UnitOfWork, now: datetime) -> int:
    """Appointments that ended, with the grace, without a call: absence, or lost to a fault."""
    grace = timedelta(minutes=uow.settings.no_show_grace_minutes)
    settled = 0
    for appointment in uow.appointments.not_come(now - grace):
        if uow.calls.open(appointment_id=appointment.id):
            continue  # somebody waits still
        state, cause = unmet(
            appointment.starts_at,
            appointment.ends_at,
            arrived=appointment.arrived_at is not None,
            away=_away(uow, appointment, now),
        )
        change_state(uow, appointment, state, "appointment.settle", None, now)
        appointment.lost_cause = cause
        settled += 1
    return settled


def _away(uow: UnitOfWork, appointment: Appointment, now: datetime) -> list[Span]:
    """When the kiosk was not connected; one that was never enrolled was never there."""
    kiosk = uow.kiosks.get(appointment.kiosk_id)
    if kiosk.seen_at is None:
        return [(appointment.starts_at, appointment.ends_at)]
    absences = uow.kiosks.absences(kiosk.id, appointment.starts_at, appointment.ends_at)
    return [(a.began_at, a.ended_at or now) for a in absences]
