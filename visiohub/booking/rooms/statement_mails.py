"""The one contact of each organisation gets the statement of the month that is over, once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from visiohub.booking.audit import note
from visiohub.booking.rooms.statements import organisations_charged
from visiohub.domain import hours
from visiohub.domain.tariff.months import Month
from visiohub.notify.mail import is_address
from visiohub.notify.message import Channel
from visiohub.notify.statement_mail import to_content
from visiohub.storage.uow import UnitOfWork

WITHIN_DAYS = 10
"""Of a new month; a hub that was away for longer, or is new, sends no old statements by itself."""


def send_statements(uow: UnitOfWork, now: datetime) -> int:
    """Put last month's statements into the outbox; returns how many. That one was sent is kept in
    the audit trail, which outlives the outbox."""
    today = hours.local_day(now, hours.zone_of(uow.settings.time_zone))
    if today.day > WITHIN_DAYS or not uow.settings.mail_host:
        return 0
    month = Month.of(today.replace(day=1) - timedelta(days=1))
    said: dict[str, object] = {"month": str(month)}
    sent = 0
    for organisation in organisations_charged(uow, month):
        before = uow.audit.list(subject=organisation.id, action="statement.send")
        if any(entry.after == said for entry in before) or not is_address(organisation.email):
            continue
        content = to_content(organisation.id, month)
        message_id = _message_id(organisation.id, month)
        uow.outbox.put(Channel.MAIL, organisation.email, content, now, message_id)
        note(uow, None, now, "statement.send", organisation.id, {}, said)
        sent += 1
    uow.flush()
    return sent


def _message_id(organisation_id: str, month: Month) -> str:
    """Of two hubs that do this at once, the database refuses one."""
    return hashlib.sha256(f"statement {organisation_id} {month}".encode()).hexdigest()
