"""What the audit trail is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select

from visiohub.domain.model import AuditEntry
from visiohub.storage.repository import Repository
from visiohub.storage.tables import audit


class Trail(Repository[AuditEntry]):
    """Entries, the newest first."""

    def newest(
        self,
        *,
        subject: str = "",
        person_id: str = "",
        before: tuple[datetime, str] | None = None,
        limit: int,
    ) -> Sequence[AuditEntry]:
        """At most `limit`: of a thing, by a person, after an entry, by its instant and
        its id: of one command many entries bear one instant."""
        query = select(AuditEntry).order_by(audit.c.at.desc(), audit.c.id).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        if person_id:
            query = query.where(audit.c.person_id == person_id)
        if before is not None:
            at, entry_id = before
            same = and_(audit.c.at == at, audit.c.id > entry_id)
            query = query.where(or_(audit.c.at < at, same))
        return self._all(query)
