"""Repositories: what use cases ask of the tables, in the domain's words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Generic, TypeVar

from sqlalchemy import Select, Table, bindparam, or_, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.model import Attempt, Call, Kiosk, KioskAbsence, Session
from visiohub.errors import NotFound
from visiohub.storage import tables
from visiohub.storage.among import Ids, among

T = TypeVar("T")


class Repository(Generic[T]):
    """All rows of one table."""

    def __init__(self, session: OrmSession, entity: type[T], table: Table) -> None:
        self._session = session
        self._entity = entity
        self._table = table

    def find(self, entity_id: str | None) -> T | None:
        """The one with this id, or None."""
        return None if entity_id is None else self._session.get(self._entity, entity_id)

    def get(self, entity_id: str | None) -> T:
        """The one with this id. Raises NotFound."""
        found = self.find(entity_id)
        if found is None:
            raise NotFound(f"no {self._entity.__name__} {entity_id!r}", about=entity_id)
        return found

    def fresh(self, entity_id: str) -> T | None:
        """As `find`, read anew: after a commit others may have changed it."""
        return self._session.get(self._entity, entity_id, populate_existing=True)

    def add(self, entity: T) -> None:
        """Keep from now on."""
        self._session.add(entity)

    def remove(self, entity: T) -> None:
        """Keep no longer."""
        self._session.delete(entity)

    def list(self, **equal: object) -> Sequence[T]:
        """Those whose columns equal the given values; by name where there is one, else by id."""
        given = {name: value for name, value in equal.items() if value is not None}
        query = self._made(_listed, tuple(equal), frozenset(given))
        return self._session.scalars(query, given).all()

    def by_ids(self, ids: Sequence[str | None]) -> dict[str, T]:
        """Those with these ids, by id; unknown ones are left out."""
        wanted = {i for i in ids if i is not None}
        query = self._made(_by_ids)
        rows = self._session.scalars(query, {"ids": wanted}).all()
        return {row.id: row for row in rows}  # type: ignore[attr-defined]  # every entity has an id

    def _made(self, statement: Callable[..., Select[T]], *how: object) -> Select[T]:
        """One of the statements below, for these entities."""
        return statement(self._table, self._entity, *how)

    def _all(self, query: Select[T]) -> Sequence[T]:
        return self._session.scalars(query).all()


# Made once for all units of work: to make a statement takes as long as to read a row.


@cache
def _by_ids(table: Table, entity: type[T]) -> Select[T]:
    return select(entity).where(among(table.c.id, bindparam("ids", type_=Ids())))


@cache
def _listed(
    table: Table, entity: type[T], names: tuple[str, ...], given: frozenset[str]
) -> Select[T]:
    """Where columns of these names equal parameters of the same names, or NULL if none is given."""
    columns = table.c
    query = select(entity).where(
        *(
            columns[n] == bindparam(n, type_=columns[n].type)
            if n in given
            else columns[n].is_(None)
            for n in names
        )
    )
    order = ("starts_at", "arrived_at", "name", "label", "id")
    return query.order_by(*(columns[name] for name in order if name in columns))


class Kiosks(Repository[Kiosk]):
    """Kiosks, and when they were away."""

    def at_venue(self, venue_id: str) -> Sequence[Kiosk]:
        """Active kiosks in the venue's rooms."""
        return self._all(
            select(Kiosk)
            .join(tables.rooms, tables.rooms.c.id == tables.kiosks.c.room_id)
            .where(tables.rooms.c.venue_id == venue_id, tables.kiosks.c.active)
            .order_by(tables.kiosks.c.name)
        )

    def at_venues(self, venue_ids: Collection[str]) -> dict[str, list[Kiosk]]:
        """As `at_venue`, by venue; those without a kiosk are left out. One read."""
        query = (
            select(tables.rooms.c.venue_id, Kiosk)
            .join_from(tables.rooms, tables.kiosks, tables.rooms.c.id == tables.kiosks.c.room_id)
            .where(among(tables.rooms.c.venue_id, venue_ids), tables.kiosks.c.active)
            .order_by(tables.kiosks.c.name)
        )
        found: dict[str, list[Kiosk]] = {}
        for venue_id, kiosk in self._session.execute(query):
            found.setdefault(venue_id, []).append(kiosk)
        return found

    def open_absences(self, kiosk_ids: Collection[str]) -> dict[str, KioskAbsence]:
        """As `open_absence`, by kiosk. One read."""
        a = tables.kiosk_absences.c
        found = self._session.scalars(
            select(KioskAbsence).where(among(a.kiosk_id, kiosk_ids), a.ended_at.is_(None))
        )
        return {absence.kiosk_id: absence for absence in found}

    def open_absence(self, kiosk_id: str) -> KioskAbsence | None:
        """The absence that goes on, if any."""
        a = tables.kiosk_absences.c
        return self._session.scalars(
            select(KioskAbsence).where(a.kiosk_id == kiosk_id, a.ended_at.is_(None))
        ).first()

    def add_absence(self, absence: KioskAbsence) -> None:
        """Keep from now on."""
        self._session.add(absence)

    def absences(self, kiosk_id: str, start: datetime, end: datetime) -> Sequence[KioskAbsence]:
        """Absences that touch the time from `start` to `end`."""
        a = tables.kiosk_absences.c
        return self._session.scalars(
            select(KioskAbsence).where(
                a.kiosk_id == kiosk_id,
                a.began_at < end,
                or_(a.ended_at.is_(None), a.ended_at > start),
            )
        ).all()


class Calls(Repository[Call]):
    """Calls: the open ones, and the record."""

    def open(
        self, *, kiosk_id: str | None = None, appointment_id: str | None = None
    ) -> Sequence[Call]:
        """Calls that have not ended, first come first."""
        c = tables.calls.c
        query = select(Call).where(c.state != "ended")
        if kiosk_id is not None:
            query = query.where(c.kiosk_id == kiosk_id)
        if appointment_id is not None:
            query = query.where(c.appointment_id == appointment_id)
        return self._all(query.order_by(c.arrived_at, c.id))

    def latest_of(self, appointment_ids: Sequence[str]) -> dict[str, Call]:
        """The last call of each of these appointments, by appointment id."""
        c = tables.calls.c
        rows = self._all(
            select(Call).where(c.appointment_id.in_(appointment_ids)).order_by(c.arrived_at, c.id)
        )
        return {row.appointment_id: row for row in rows if row.appointment_id is not None}

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        kiosk_ids: Sequence[str] | None = None,
        service_ids: Sequence[str] | None = None,
        end_reason: str | None = None,
        limit: int | None = None,
    ) -> Sequence[Call]:
        """Calls whose citizen came from `start` to `end`, the newest first."""
        c = tables.calls.c
        query = select(Call).where(c.arrived_at >= start, c.arrived_at < end)
        if kiosk_ids is not None:
            query = query.where(c.kiosk_id.in_(kiosk_ids))
        if service_ids is not None:
            query = query.where(c.service_id.in_(service_ids))
        if end_reason is not None:
            query = query.where(c.end_reason == end_reason)
        return self._all(query.order_by(c.arrived_at.desc(), c.id).limit(limit))


class Sessions(Repository[Session]):
    """Sign-ins."""

    def by_token(self, token_hash: str) -> Session | None:
        """The session of this cookie."""
        return self._session.scalars(
            select(Session).where(tables.sessions.c.token_hash == token_hash)
        ).first()

    def open_of(self, person_id: str, now: datetime) -> Sequence[Session]:
        """A person's sessions that still work, the latest first."""
        s = tables.sessions.c
        return self._all(
            select(Session)
            .where(s.person_id == person_id, s.revoked_at.is_(None), s.expires_at > now)
            .order_by(s.seen_at.desc())
        )


class Attempts(Repository[Attempt]):
    """Failed tries, for rate limits."""

    def count(self, kind: str, key: str | None, since: datetime) -> int:
        """How many tries since then; `key` None counts all keys."""
        return len(self.times(kind, key, since))

    def times_by_key(self, kind: str, since: datetime) -> dict[str, list[datetime]]:
        """When, the oldest first, of every key that was tried. One read."""
        a = tables.attempts.c
        query = select(a.key, a.at).where(a.kind == kind, a.at >= since).order_by(a.at)
        found: dict[str, list[datetime]] = {}
        for key, at in self._session.execute(query):
            found.setdefault(key, []).append(at)
        return found

    def times(self, kind: str, key: str | None, since: datetime) -> Sequence[datetime]:
        """When, the oldest first."""
        a = tables.attempts.c
        query = select(a.at).where(a.kind == kind, a.at >= since).order_by(a.at)
        if key is not None:
            query = query.where(a.key == key)
        return self._session.scalars(query).all()
