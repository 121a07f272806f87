"""Who has what, when: written all or nothing, and refused by the database where it overlaps."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Select, and_, column, delete, func, insert, select, text, tuple_, values
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.errors import AgentBusy, CounterFull, RoomTaken, SlotTaken, VisiohubError
from visiohub.storage import conflicts
from visiohub.storage.tables import occupancies

_REFUSALS: dict[ResourceKind, type[VisiohubError]] = {
    ResourceKind.ROOM: RoomTaken,
    ResourceKind.KIOSK: SlotTaken,
    ResourceKind.AGENT: AgentBusy,
    ResourceKind.SEAT: CounterFull,
}
_o = occupancies.c
_KEY = (_o.resource_kind, _o.resource_id, _o.starts_at)
_INSERT = insert(occupancies)
_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


class Occupancies:
    """All occupancies. What one transaction writes is kept as a whole or not at all."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def hold(self, wanted: Iterable[Occupancy]) -> None:
        """Take all of these. Raises as `move`."""
        self.move(wanted)

    def free(self, *owners: Owner) -> None:
        """These owners hold nothing any more."""
        self.move((), *owners)

    def move(self, wanted: Iterable[Occupancy], *owners: Owner) -> None:
        """From now on `owners` hold none but `wanted`, which may be of others, too.

        Raises RoomTaken, SlotTaken (a kiosk), AgentBusy, CounterFull (a seat) for the first that
        another owner has; `params` say resource_kind, resource_id, starts_at and ends_at. The
        transaction is then lost. One call for everything that a command books takes its locks in
        one order, so that two such commands never wait for each other.
        """
        before, after = set(self.of(*owners)), set(wanted)
        self._lock({o.resource for o in before ^ after})
        gone = [(o.resource.kind, o.resource.id, o.starts_at) for o in before - after]
        if gone:
            self._session.execute(delete(occupancies).where(tuple_(*_KEY).in_(gone)))
        for occupancy in sorted(after - before):
            self._insert(occupancy)

    def of(self, *owners: Owner) -> list[Occupancy]:
        """What these owners hold, by resource and time."""
        if not owners:
            return []
        whose = tuple_(_o.owner_kind, _o.owner_id).in_([(o.kind, o.id) for o in owners])
        return self._read(select(occupancies).where(whose))

    def offered(self, resources: Collection[Resource], now: datetime) -> bool:
        """Whether an offer of the waiting list holds one of these at some moment from now on."""
        whose = tuple_(_o.resource_kind, _o.resource_id).in_([(r.kind, r.id) for r in resources])
        query = select(_o.owner_id).where(whose, _o.owner_kind == OwnerKind.OFFER, _o.ends_at > now)
        return self._session.execute(query.limit(1)).first() is not None

    def between(
        self, resources: Collection[Resource], start: datetime, end: datetime
    ) -> list[Occupancy]:
        """What of these resources is held at some moment from `start` up to `end`, by resource
        and time.

        Reads no row outside that time: as nothing overlaps, of all that begins earlier only the
        last can reach into it, and from its start on the index is read up to `end`.
        """
        wanted = values(column("kind", _o.resource_kind.type), column("id", _o.resource_id.type))
        asked = wanted.data([(r.kind, r.id) for r in resources]).cte("asked")
        earlier = occupancies.alias("earlier").c
        last_before = (
            select(func.max(earlier.starts_at))
            .where(
                earlier.resource_kind == asked.c.kind,
                earlier.resource_id == asked.c.id,
                earlier.starts_at <= start,
            )
            .scalar_subquery()
        )
        the_same = and_(_o.resource_kind == asked.c.kind, _o.resource_id == asked.c.id)
        query = (
            select(occupancies)
            .join_from(asked, occupancies, the_same)
            .where(
                _o.starts_at >= func.coalesce(last_before, start),
                _o.starts_at < end,
                _o.ends_at > start,
            )
        )
        return self._read(query) if resources else []

    def _read(self, query: Select[tuple[object, ...]]) -> list[Occupancy]:
        return [
            Occupancy(
                Resource(row.resource_kind, row.resource_id),
                row.starts_at,
                row.ends_at,
                Owner(row.owner_kind, row.owner_id),
            )
            for row in self._session.execute(query.order_by(*_KEY))
        ]

    def _insert(self, occupancy: Occupancy) -> None:
        row = {
            "resource_kind": occupancy.resource.kind,
            "resource_id": occupancy.resource.id,
            "starts_at": occupancy.starts_at,
            "ends_at": occupancy.ends_at,
            "owner_kind": occupancy.owner.kind,
            "owner_id": occupancy.owner.id,
        }
        try:
            self._session.execute(_INSERT, row)
        except IntegrityError as error:
            if not conflicts.is_overlap(error):
                raise
            kind = occupancy.resource.kind
            raise _REFUSALS[kind](
                f"{kind} {occupancy.resource.id} is held at some time from "
                f"{occupancy.starts_at} to {occupancy.ends_at}",
                resource_kind=kind,
                resource_id=occupancy.resource.id,
                starts_at=occupancy.starts_at,
                ends_at=occupancy.ends_at,
            ) from error

    def _lock(self, resources: Collection[Resource]) -> None:
        """On PostgreSQL, writers of one resource come one after the other, up to their commits.

        Two that insert overlapping rows at once would otherwise each wait for the other. SQLite
        has one writer anyway.
        """
        if resources and self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(_LOCK, {"keys": sorted({_lock_key(r) for r in resources})})


def _lock_key(resource: Resource) -> int:
    """64 bits; two resources that share a key only wait for each other."""
    name = f"{resource.kind}:{resource.id}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True)
