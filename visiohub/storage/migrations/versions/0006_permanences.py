"""Permanences, absences, who waits; appointments of citizens themselves, at a counter's seat.

Revision 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forwards."""
    _permanences()
    _absences()
    op.add_column("appointments", sa.Column("seat_id", sa.String(length=64)))
    op.add_column(
        "appointments", sa.Column("needs", sa.JSON(), nullable=False, server_default="[]")
    )
    if op.get_bind().dialect.name == "sqlite":
        _without_creator_on_sqlite()
    else:
        op.alter_column("appointments", "created_by", nullable=True)
        op.alter_column("appointments", "needs", server_default=None)
    _waiting()
    nobody = sa.text("agent_id IS NULL AND seat_id IS NULL")
    op.create_index(
        "ix_appointments_unassigned",
        "appointments",
        ["service_id", "starts_at"],
        sqlite_where=nobody,
        postgresql_where=nobody,
    )


def _without_creator_on_sqlite() -> None:
    """SQLite makes the table anew, and what refers to its rows lets go of them meanwhile."""
    op.execute(
        "CREATE TEMP TABLE kept_calls AS SELECT id, appointment_id FROM calls "
        "WHERE appointment_id IS NOT NULL"
    )
    with op.batch_alter_table("appointments") as batch:
        batch.alter_column("created_by", existing_type=sa.String(length=64), nullable=True)
        batch.alter_column("needs", existing_type=sa.JSON(), server_default=None)
    op.execute(
        "UPDATE calls SET appointment_id = kept.appointment_id "
        "FROM kept_calls AS kept WHERE kept.id = calls.id"
    )
    op.execute("DROP TABLE kept_calls")


def _permanences() -> None:
    op.create_table(
        "permanences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("partner_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64)),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("service_ids", sa.JSON(), nullable=False),
        sa.Column("venue_ids", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_permanences"),
        _reference("permanences", "partner_id", "partners"),
        _reference("permanences", "agent_id", "persons"),
    )
    op.create_index("ix_permanences_partner_id", "permanences", ["partner_id"])
    op.create_index("ix_permanences_agent_id", "permanences", ["agent_id"])


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("partner_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
        _reference("absences", "partner_id", "partners"),
    )
    op.create_index("ix_absences_partner_id", "absences", ["partner_id"])
    op.create_index("ix_absences_holder_id_ends_at", "absences", ["holder_id", "ends_at"])


def _waiting() -> None:
    op.create_table(
        "waiting_entries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("venue_ids", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("initials", sa.String(length=10), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("offer", sa.JSON()),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.String(length=64)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_entries"),
        _reference("waiting_entries", "service_id", "services"),
        _reference("waiting_entries", "appointment_id", "appointments", ondelete="SET NULL"),
    )
    for column in ("service_id", "asked_at", "appointment_id"):
        op.create_index(f"ix_waiting_entries_{column}", "waiting_entries", [column])


def _reference(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )
