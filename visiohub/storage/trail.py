"""What the audit trail is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

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
        before: datetime | None = None,
        limit: int,
    ) -> Sequence[AuditEntry]:
        """At most `limit`: of a thing, by a person, older than an instant."""
        query = select(AuditEntry).order_by(audit.c.at.desc(), audit.c.id).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        if person_id:
            query = query.where(audit.c.person_id == person_id)
        if before is not None:
            query = query.where(audit.c.at < before)
        return self._all(query)
