"""What happened in a period, as plain rows: many of them, so no entities are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from visiohub.storage.room_tables import booked_rooms, bookings
from visiohub.storage.tables import appointments, calls


class Happened:
    """Rows that touch the time from `start` to `end`."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def appointments(self, start: datetime, end: datetime) -> Sequence[Any]:
        """kiosk_id, service_id, starts_at, ends_at, state, lost_cause; cancelled ones left out."""
        a = appointments.c
        query = select(a.kiosk_id, a.service_id, a.starts_at, a.ends_at, a.state, a.lost_cause)
        past = (a.starts_at < end, a.ends_at > start, a.state != "cancelled")
        return self._session.execute(query.where(*past)).all()

    def calls(self, start: datetime, end: datetime) -> Sequence[Any]:
        """kiosk_id, connected_at, ended_at of calls that were connected and are over."""
        c = calls.c
        query = select(c.kiosk_id, c.connected_at, c.ended_at)
        return self._session.execute(
            query.where(c.arrived_at < end, c.connected_at < end, c.ended_at > start)
        ).all()

    def bookings(self, start: datetime, end: datetime) -> Sequence[Any]:
        """room_id, starts_at, ends_at, state, visio; cancelled and refused ones left out."""
        b, r = bookings.c, booked_rooms.c
        query = select(r.room_id, b.starts_at, b.ends_at, r.state, b.visio).join_from(
            booked_rooms, bookings, r.booking_id == b.id
        )
        kept = r.state.not_in(["cancelled", "refused"])
        return self._session.execute(query.where(b.starts_at < end, b.ends_at > start, kept)).all()
