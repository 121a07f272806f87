"""One table says who has which room, kiosk, agent or seat; the database refuses an overlap there.

Revision 0003.
"""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

HOLDS = ("booked", "confirmed", "arrived", "in_call")
"""States in which an appointment holds its slot."""


def upgrade() -> None:
    """Forwards."""
    _table()
    if op.get_bind().dialect.name == "sqlite":
        for what in ("kiosk", "agent"):
            for when in ("insert", "update"):
                op.execute(f"DROP TRIGGER overlap_{what}_{when}")
        op.execute(_trigger("insert", "INSERT"))
        columns = "resource_kind, resource_id, starts_at, ends_at"
        op.execute(_trigger("update", f"UPDATE OF {columns}"))
    else:
        op.execute("""
            ALTER TABLE occupancies ADD CONSTRAINT occupancies_overlap EXCLUDE USING gist (
                resource_kind WITH =,
                resource_id WITH =,
                tstzrange(starts_at, ends_at, '[)') WITH &&
            )
        """)
    _fill()


def _table() -> None:
    op.create_table(
        "occupancies",
        sa.Column("resource_kind", sa.String(length=20), nullable=False),
        sa.Column("resource_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="ck_occupancies_in_order"),
        sa.PrimaryKeyConstraint("resource_kind", "resource_id", "starts_at", name="pk_occupancies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_occupancies_owner_kind_owner_id", "occupancies", ["owner_kind", "owner_id"])


def _trigger(name: str, event: str) -> str:
    """Refuse a row that overlaps another of its resource.

    As none overlap so far, of all that begin before the new one's end the last ends last: if that
    one is over by the new one's start, so are all. SQLite compares the instants as text of one
    fixed form in UTC.
    """
    itself = """
              AND NOT (other.resource_kind = OLD.resource_kind
                   AND other.resource_id = OLD.resource_id
                   AND other.starts_at = OLD.starts_at)"""
    return f"""
        CREATE TRIGGER occupancies_overlap_{name} BEFORE {event} ON occupancies
        WHEN (
            SELECT other.ends_at FROM occupancies AS other
            WHERE other.resource_kind = NEW.resource_kind
              AND other.resource_id = NEW.resource_id
              AND other.starts_at < NEW.ends_at{itself if name == "update" else ""}
            ORDER BY other.starts_at DESC LIMIT 1
        ) > NEW.starts_at
        BEGIN SELECT RAISE(ABORT, 'occupancies_overlap'); END
    """  # noqa: S608 - put together from the constants above


def _fill() -> None:
    """Appointments that hold their slots keep them: kiosk, room, and agent where there is one.

    Until now two kiosks in one room could be booked for one time. Those appointments were promised
    and stay; the room is written down for the first of them alone, and the log names the others.
    """
    appointments, kiosks = _light("appointments"), _light("kiosks")
    a, k = appointments.c, kiosks.c
    held = op.get_bind().execute(
        sa.select(a.id, a.kiosk_id, k.room_id, a.agent_id, a.starts_at, a.ends_at)
        .join_from(appointments, kiosks, k.id == a.kiosk_id)
        .where(a.state.in_(HOLDS))
        .order_by(a.starts_at, a.id)
    )
    room_until: dict[str, datetime] = {}
    rows: list[dict[str, object]] = []
    for appointment_id, kiosk_id, room_id, agent_id, starts_at, ends_at in held:
        taken = {"kiosk": kiosk_id}
        if agent_id is not None:
            taken["agent"] = agent_id
        if room_id not in room_until or room_until[room_id] <= starts_at:
            taken["room"] = room_id
            room_until[room_id] = ends_at
        else:
            log = logging.getLogger(__name__)
            log.warning("appointment %s shares room %s with another", appointment_id, room_id)
        rows += (
            {
                "resource_kind": kind,
                "resource_id": resource_id,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "owner_kind": "appointment",
                "owner_id": appointment_id,
            }
            for kind, resource_id in taken.items()
        )
    if rows:
        op.bulk_insert(_light("occupancies"), rows)


def _light(table: str) -> sa.TableClause:
    """The columns used here, as they are at this revision."""
    names = {
        "appointments": ("id", "kiosk_id", "agent_id", "state"),
        "kiosks": ("id", "room_id"),
        "occupancies": ("resource_kind", "resource_id", "owner_kind", "owner_id"),
    }[table]
    times = () if table == "kiosks" else ("starts_at", "ends_at")
    return sa.table(
        table,
        *(sa.column(name, sa.String) for name in names),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in times),
    )
