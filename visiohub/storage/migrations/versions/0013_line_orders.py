"""How modems of lines are read, measurements on demand, which alerts technicians were told.

Revision 0013.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Forwards."""
    _modems()
    _speeds()
    op.create_table(
        "line_alert_mails",
        _text("id", 64),
        sa.Column("opening_told", sa.Boolean(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_alert_mails"),
        _reference("line_alert_mails", "id", "line_alerts"),
    )


def _modems() -> None:
    op.create_table(
        "line_modems",
        _text("id", 64),
        _text("host", 253),
        sa.Column("port", sa.Integer(), nullable=False),
        _text("snmp", 20),
        _text("user", 32),
        _text("authentication", 10),
        _text("privacy", 10),
        _text("sealed", 1000),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("trouble", 20),
        _when("trouble_at"),
        sa.PrimaryKeyConstraint("id", name="pk_line_modems"),
        _reference("line_modems", "id", "lines"),
    )


def _speeds() -> None:
    op.create_table(
        "line_speeds",
        _text("id", 64),
        _text("line_id", 64),
        _text("kiosk_id", 64),
        _text("person_id", 64, nullable=True),
        _when("ordered_at", nullable=False),
        _when("until", nullable=False),
        sa.Column("octets_down", sa.Integer(), nullable=False),
        sa.Column("octets_up", sa.Integer(), nullable=False),
        sa.Column("beyond_budget", sa.Boolean(), nullable=False),
        _text("state", 20),
        _text("failure", 20),
        _when("ended_at"),
        sa.Column("down_kbit_s", sa.Float()),
        sa.Column("up_kbit_s", sa.Float()),
        sa.Column("moved_down", sa.Integer(), nullable=False),
        sa.Column("moved_up", sa.Integer(), nullable=False),
        sa.Column("down_rpm", sa.Integer()),
        sa.Column("up_rpm", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_line_speeds"),
        _reference("line_speeds", "line_id", "lines"),
        _reference("line_speeds", "kiosk_id", "kiosks"),
        _reference("line_speeds", "person_id", "persons", ondelete="SET NULL"),
    )
    op.create_index("ix_line_speeds_line_id_ordered_at", "line_speeds", ["line_id", "ordered_at"])


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(
    table: str, column: str, target: str, *, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )
