"""The tables. Changes here need a migration (storage/migrations); a test compares the two."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from visiohub.domain.model import (
    AppointmentState,
    CallEnd,
    CancelledBy,
    LineKind,
    OpeningRange,
    Role,
)
from visiohub.domain.occupancy import OwnerKind, ResourceKind
from visiohub.storage.types import AsJson, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _plain_opening(ranges: tuple[OpeningRange, ...]) -> object:
    return [[r.weekday, f"{r.opens:%H:%M}", f"{r.closes:%H:%M}"] for r in ranges]


def _opening(rows: list[list[Any]]) -> object:
    return tuple(
        OpeningRange(day, time.fromisoformat(opens), time.fromisoformat(closes))
        for day, opens, closes in rows
    )


def _roles(names: list[str]) -> object:
    return frozenset(Role(name) for name in names)


def _call_end(fields: dict[str, Any]) -> object:
    return CallEnd(**fields)


Id = String(64)
Opening = AsJson(_plain_opening, _opening)
Texts = AsJson(list, tuple)
Roles = AsJson(sorted, _roles)
Dicts = AsJson(list, tuple)
CallEndJson = AsJson(asdict, _call_end)
Object = AsJson(dict, dict)


def _enum(kind: type[StrEnum]) -> Enum:
    """Kept as its value in plain text, so that SQL and triggers can name it."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda e: [m.value for m in e])


def _ref(target: str, *, nullable: bool = False, ondelete: str | None = None) -> Column[str]:
    name, _, _ = target.partition(".")
    column = {"persons": "person_id"}.get(name, name.removesuffix("s") + "_id")
    return Column(column, Id, _foreign(target, ondelete=ondelete), nullable=nullable, index=True)


def _foreign(target: str, *, ondelete: str | None = None) -> ForeignKey:
    """Checked at commit: within a transaction the order of inserts is free."""
    return ForeignKey(target, ondelete=ondelete, deferrable=True, initially="DEFERRED")


def _id() -> Column[str]:
    return Column("id", Id, primary_key=True)


def _kept() -> list[Column[Any]]:
    """What everything that people edit has."""
    return [
        Column("active", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
    ]


def _text(name: str, length: int = 200) -> Column[str]:
    return Column(name, String(length), nullable=False)


def _when(name: str, *, nullable: bool = True, index: bool = False) -> Column[Any]:
    return Column(name, Instant, nullable=nullable, index=index)


venues = Table(
    "venues",
    metadata,
    _id(),
    _text("name"),
    _text("kind"),
    _text("street"),
    _text("postcode", 10),
    _text("town"),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    _text("time_zone", 64),
    _text("phone", 40),
    _text("access", 500),
    Column("opening", Opening, nullable=False),
    *_kept(),
)
lines = Table(
    "lines",
    metadata,
    _id(),
    _ref("venues.id"),
    Column("kind", _enum(LineKind), nullable=False),
    _text("operator"),
    Column("up_kbit_s", Integer, nullable=False),
    Column("down_kbit_s", Integer, nullable=False),
    *_kept(),
)
rooms = Table(
    "rooms",
    metadata,
    _id(),
    _ref("venues.id"),
    _text("name"),
    Column("capacity", Integer, nullable=False),
    _text("door"),
    _text("equipment", 500),
    *_kept(),
)
kiosks = Table(
    "kiosks",
    metadata,
    _id(),
    _ref("rooms.id"),
    _text("name"),
    Column("public_key", LargeBinary(32)),
    _when("enrolled_at"),
    _when("revoked_at"),
    Column("here", Boolean, nullable=False),
    _when("seen_at"),
    _text("software", 100),
    Column("devices", Dicts, nullable=False),
    _when("help_asked_at"),
    _when("help_coming_at"),
    _when("codes_unlocked_at"),
    *_kept(),
)
kiosk_absences = Table(
    "kiosk_absences",
    metadata,
    _id(),
    _ref("kiosks.id", ondelete="CASCADE"),
    _when("began_at", nullable=False),
    _when("ended_at"),
)
enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    _id(),
    _ref("kiosks.id", ondelete="CASCADE"),
    _text("code_hash"),
    _when("created_at", nullable=False),
    _when("expires_at", nullable=False),
    _when("used_at"),
)
partners = Table(
    "partners",
    metadata,
    _id(),
    _text("name"),
    _text("short_name", 40),
    _text("phone", 40),
    *_kept(),
)
services = Table(
    "services",
    metadata,
    _id(),
    _ref("partners.id"),
    _text("name"),
    Column("duration_minutes", Integer, nullable=False),
    Column("walk_in", Boolean, nullable=False),
    Column("to_bring", Texts, nullable=False),
    Column("venue_ids", Texts, nullable=False),
    *_kept(),
)
persons = Table(
    "persons",
    metadata,
    _id(),
    Column("login", String(100), nullable=False, unique=True),
    _text("label"),
    _text("initials", 10),
    _text("password_hash"),
    Column("roles", Roles, nullable=False),
    _ref("partners.id", nullable=True),
    Column("venue_ids", Texts, nullable=False),
    _text("language", 2),
    Column("receives_walk_ins", Boolean, nullable=False),
    *_kept(),
)
sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    _ref("persons.id", ondelete="CASCADE"),
    _when("opened_at", nullable=False),
    _when("seen_at", nullable=False),
    _when("expires_at", nullable=False),
    _text("browser"),
    _when("revoked_at"),
)
attempts = Table(
    "attempts",
    metadata,
    _id(),
    _text("kind", 40),
    _text("key"),
    _when("at", nullable=False),
    Index(None, "kind", "key", "at"),
)
appointments = Table(
    "appointments",
    metadata,
    _id(),
    _ref("services.id"),
    _ref("kiosks.id"),
    _when("starts_at", nullable=False, index=True),
    _when("ends_at", nullable=False),
    Column("state", _enum(AppointmentState), nullable=False),
    _when("created_at", nullable=False),
    Column("created_by", Id, _foreign("persons.id"), nullable=False),
    _text("initials", 10),
    _text("phone", 40),
    Column("agent_id", Id, _foreign("persons.id"), index=True),
    _text("code_hash"),
    _text("token_hash", 64),
    _when("arrived_at"),
    Column("cancelled_by", _enum(CancelledBy)),
    Column("lost_cause", String(40)),
    Column("version", Integer, nullable=False),
)
occupancies = Table(
    "occupancies",
    metadata,
    # nothing overlaps (migration 0003), so no two begin at once: the key reads a resource by time
    Column("resource_kind", _enum(ResourceKind), primary_key=True),
    Column("resource_id", Id, primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    _when("ends_at", nullable=False),
    Column("owner_kind", _enum(OwnerKind), nullable=False),
    Column("owner_id", Id, nullable=False),
    CheckConstraint("ends_at > starts_at", name="ck_occupancies_in_order"),
    Index(None, "owner_kind", "owner_id"),
    sqlite_with_rowid=False,
)
calls = Table(
    "calls",
    metadata,
    _id(),
    _ref("kiosks.id"),
    _ref("services.id"),
    _ref("appointments.id", nullable=True, ondelete="SET NULL"),
    _text("language", 2),
    Column("state", String(20), nullable=False, index=True),
    _when("arrived_at", nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    _when("until"),
    _ref("persons.id", nullable=True),
    _when("admitted_at"),
    _when("connected_at"),
    _when("interrupted_at"),
    _when("gives_up_at"),
    Column("interruptions", Integer, nullable=False),
    Column("asked_to_wait_minutes", Integer),
    _when("ended_at"),
    Column("end_reason", String(40)),
    Column("refusal", String(40)),
    _text("refusal_text"),
    Column("kiosk_end", CallEndJson, nullable=False),
    Column("agent_end", CallEndJson, nullable=False),
    Column("agent_devices", Dicts, nullable=False),
    Column("device_faults", Texts, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    _id(),
    _when("at", nullable=False, index=True),
    _ref("persons.id", nullable=True),
    _text("action", 60),
    _text("subject", 100),
    Column("before", Object, nullable=False),
    Column("after", Object, nullable=False),
)
