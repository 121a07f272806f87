"""What is known of lines: figures by time, trains, readings of modems, states, alerts, terms.

Revision 0007.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_COUNTS = (
    "minutes",
    "in_call",
    "out",
    "sent",
    "lost",
    "lost_up",
    "lost_down",
    "loss_runs",
    "longest_run",
    "octets_up",
    "octets_down",
)


def upgrade() -> None:
    """Forwards."""
    for name in ("line_minutes", "line_quarters", "line_days"):
        _series(name, *_counts(*_COUNTS), *_figures())
    _trains()
    _modem()
    _calls()
    _terms_and_states()
    _alerts()
    _said()
    _checks()
    op.create_table(
        "picture_choices",
        _text("id", 64),
        _text("picture", 20),
        sa.PrimaryKeyConstraint("id", name="pk_picture_choices"),
    )


def _figures() -> list[sa.Column[Any]]:
    ranks = ("p5", "p50", "p95", "p99")
    return [sa.Column(f"{w}_{p}", sa.Integer()) for w in ("rtt", "up", "down") for p in ranks]


def _trains() -> None:
    op.create_table(
        "line_trains",
        *_key(),
        _text("way", 20),
        sa.Column("kbit_s", sa.Integer()),
        sa.Column("doubt", sa.String(length=20)),
        sa.Column("error", sa.Float()),
        *_counts("burst_octets", "packets", "octets", "arrived", "overflowed"),
        sa.Column("in_call", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("line_number", "at", "way", name="pk_line_trains"),
        sqlite_with_rowid=False,
    )


def _modem() -> None:
    rates = ("sync_kbit_s", "attainable_kbit_s", "snr_db", "attenuation_db", "others_kbit_s")
    seconds = ("errored_s", "severely_errored_s")
    _series(
        "line_modem",
        _text("standard", 20),
        *(sa.Column(f"{way}_{name}", sa.Integer()) for way in ("up", "down") for name in rates),
        *(sa.Column(f"{way}_{name}", sa.Integer()) for way in ("up", "down") for name in seconds),
        sa.Column("retrains", sa.Integer()),
        sa.Column("uptime_s", sa.Float()),
    )


def _calls() -> None:
    rates = ("sent_kbit_s", "received_kbit_s", "loss_ratio", "freezes_per_minute")
    op.create_table(
        "call_minutes",
        _text("call_id", 64),
        _text("end", 10),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in rates),
        sa.Column("rtt_ms", sa.Float()),
        _reference("call_minutes", "call_id", "calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "end", "at", name="pk_call_minutes"),
        sqlite_with_rowid=False,
    )


def _terms_and_states() -> None:
    op.create_table(
        "line_terms",
        _text("id", 64),
        _text("wrapping", 20),
        sa.Column("guaranteed_up_kbit_s", sa.Integer()),
        sa.Column("guaranteed_down_kbit_s", sa.Integer()),
        sa.Column("restoration_hours", sa.Integer()),
        *_counts("reserved_up_kbit_s", "reserved_down_kbit_s"),
        sa.Column("probe_octets_a_day", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_terms"),
        _reference("line_terms", "id", "lines", ondelete="CASCADE"),
    )
    op.create_table(
        "line_states",
        _text("id", 64),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("grade", 20),
        sa.Column("grades", sa.JSON(), nullable=False),
        _when("heard_at"),
        _when("out_since"),
        sa.Column("burst_up_octets", sa.Integer()),
        sa.Column("burst_down_octets", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_line_states"),
        sa.UniqueConstraint("number", name="uq_line_states_number"),
        _reference("line_states", "id", "lines", ondelete="CASCADE"),
    )
    op.create_table(
        "line_habits",
        _text("id", 64),
        _when("graded_until", nullable=False),
        sa.Column("habits", sa.JSON(), nullable=False),
        sa.Column("watches", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_habits"),
        _reference("line_habits", "id", "lines", ondelete="CASCADE"),
    )


def _alerts() -> None:
    _of_a_line(
        "line_alerts",
        _text("rule", 20),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        _when("raised_at", nullable=False),
        _when("changed_at", nullable=False),
        _when("cleared_at"),
        _when("acknowledged_at"),
        _text("acknowledged_by", 64, nullable=True),
        _reference("line_alerts", "acknowledged_by", "persons"),
    )
    op.create_index("ix_line_alerts_cleared_at", "line_alerts", ["cleared_at"])


def _said() -> None:
    _of_a_line(
        "line_maintenances",
        _when("starts_at", nullable=False),
        _when("ends_at", nullable=False),
        _text("reason", 200),
        _text("created_by", 64, nullable=True),
        _reference("line_maintenances", "created_by", "persons"),
    )
    _of_a_line(
        "line_notes",
        _when("at", nullable=False),
        _text("person_id", 64, nullable=True),
        _text("text", 1000),
        _reference("line_notes", "person_id", "persons"),
    )
    op.create_index("ix_line_notes_person_id", "line_notes", ["person_id"])


def _checks() -> None:
    _of_a_line(
        "line_checks",
        _text("kiosk_id", 64),
        _text("appointment_id", 64),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        _when("asked_at", nullable=False),
        _when("answered_at"),
        *(sa.Column(name, sa.Float()) for name in ("r_up", "r_down", "loss_ratio")),
        _reference("line_checks", "kiosk_id", "kiosks", ondelete="CASCADE"),
        _reference("line_checks", "appointment_id", "appointments", ondelete="CASCADE"),
    )
    for column in ("kiosk_id", "appointment_id"):
        op.create_index(f"ix_line_checks_{column}", "line_checks", [column])
    op.create_index(
        "ix_line_checks_appointment_id_minutes_before",
        "line_checks",
        ["appointment_id", "minutes_before"],
        unique=True,
    )


def _series(name: str, *columns: sa.Column[Any]) -> None:
    key = sa.PrimaryKeyConstraint("line_number", "at", name=f"pk_{name}")
    op.create_table(name, *_key(), *columns, key, sqlite_with_rowid=False)


def _of_a_line(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        _text("id", 64),
        _text("line_id", 64),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        _reference(name, "line_id", "lines", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{name}_line_id", name, ["line_id"])


def _key() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("line_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
    )


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(
    table: str, column: str, target: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )
