"""Permanences and absences: their tables, and what use cases ask of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    Select,
    String,
    Table,
    Time,
    and_,
    bindparam,
    or_,
    select,
)

from visiohub.domain.permanence import Absence, Permanence
from visiohub.storage.among import Ids, among
from visiohub.storage.columns import Id, Texts, foreign, id_, kept, metadata, ref, text, when
from visiohub.storage.repository import Repository
from visiohub.storage.tables import persons
from visiohub.storage.types import AsJson


def _plain_days(days: tuple[date, ...]) -> object:
    return [day.isoformat() for day in days]


def _days(texts: list[str]) -> object:
    return tuple(date.fromisoformat(text) for text in texts)


permanences = Table(
    "permanences",
    metadata,
    id_(),
    ref("partners.id"),
    Column("agent_id", Id, foreign("persons.id"), index=True),
    text("name"),
    Column("seats", Integer, nullable=False),
    Column("service_ids", Texts, nullable=False),
    Column("venue_ids", Texts, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False),
    text("time_zone", 64),
    Column("rule", String(300), nullable=False),
    Column("excluded", AsJson(_plain_days, _days), nullable=False),
    *kept(),
)
absences = Table(
    "absences",
    metadata,
    id_(),
    Column("holder_id", Id, nullable=False),
    ref("partners.id"),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    text("reason"),
    Index(None, "holder_id", "ends_at"),
)


class Permanences(Repository[Permanence]):
    """Permanences by partner."""

    def received_in(self, partner_id: str) -> Sequence[Permanence]:
        """A partner's that somebody holds: its counters', and those of agents who are still there
        and its own."""
        return self._session.scalars(_received_in(), {"partner_id": partner_id}).all()


@cache
def _received_in() -> Select[Permanence]:
    """Made once, as it is part of every search; not before the entities are mapped."""
    p = permanences.c
    there = and_(persons.c.active, persons.c.partner_id == p.partner_id)
    return (
        select(Permanence)
        .outerjoin(persons, persons.c.id == p.agent_id)
        .where(
            p.partner_id == bindparam("partner_id", type_=Id),
            p.active,
            or_(p.agent_id.is_(None), there),
        )
        .order_by(p.name, p.id)
    )


@cache
def _absences_between() -> Select[Absence]:
    """As `_received_in`."""
    a = absences.c
    start, end = (bindparam(name, type_=a.starts_at.type) for name in ("start", "end"))
    return (
        select(Absence)
        .where(
            among(a.holder_id, bindparam("ids", type_=Ids())),
            a.starts_at < end,
            a.ends_at > start,
        )
        .order_by(a.starts_at, a.id)
    )


class Absences(Repository[Absence]):
    """Absences by holder and time."""

    def between(
        self, holder_ids: Collection[str], start: datetime, end: datetime
    ) -> Sequence[Absence]:
        """Those of these holders that touch the time from `start` to `end`, in order."""
        values = {"ids": holder_ids, "start": start, "end": end}
        return self._session.scalars(_absences_between(), values).all()

    def coming(self, partner_id: str, now: datetime) -> Sequence[Absence]:
        """A partner's that are not over, in order."""
        a = absences.c
        return self._all(
            select(Absence)
            .where(a.partner_id == partner_id, a.ends_at > now)
            .order_by(a.starts_at, a.id)
        )
