"""Tables and questions of what technicians order of lines, and of which alerts they were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, select

from visiohub.domain.line import LineAlert
from visiohub.domain.line_orders import (
    LineAlertMail,
    LineModem,
    LineSpeed,
    Snmp,
    SpeedState,
)
from visiohub.storage.columns import Id, enum, foreign, id_, metadata, text, when
from visiohub.storage.line_tables import Leveled, line_alerts
from visiohub.storage.repository import Repository

line_modems = Table(
    "line_modems",
    metadata,
    Column("id", Id, foreign("lines.id", ondelete="CASCADE"), primary_key=True),
    text("host", 253),
    Column("port", Integer, nullable=False),
    Column("snmp", enum(Snmp), nullable=False),
    text("user", 32),
    text("authentication", 10),
    text("privacy", 10),
    Column("sealed", String(1000), nullable=False),
    Column("version", Integer, nullable=False),
    text("trouble", 20),
    when("trouble_at"),
)
line_speeds = Table(
    "line_speeds",
    metadata,
    id_(),
    Column("line_id", Id, foreign("lines.id", ondelete="CASCADE"), nullable=False),
    Column("kiosk_id", Id, foreign("kiosks.id", ondelete="CASCADE")),
    Column("person_id", Id, foreign("persons.id", ondelete="SET NULL")),
    when("ordered_at", nullable=False),
    when("until", nullable=False),
    Column("octets_down", Integer, nullable=False),
    Column("octets_up", Integer, nullable=False),
    Column("beyond_budget", Boolean, nullable=False),
    Column("state", enum(SpeedState), nullable=False),
    text("failure", 20),
    when("ended_at"),
    Column("down_kbit_s", Float),
    Column("up_kbit_s", Float),
    Column("moved_down", Integer, nullable=False),
    Column("moved_up", Integer, nullable=False),
    Column("down_rpm", Integer),
    Column("up_rpm", Integer),
    Index(None, "line_id", "ordered_at"),
)
line_alert_mails = Table(
    "line_alert_mails",
    metadata,
    Column("id", Id, foreign("line_alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("opening_told", Boolean, nullable=False),
    Column("level", Leveled, nullable=False),
    Column("over", Boolean, nullable=False),
)


class LineSpeeds(Repository[LineSpeed]):
    """Measurements by line and time."""

    def open(self, line_id: str | None = None) -> Sequence[LineSpeed]:
        """Those that have no end yet, of one line or of all."""
        s = line_speeds.c
        query = select(LineSpeed).where(s.state == SpeedState.ORDERED)
        if line_id is not None:
            query = query.where(s.line_id == line_id)
        return self._all(query.order_by(s.ordered_at, s.id))

    def newest(self, line_id: str, count: int) -> Sequence[LineSpeed]:
        """The newest first."""
        s = line_speeds.c
        query = select(LineSpeed).where(s.line_id == line_id)
        return self._all(query.order_by(s.ordered_at.desc(), s.id).limit(count))

    def since(self, line_id: str, start: datetime) -> Sequence[LineSpeed]:
        """Those that were ordered from then on."""
        s = line_speeds.c
        return self._all(
            select(LineSpeed).where(s.line_id == line_id, s.ordered_at >= start).order_by(s.id)
        )


class LineAlertMails(Repository[LineAlertMail]):
    """Which alerts are still to be told of, and which were."""

    def untold(self, raised_after: datetime) -> Sequence[LineAlert]:
        """Alerts of which nothing is noted here, in order of time; older ones are no news."""
        a = line_alerts.c
        query = (
            select(LineAlert)
            .outerjoin(line_alert_mails, line_alert_mails.c.id == a.id)
            .where(line_alert_mails.c.id.is_(None), a.raised_at > raised_after)
        )
        return self._session.scalars(query.order_by(a.raised_at, a.id)).all()

    def standing(self) -> Sequence[tuple[LineAlertMail, LineAlert]]:
        """Those whose opening was told and whose end was not, in order of time."""
        a, m = line_alerts.c, line_alert_mails.c
        query = (
            select(LineAlertMail, LineAlert)
            .join_from(line_alert_mails, line_alerts, a.id == m.id)
            .where(m.over.is_(False))
        )
        rows = self._session.execute(query.order_by(a.raised_at, a.id)).all()
        return [(mail, alert) for mail, alert in rows]


ENTITIES = {
    LineModem: line_modems,
    LineSpeed: line_speeds,
    LineAlertMail: line_alert_mails,
}
