"""Lines are looked at before a booking's visio, too, and how bad one was is kept.

Revision 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Forwards."""
    with op.batch_alter_table("line_checks") as batch:
        batch.alter_column("appointment_id", existing_type=sa.String(length=64), nullable=True)
        batch.add_column(sa.Column("booking_id", sa.String(length=64)))
        batch.add_column(sa.Column("level", sa.SmallInteger()))
        batch.create_foreign_key(
            "fk_line_checks_booking_id",
            "bookings",
            ["booking_id"],
            ["id"],
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        )
    op.create_index("ix_line_checks_booking_id", "line_checks", ["booking_id"])
    op.create_index(
        "ix_line_checks_booking_id_line_id_minutes_before",
        "line_checks",
        ["booking_id", "line_id", "minutes_before"],
        unique=True,
    )
