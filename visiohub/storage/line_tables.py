"""The tables of what is known of the lines.

The series are by a line's number and by Unix seconds, delays in tenths of a millisecond: a minute
of a line takes some 90 octets. Minutes, quarters of an hour and days have the same columns.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator

from visiohub.domain.line import Way, Wrapping
from visiohub.linkquality.budget import Picture
from visiohub.linkquality.grading import Grade, Level
from visiohub.storage.columns import (
    Id,
    Object,
    enum,
    foreign,
    id_,
    metadata,
    ref,
    text,
    when,
)

_MOST = 2**31 - 1


class UnixTime(TypeDecorator[datetime]):
    """An aware UTC datetime as whole seconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - signature is SQLAlchemy's
        """Whole seconds, downwards."""
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware again."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Tenths(TypeDecorator[float]):
    """A figure with one decimal, as a whole number of tenths."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Rounded."""
        return None if value is None else round(value * 10)

    def process_result_value(self, value: int | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        """With its decimal."""
        return None if value is None else value / 10


class Counted(TypeDecorator[int]):
    """A count, or a sum of counts that kiosks told: what is more than 32 bits is kept as the most,
    so that nonsense of one line is no error for the others that are put together with it."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """PostgreSQL refuses more."""
        return None if value is None else min(value, _MOST)


class Leveled(TypeDecorator[Level]):
    """A level as its number."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Level | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The number."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Level | None:  # noqa: ARG002
        """The level."""
        return None if value is None else Level(value)


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
_SPREADS = (
    *(f"{way}_{p}" for way in ("rtt", "up", "down") for p in ("p5", "p50", "p95", "p99")),
    "rtt_p25",
    "rtt_p75",
)


def _series(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("line_number", Integer, primary_key=True, autoincrement=False),
        Column("at", UnixTime, primary_key=True, autoincrement=False),
        *(Column(count, Counted, nullable=False) for count in _COUNTS),
        *(Column(spread, Tenths) for spread in _SPREADS),
        Column("rtt_counts", LargeBinary),
        sqlite_with_rowid=False,
    )


line_minutes = _series("line_minutes")
line_quarters = _series("line_quarters")
line_days = _series("line_days")
line_trains = Table(
    "line_trains",
    metadata,
    Column("line_number", Integer, primary_key=True, autoincrement=False),
    Column("at", UnixTime, primary_key=True, autoincrement=False),
    Column("way", enum(Way), primary_key=True),
    Column("kbit_s", Tenths),
    Column("doubt", String(20)),
    Column("error", Float),
    *(
        Column(count, Integer, nullable=False)
        for count in ("burst_octets", "packets", "octets", "arrived", "overflowed")
    ),
    Column("in_call", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
_MODEM_RATES = ("sync_kbit_s", "attainable_kbit_s", "snr_db", "attenuation_db", "others_kbit_s")
line_modem = Table(
    "line_modem",
    metadata,
    Column("line_number", Integer, primary_key=True, autoincrement=False),
    Column("at", UnixTime, primary_key=True, autoincrement=False),
    text("standard", 20),
    *(Column(f"{way}_{name}", Tenths) for way in ("up", "down") for name in _MODEM_RATES),
    *(
        Column(f"{way}_{name}", Counted)
        for way in ("up", "down")
        for name in ("errored_s", "severely_errored_s")
    ),
    Column("retrains", Counted),
    Column("uptime_s", Float),
    sqlite_with_rowid=False,
)
line_modem_days = Table(
    "line_modem_days",
    metadata,
    Column("line_number", Integer, primary_key=True, autoincrement=False),
    Column("at", UnixTime, primary_key=True, autoincrement=False),
    *(
        Column(f"{way}_{name}", Tenths)
        for way in ("up", "down")
        for name in ("sync_kbit_s", "attainable_kbit_s", "snr_db", "attenuation_db")
    ),
    *(
        Column(f"{way}_{name}", Counted)
        for way in ("up", "down")
        for name in ("errored_s", "severely_errored_s")
    ),
    Column("retrains", Counted),
    sqlite_with_rowid=False,
)
"""Of UTC: a year of readings, 131,400 of a line, takes too long to be put together at each look."""
call_minutes = Table(
    "call_minutes",
    metadata,
    Column("call_id", Id, foreign("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("end", String(10), primary_key=True),
    Column("at", UnixTime, primary_key=True, autoincrement=False),
    Column("reports", Integer, nullable=False),
    *(
        Column(name, Float, nullable=False)
        for name in ("sent_kbit_s", "received_kbit_s", "loss_ratio", "freezes_per_minute")
    ),
    Column("rtt_ms", Float),
    sqlite_with_rowid=False,
)
line_terms = Table(
    "line_terms",
    metadata,
    Column("id", Id, foreign("lines.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapping", enum(Wrapping), nullable=False),
    Column("guaranteed_up_kbit_s", Integer),
    Column("guaranteed_down_kbit_s", Integer),
    Column("restoration_hours", Integer),
    Column("reserved_up_kbit_s", Integer, nullable=False),
    Column("reserved_down_kbit_s", Integer, nullable=False),
    Column("probe_octets_a_day", Integer),
    Column("version", Integer, nullable=False),
)
line_states = Table(
    "line_states",
    metadata,
    Column("id", Id, foreign("lines.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("grade", enum(Grade), nullable=False),
    Column("grades", Object, nullable=False),
    when("heard_at"),
    when("out_since"),
    Column("burst_up_octets", Integer),
    Column("burst_down_octets", Integer),
    Column("prober", Id),
    when("known_since"),
)
line_habits = Table(
    "line_habits",
    metadata,
    Column("id", Id, foreign("lines.id", ondelete="CASCADE"), primary_key=True),
    when("graded_until", nullable=False),
    Column("habits", Object, nullable=False),
    Column("watches", Object, nullable=False),
)
line_alerts = Table(
    "line_alerts",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    text("rule", 20),
    Column("level", Leveled, nullable=False),
    Column("value", Float, nullable=False),
    when("raised_at", nullable=False),
    when("changed_at", nullable=False),
    when("cleared_at", index=True),
    when("acknowledged_at"),
    Column("acknowledged_by", Id, foreign("persons.id")),
    Column("not_operators", String(200)),
    Column("kiosk_id", Id),
    Column("kiosk_name", String(200)),
)
line_maintenances = Table(
    "line_maintenances",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    text("reason"),
    Column("created_by", Id, foreign("persons.id")),
)
line_notes = Table(
    "line_notes",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    when("at", nullable=False),
    ref("persons.id", nullable=True),
    text("text", 1000),
)
line_checks = Table(
    "line_checks",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    ref("kiosks.id", ondelete="CASCADE"),
    ref("appointments.id", nullable=True, ondelete="CASCADE"),
    ref("bookings.id", nullable=True, ondelete="CASCADE"),
    Column("minutes_before", Integer, nullable=False),
    when("asked_at", nullable=False),
    when("answered_at"),
    Column("level", Leveled),
    Column("r_up", Float),
    Column("r_down", Float),
    Column("loss_ratio", Float),
    Index(None, "appointment_id", "minutes_before", unique=True),
    Index(None, "booking_id", "line_id", "minutes_before", unique=True),
)
line_tests = Table(
    "line_tests",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    when("due_at", nullable=False, index=True),
    Column("created_by", Id, foreign("persons.id")),
    when("asked_at"),
    ref("kiosks.id", nullable=True, ondelete="CASCADE"),
    when("answered_at"),
    Column("r_up", Float),
    Column("r_down", Float),
    Column("loss_ratio", Float),
)
picture_choices = Table(
    "picture_choices",
    metadata,
    id_(),
    Column("picture", enum(Picture), nullable=False),
)
