"""The audit trail: who changed what, when; never with data about citizens."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.announce import to_webhooks
from visiohub.booking.secrets import new_id
from visiohub.domain.model import AuditEntry, Person
from visiohub.storage.uow import UnitOfWork


def note(
    uow: UnitOfWork,
    by: Person | None,
    now: datetime,
    action: str,
    subject: str,
    before: dict[str, object],
    after: dict[str, object],
    entry_id: str = "",
) -> None:
    """Write one entry; of `before` and `after` only what differs is kept. `by` None: the hub.
    `entry_id` is told by what may be asked for twice. Webhooks are told the same."""
    keys = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    entry = AuditEntry(
        id=entry_id or new_id(),
        at=now,
        person_id=by.id if by else None,
        action=action,
        subject=subject,
        before={k: v for k, v in before.items() if k in keys},
        after={k: v for k, v in after.items() if k in keys},
    )
    uow.audit.add(entry)
    to_webhooks(uow, entry)
