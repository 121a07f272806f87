"""Messages that leave the hub and where to; feeds, API keys, webhooks, outside calendars.

Revision 0005.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forwards."""
    _addresses()
    _outbox()
    _secrets()
    _webhooks()
    _outside_calendars()


def _addresses() -> None:
    op.add_column("persons", _text("email", 254, server_default=""))
    op.add_column("appointments", _text("email", 254, server_default=""))
    op.add_column("appointments", _text("language", 2, server_default=""))


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.Integer(), nullable=False),
        _text("id", 64),
        _text("channel", 20),
        _text("recipient", 2000),
        sa.Column("content", sa.JSON(), nullable=False),
        _text("state", 20),
        _when("created_at", nullable=False),
        _when("due_at", nullable=False),
        _when("lease_until"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        _when("finished_at"),
        _text("last_error", 300),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
    op.create_index(
        "ix_outbox_channel_recipient_state", "outbox", ["channel", "recipient", "state"]
    )


def _secrets() -> None:
    for table, columns in (
        ("feeds", [_text("kind", 20), _text("subject_id", 64)]),
        (
            "api_keys",
            [
                _text("name", 200),
                sa.Column("scopes", sa.JSON(), nullable=False),
                _when("last_used_at"),
            ],
        ),
    ):
        op.create_table(
            table,
            _text("id", 64),
            _text("token_hash", 64),
            *columns,
            _text("person_id", 64),
            _when("created_at", nullable=False),
            _when("revoked_at"),
            _reference(table, "person_id", "persons"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("token_hash", name=f"uq_{table}_token_hash"),
        )
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        _text("id", 64),
        _text("url", 2000),
        _text("secret", 100),
        sa.Column("events", sa.JSON(), nullable=False),
        _when("created_at", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )


def _outside_calendars() -> None:
    op.create_table(
        "outside_calendars",
        _text("id", 64),
        _text("url", 2000),
        _text("etag", 200),
        _text("problem", 40),
        _when("tried_at"),
        _when("read_at"),
        _reference("outside_calendars", "id", "persons"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_calendars"),
    )
    op.create_table(
        "outside_busy",
        sa.Column("position", sa.Integer(), nullable=False),
        _text("calendar_id", 64),
        _when("starts_at", nullable=False),
        _when("ends_at", nullable=False),
        _reference("outside_busy", "calendar_id", "outside_calendars"),
        sa.PrimaryKeyConstraint("position", name="pk_outside_busy"),
    )
    op.create_index(
        "ix_outside_busy_calendar_id_ends_at", "outside_busy", ["calendar_id", "ends_at"]
    )


def _text(name: str, length: int, *, server_default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=server_default)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
