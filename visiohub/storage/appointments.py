"""Appointments, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment
from visiohub.storage import tables
from visiohub.storage.repository import Repository


class Appointments(Repository[Appointment]):
    """Appointments by time."""

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        kiosk_ids: Sequence[str] | None = None,
        service_ids: Sequence[str] | None = None,
    ) -> Sequence[Appointment]:
        """Those that touch the time from `start` to `end`, in order of time."""
        a = tables.appointments.c
        query = select(Appointment).where(a.starts_at < end, a.ends_at > start)
        if kiosk_ids is not None:
            query = query.where(a.kiosk_id.in_(kiosk_ids))
        if service_ids is not None:
            query = query.where(a.service_id.in_(service_ids))
        return self._all(query.order_by(a.starts_at, a.id))

    def not_come(self, before: datetime) -> Sequence[Appointment]:
        """Those still expected although they ended before `before`."""
        a = tables.appointments.c
        return self._all(
            select(Appointment).where(
                a.ends_at <= before, a.state.in_(["booked", "confirmed", "arrived"])
            )
        )

    def of_agent(self, agent_id: str, start: datetime, end: datetime) -> Sequence[Appointment]:
        """An agent's that touch the time from `start` to `end`, in order of time."""
        a = tables.appointments.c
        query = select(Appointment).where(
            a.agent_id == agent_id, a.starts_at < end, a.ends_at > start
        )
        return self._all(query.order_by(a.starts_at, a.id))

    def at_counters(self, service_ids: Sequence[str], now: datetime) -> Sequence[Appointment]:
        """Those to come for these services that have a seat, or nobody yet, in order of time."""
        a = tables.appointments.c
        return self._all(
            select(Appointment)
            .where(
                a.service_id.in_(service_ids),
                a.ends_at > now,
                a.state.in_(HOLDS_ITS_SLOT),
                or_(a.seat_id.is_not(None), a.agent_id.is_(None)),
            )
            .order_by(a.starts_at, a.id)
        )

    def to_remind(self, after: datetime, until: datetime) -> Sequence[Appointment]:
        """Those that begin in this time, still expected, whose citizen can be written to."""
        a = tables.appointments.c
        return self._all(
            select(Appointment).where(
                a.starts_at > after,
                a.starts_at <= until,
                a.state.in_(["booked", "confirmed"]),
                or_(a.email != "", a.phone != ""),
            )
        )

    def has_coming(self, now: datetime, *, kiosk_ids: Sequence[str]) -> bool:
        """Does anything to come hold one of these kiosks?"""
        a = tables.appointments.c
        return self._exists(a.kiosk_id.in_(kiosk_ids), now)

    def has_coming_for(self, now: datetime, *, service_ids: Sequence[str]) -> bool:
        """Is anything to come for one of these services?"""
        return self._exists(tables.appointments.c.service_id.in_(service_ids), now)

    def _exists(self, condition: object, now: datetime) -> bool:
        a = tables.appointments.c
        query = select(func.count()).where(
            condition,  # type: ignore[arg-type]  # a column condition
            a.ends_at > now,
            a.state.in_([s.value for s in HOLDS_ITS_SLOT]),
        )
        return bool(self._session.scalar(query))
