"""Feeds, keys of the API, webhooks, outside calendars with the times that they block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
)
from sqlalchemy.sql.expression import func

from visiohub.domain.connections import ApiKey, Feed, FeedKind, OutsideCalendar
from visiohub.domain.hours import Span
from visiohub.storage.among import Ids, among
from visiohub.storage.columns import Id, Texts, enum, foreign, id_, kept, metadata, ref, text, when
from visiohub.storage.repository import Repository
from visiohub.storage.tables import audit

feeds = Table(
    "feeds",
    metadata,
    id_(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("kind", enum(FeedKind), nullable=False),
    Column("subject_id", Id, nullable=False),
    ref("persons.id", ondelete="CASCADE"),
    when("created_at", nullable=False),
    when("revoked_at"),
)
api_keys = Table(
    "api_keys",
    metadata,
    id_(),
    text("name"),
    Column("token_hash", String(64), nullable=False, unique=True),
    ref("persons.id", ondelete="CASCADE"),
    Column("scopes", Texts, nullable=False),
    when("created_at", nullable=False),
    when("last_used_at"),
    when("revoked_at"),
)
webhooks = Table(
    "webhooks",
    metadata,
    id_(),
    text("url", 2000),
    text("secret", 100),
    Column("events", Texts, nullable=False),
    when("created_at", nullable=False),
    *kept(),
)
outside_calendars = Table(
    "outside_calendars",
    metadata,
    Column("id", Id, foreign("persons.id", ondelete="CASCADE"), primary_key=True),
    text("url", 2000),
    text("etag"),
    text("problem", 40),
    when("tried_at"),
    when("read_at"),
)
outside_busy = Table(
    "outside_busy",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("calendar_id", Id, foreign("outside_calendars.id", ondelete="CASCADE"), nullable=False),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    Index(None, "calendar_id", "ends_at"),
)
_b = outside_busy.c
_BUSY = (
    select(_b.calendar_id, _b.starts_at, _b.ends_at)
    .where(
        among(_b.calendar_id, bindparam("ids", type_=Ids())),
        _b.ends_at > bindparam("start", type_=_b.starts_at.type),
        _b.starts_at < bindparam("end", type_=_b.starts_at.type),
    )
    .order_by(_b.starts_at)
)
"""Made once, as it is part of every search."""


class Feeds(Repository[Feed]):
    """Those that are not revoked."""

    def by_token(self, token_hash: str) -> Feed | None:
        """The open feed of this address."""
        return next(iter(self.list(token_hash=token_hash, revoked_at=None)), None)

    def last_changes(self, subjects: Collection[str]) -> dict[str, datetime]:
        """When each of these was last changed, as the audit trail knows."""
        a = audit.c
        query = select(a.subject, func.max(a.at)).where(a.subject.in_(subjects))
        return {row[0]: row[1] for row in self._session.execute(query.group_by(a.subject))}


class ApiKeys(Repository[ApiKey]):
    """All keys, revoked ones too."""

    def by_token(self, token_hash: str) -> ApiKey | None:
        """The key that still opens something."""
        return next(iter(self.list(token_hash=token_hash, revoked_at=None)), None)


class OutsideCalendars(Repository[OutsideCalendar]):
    """One for each agent at most, and what it blocks."""

    def block(self, person_id: str, busy: Sequence[Span]) -> None:
        """In place of what it blocked before."""
        self._session.execute(delete(outside_busy).where(_b.calendar_id == person_id))
        if busy:
            rows = [{"calendar_id": person_id, "starts_at": s, "ends_at": e} for s, e in busy]
            self._session.execute(insert(outside_busy), rows)

    def busy(
        self, person_ids: Collection[str], start: datetime, end: datetime
    ) -> dict[str, list[Span]]:
        """What of the time from `start` to `end` each of these agents has taken elsewhere, in
        order; those without any are left out."""
        values = {"ids": person_ids, "start": start, "end": end}
        rows = self._session.execute(_BUSY, values)
        found: dict[str, list[Span]] = defaultdict(list)
        for person_id, starts_at, ends_at in rows:
            found[person_id].append((starts_at, ends_at))
        return dict(found)

    def due(self, tried_before: datetime, most: int) -> Sequence[OutsideCalendar]:
        """Those that were not tried since, the longest ago first."""
        tried = outside_calendars.c.tried_at
        query = select(OutsideCalendar).where(or_(tried.is_(None), tried < tried_before))
        never_first = func.coalesce(tried, datetime.min.replace(tzinfo=tried_before.tzinfo))
        return self._all(query.order_by(never_first).limit(most))
