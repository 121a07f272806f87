"""Mails about lines: looked for often, so that a failure is told soon, and written rarely."""

from __future__ import annotations

from collections.abc import Callable

from visiohub.booking.lines import alert_mails
from visiohub.bootstrap import Hub
from visiohub.storage.retry import committed


def mail_line_alerts(hub: Hub, _stopped: Callable[[], bool]) -> int:
    """How many mails were written. The look only reads: nobody waits for it."""
    now = hub.clock()
    with hub.reading() as reading:
        if not alert_mails.is_due(reading, now):
            return 0
    within_s = hub.settings.database_busy_timeout_s
    return committed(hub.uow, lambda uow: alert_mails.mail_alerts(uow, now), within_s=within_s)[0]
