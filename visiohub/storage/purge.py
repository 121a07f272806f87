"""Bulk erasures of what has been kept long enough; each returns how many rows it touched."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, and_, delete, or_, select, update
from sqlalchemy.orm import Session as OrmSession

from visiohub.storage.tables import (
    appointments,
    attempts,
    audit,
    calls,
    enrolment_codes,
    kiosk_absences,
    metadata,
    occupancies,
    sessions,
)
from visiohub.storage.waiting import waiting_entries


class Purge:
    """Everything older than a given instant, kind by kind."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def contacts(self, ended_before: datetime) -> int:
        """Initials, telephone, e-mail, needs, code, QR of appointments; texts of refusals;
        and what the waiting list has of the same people."""
        a = appointments.c
        bare = {"initials": "", "phone": "", "email": "", "code_hash": "", "token_hash": ""}
        still_there = or_(*(a[name] != "" for name in bare))
        erased = self._run(
            update(appointments)
            .where(a.ends_at < ended_before, still_there)
            .values(**bare, needs=frozenset())
        )
        c = calls.c
        self._run(
            update(calls)
            .where(c.ended_at < ended_before, c.refusal_text != "")
            .values(refusal_text="")
        )
        w = waiting_entries.c
        over = select(a.id).where(a.ends_at < ended_before)
        self._run(
            update(waiting_entries)
            .where(w.appointment_id.in_(over), or_(w.initials != "", w.phone != "", w.email != ""))
            .values(initials="", phone="", email="", needs=frozenset())
        )
        return erased

    def appointments(self, ended_before: datetime) -> int:
        """Whole appointments; their calls stay, without them. What was held then goes, too."""
        self._run(delete(occupancies).where(occupancies.c.ends_at < ended_before))
        return self._run(delete(appointments).where(appointments.c.ends_at < ended_before))

    def calls(self, ended_before: datetime) -> int:
        """Calls, and the absences of kiosks that explain them."""
        self._run(delete(kiosk_absences).where(kiosk_absences.c.ended_at < ended_before))
        return self._run(delete(calls).where(calls.c.ended_at < ended_before))

    def audit(self, before: datetime) -> int:
        """Audit entries."""
        return self._run(delete(audit).where(audit.c.at < before))

    def sessions(self, ended_before: datetime) -> int:
        """Sessions that expired or were revoked."""
        s = sessions.c
        revoked = and_(s.revoked_at.is_not(None), s.revoked_at < ended_before)
        return self._run(delete(sessions).where(or_(s.expires_at < ended_before, revoked)))

    def attempts(self, before: datetime) -> int:
        """Failed tries that no rate limit counts any more."""
        return self._run(delete(attempts).where(attempts.c.at < before))

    def enrolment_codes(self, expired_before: datetime) -> int:
        """Enrolment codes that no longer work."""
        return self._run(
            delete(enrolment_codes).where(enrolment_codes.c.expires_at < expired_before)
        )

    def everything(self) -> None:
        """All rows of all tables."""
        for table in reversed(metadata.sorted_tables):
            self._run(delete(table))

    def _run(self, statement: Delete | Update) -> int:
        result = self._session.execute(statement, execution_options={"synchronize_session": False})
        return cast("CursorResult[Any]", result).rowcount
