"""Tests of lines that technicians order.

Revision 0010.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forwards."""
    op.create_table(
        "line_tests",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        _when("due_at", nullable=False),
        sa.Column("created_by", sa.String(length=64)),
        _when("asked_at"),
        sa.Column("kiosk_id", sa.String(length=64)),
        _when("answered_at"),
        *(sa.Column(name, sa.Float()) for name in ("r_up", "r_down", "loss_ratio")),
        sa.PrimaryKeyConstraint("id", name="pk_line_tests"),
        _reference("line_id", "lines", ondelete="CASCADE"),
        _reference("created_by", "persons"),
        _reference("kiosk_id", "kiosks", ondelete="CASCADE"),
    )
    for column in ("line_id", "due_at", "kiosk_id"):
        op.create_index(f"ix_line_tests_{column}", "line_tests", [column])


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(column: str, target: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_line_tests_{column}",
        ondelete=ondelete,
        initially="DEFERRED",
        deferrable=True,
    )
