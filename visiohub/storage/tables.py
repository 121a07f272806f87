"""The tables. Changes here need a migration (storage/migrations); a test compares the two."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)
from sqlalchemy import text as sql_text

from visiohub.domain.model import (
    AppointmentState,
    CallEnd,
    CancelledBy,
    LineKind,
    Need,
    OpeningRange,
    Role,
)
from visiohub.domain.occupancy import OwnerKind, ResourceKind
from visiohub.storage.columns import (
    Dicts,
    Id,
    Object,
    Texts,
    enum,
    foreign,
    id_,
    kept,
    ref,
    text,
    when,
)
from visiohub.storage.columns import metadata as metadata
from visiohub.storage.types import AsJson, Instant


def _plain_opening(ranges: tuple[OpeningRange, ...]) -> object:
    return [[r.weekday, f"{r.opens:%H:%M}", f"{r.closes:%H:%M}"] for r in ranges]


def _opening(rows: list[list[Any]]) -> object:
    return tuple(
        OpeningRange(day, time.fromisoformat(opens), time.fromisoformat(closes))
        for day, opens, closes in rows
    )


def _roles(names: list[str]) -> object:
    return frozenset(Role(name) for name in names)


def _needs(names: list[str]) -> object:
    return frozenset(Need(name) for name in names)


def _call_end(fields: dict[str, Any]) -> object:
    return CallEnd(**fields)


Opening = AsJson(_plain_opening, _opening)
Roles = AsJson(sorted, _roles)
Needs = AsJson(sorted, _needs)
CallEndJson = AsJson(asdict, _call_end)

venues = Table(
    "venues",
    metadata,
    id_(),
    text("name"),
    text("kind"),
    text("street"),
    text("postcode", 10),
    text("town"),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    text("time_zone", 64),
    text("phone", 40),
    text("access", 500),
    Column("opening", Opening, nullable=False),
    *kept(),
)
lines = Table(
    "lines",
    metadata,
    id_(),
    ref("venues.id"),
    Column("kind", enum(LineKind), nullable=False),
    text("operator"),
    Column("up_kbit_s", Integer, nullable=False),
    Column("down_kbit_s", Integer, nullable=False),
    *kept(),
)
rooms = Table(
    "rooms",
    metadata,
    id_(),
    ref("venues.id"),
    text("name"),
    Column("capacity", Integer, nullable=False),
    text("door"),
    text("equipment", 500),
    *kept(),
)
kiosks = Table(
    "kiosks",
    metadata,
    id_(),
    ref("rooms.id"),
    text("name"),
    Column("public_key", LargeBinary(32)),
    when("enrolled_at"),
    when("revoked_at"),
    Column("here", Boolean, nullable=False),
    when("seen_at"),
    text("software", 100),
    Column("devices", Dicts, nullable=False),
    when("help_asked_at"),
    when("help_coming_at"),
    when("codes_unlocked_at"),
    *kept(),
)
kiosk_absences = Table(
    "kiosk_absences",
    metadata,
    id_(),
    ref("kiosks.id", ondelete="CASCADE"),
    when("began_at", nullable=False),
    when("ended_at"),
)
enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    id_(),
    ref("kiosks.id", ondelete="CASCADE"),
    text("code_hash"),
    when("created_at", nullable=False),
    when("expires_at", nullable=False),
    when("used_at"),
)
partners = Table(
    "partners",
    metadata,
    id_(),
    text("name"),
    text("short_name", 40),
    text("phone", 40),
    Column("latitude", Float),
    Column("longitude", Float),
    *kept(),
)
services = Table(
    "services",
    metadata,
    id_(),
    ref("partners.id"),
    text("name"),
    Column("duration_minutes", Integer, nullable=False),
    Column("walk_in", Boolean, nullable=False),
    Column("to_bring", Texts, nullable=False),
    Column("venue_ids", Texts, nullable=False),
    Column("notice_minutes", Integer, nullable=False, server_default="0"),
    Column("horizon_days", Integer),
    Column("buffer_before_minutes", Integer, nullable=False, server_default="0"),
    Column("buffer_after_minutes", Integer, nullable=False, server_default="0"),
    Column("shortest_minutes", Integer),
    Column("longest_minutes", Integer),
    *kept(),
)
persons = Table(
    "persons",
    metadata,
    id_(),
    Column("login", String(100), nullable=False, unique=True),
    text("label"),
    text("initials", 10),
    text("password_hash"),
    Column("roles", Roles, nullable=False),
    ref("partners.id", nullable=True),
    Column("venue_ids", Texts, nullable=False),
    text("language", 2),
    text("email", 254),
    Column("receives_walk_ins", Boolean, nullable=False),
    when("retired_at"),
    *kept(),
)
sessions = Table(
    "sessions",
    metadata,
    id_(),
    Column("token_hash", String(64), nullable=False, unique=True),
    ref("persons.id", ondelete="CASCADE"),
    when("opened_at", nullable=False),
    when("seen_at", nullable=False),
    when("expires_at", nullable=False),
    text("browser"),
    when("revoked_at"),
)
attempts = Table(
    "attempts",
    metadata,
    id_(),
    text("kind", 40),
    text("key"),
    when("at", nullable=False),
    Index(None, "kind", "key", "at"),
)
_UNASSIGNED = sql_text("agent_id IS NULL AND seat_id IS NULL")
appointments = Table(
    "appointments",
    metadata,
    id_(),
    ref("services.id"),
    ref("kiosks.id"),
    when("starts_at", nullable=False, index=True),
    when("ends_at", nullable=False),
    Column("state", enum(AppointmentState), nullable=False),
    when("created_at", nullable=False),
    Column("created_by", Id, foreign("persons.id")),
    text("initials", 10),
    text("phone", 40),
    text("email", 254),
    text("language", 2),
    Column("needs", Needs, nullable=False),
    Column("agent_id", Id, foreign("persons.id"), index=True),
    Column("seat_id", Id),
    text("code_hash"),
    text("token_hash", 64),
    when("arrived_at"),
    Column("cancelled_by", enum(CancelledBy)),
    Column("lost_cause", String(40)),
    Column("version", Integer, nullable=False),
    Index(
        "ix_appointments_unassigned",
        "service_id",
        "starts_at",
        sqlite_where=_UNASSIGNED,
        postgresql_where=_UNASSIGNED,
    ),
)
occupancies = Table(
    "occupancies",
    metadata,
    # nothing overlaps (migration 0003), so no two begin at once: the key reads a resource by time
    Column("resource_kind", enum(ResourceKind), primary_key=True),
    Column("resource_id", Id, primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    when("ends_at", nullable=False),
    Column("owner_kind", enum(OwnerKind), nullable=False),
    Column("owner_id", Id, nullable=False),
    CheckConstraint("ends_at > starts_at", name="ck_occupancies_in_order"),
    Index(None, "owner_kind", "owner_id"),
    sqlite_with_rowid=False,
)
calls = Table(
    "calls",
    metadata,
    id_(),
    ref("kiosks.id"),
    ref("services.id", nullable=True),
    ref("appointments.id", nullable=True, ondelete="SET NULL"),
    text("language", 2),
    Column("state", String(20), nullable=False, index=True),
    when("arrived_at", nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    when("until"),
    ref("persons.id", nullable=True),
    when("admitted_at"),
    when("connected_at"),
    when("interrupted_at"),
    when("gives_up_at"),
    Column("interruptions", Integer, nullable=False),
    Column("asked_to_wait_minutes", Integer),
    when("ended_at"),
    Column("end_reason", String(40)),
    Column("refusal", String(40)),
    text("refusal_text"),
    Column("kiosk_end", CallEndJson, nullable=False),
    Column("agent_end", CallEndJson, nullable=False),
    Column("agent_devices", Dicts, nullable=False),
    Column("device_faults", Texts, nullable=False),
    ref("booked_rooms.id", nullable=True, ondelete="SET NULL"),
)
audit = Table(
    "audit",
    metadata,
    id_(),
    when("at", nullable=False, index=True),
    ref("persons.id", nullable=True),
    text("action", 60),
    text("subject", 100),
    Column("before", Object, nullable=False),
    Column("after", Object, nullable=False),
    Index(None, "subject", "at"),
)
