"""A hub's process that empties its outbox: deliver_once.py DATABASE_URL PORT NOW."""

from __future__ import annotations

import sys
from datetime import datetime

from visiohub.bootstrap import Hub
from visiohub.notify.delivery import deliver
from visiohub.settings import Settings

database, port, now = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
settings = Settings(
    database_url=database,
    mail_host="127.0.0.1",
    mail_port=port,
    mail_security="none",
    mail_from="visio@example.fr",
)
hub = Hub(settings, clock=lambda: now)
deliver(hub, lambda: False)
