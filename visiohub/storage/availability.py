"""What a search of free times reads: places near a point, and plain spans of what is taken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import ARRAY, Select, String, TableValuedAlias, and_, bindparam, func, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.hours import Span
from visiohub.domain.model import Room, Venue
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage import tables

_o = tables.occupancies.c


class Town(NamedTuple):
    """Where an active venue is; degrees."""

    town: str
    postcode: str
    latitude: float
    longitude: float


class KioskInRoom(NamedTuple):
    """An active kiosk."""

    venue_id: str
    kiosk_id: str
    room_id: str


class Availability:
    """Queries that give columns, not entities: a search reads thousands of rows."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def towns(self) -> list[Town]:
        """Of all active venues."""
        v = tables.venues.c
        query = select(v.town, v.postcode, v.latitude, v.longitude).where(v.active)
        return [Town(*row) for row in self._session.execute(query.order_by(v.town, v.postcode))]

    def venues_in(
        self, latitudes: tuple[float, float], longitudes: tuple[float, float]
    ) -> Sequence[Venue]:
        """Active venues within a box of degrees."""
        v = tables.venues.c
        return self._session.scalars(
            select(Venue).where(
                v.active, v.latitude.between(*latitudes), v.longitude.between(*longitudes)
            )
        ).all()

    def kiosks_at(self, venue_ids: Collection[str]) -> list[KioskInRoom]:
        """Active kiosks in the active rooms of these venues, by name."""
        k, r = tables.kiosks.c, tables.rooms.c
        query = (
            select(r.venue_id, k.id, k.room_id)
            .join_from(tables.kiosks, tables.rooms, r.id == k.room_id)
            .where(k.active, r.active, r.venue_id.in_(venue_ids))
            .order_by(k.name, k.id)
        )
        return [KioskInRoom(*row) for row in self._session.execute(query)]

    def rooms_at(self, venue_ids: Collection[str]) -> Sequence[Room]:
        """Active rooms of these venues, by name."""
        r = tables.rooms.c
        query = select(Room).where(r.active, r.venue_id.in_(venue_ids)).order_by(r.name, r.id)
        return self._session.scalars(query).all()

    def taken(
        self, resources: Collection[Resource], start: datetime, end: datetime
    ) -> dict[Resource, list[Span]]:
        """Spans in which these are held at some moment from `start` up to `end`, in order.

        As Occupancies.between, one range of the index for each resource; without owners.
        """
        ids: dict[ResourceKind, list[str]] = defaultdict(list)
        for resource in resources:
            ids[resource.kind].append(resource.id)
        found: dict[Resource, list[Span]] = {}
        dialect = self._session.get_bind().dialect.name
        for kind, of_kind in ids.items():
            asked = json.dumps(of_kind) if dialect == "sqlite" else of_kind
            values = {"kind": kind, "ids": asked, "start": start, "end": end}
            rows = self._session.execute(_TAKEN[dialect], values)
            for resource_id, of_one in groupby(rows, key=itemgetter(0)):
                spans = [(row[1], row[2]) for row in of_one]
                found[Resource(kind, resource_id)] = spans
        return found

    def unassigned(
        self, service_ids: Collection[str], start: datetime, end: datetime
    ) -> list[Span]:
        """Appointments for these services that hold their slot and have neither agent nor seat."""
        a = tables.appointments.c
        query = (
            select(a.starts_at, a.ends_at)
            .where(
                a.service_id.in_(service_ids),
                a.starts_at < end,
                a.ends_at > start,
                a.agent_id.is_(None),
                a.seat_id.is_(None),
                a.state.in_(HOLDS_ITS_SLOT),
            )
            .order_by(a.starts_at)
        )
        return [(begins, ends) for begins, ends in self._session.execute(query)]


def _taken_of(asked: TableValuedAlias) -> Select[str, datetime, datetime]:
    """Of the resources `asked`: as nothing overlaps, of all that begins before `start` only the
    last can reach past it, and from its start on the index is read up to `end`."""
    earlier = tables.occupancies.alias("earlier").c
    kind = bindparam("kind", type_=_o.resource_kind.type)
    start = bindparam("start", type_=_o.starts_at.type)
    end = bindparam("end", type_=_o.starts_at.type)
    last_before = (
        select(func.max(earlier.starts_at))
        .where(
            earlier.resource_kind == kind,
            earlier.resource_id == asked.c.value,
            earlier.starts_at <= start,
        )
        .scalar_subquery()
    )
    return (
        select(_o.resource_id, _o.starts_at, _o.ends_at)
        .join_from(
            asked,
            tables.occupancies,
            and_(_o.resource_kind == kind, _o.resource_id == asked.c.value),
        )
        .where(
            _o.starts_at >= func.coalesce(last_before, start),
            _o.starts_at < end,
            _o.ends_at > start,
        )
        .order_by(_o.resource_id, _o.starts_at)
    )


_TAKEN = {
    "sqlite": _taken_of(func.json_each(bindparam("ids")).table_valued("value")),
    "postgresql": _taken_of(
        func.unnest(bindparam("ids", type_=ARRAY(String)))
        .table_valued("value", name="asked")
        .render_derived()
    ),
}
"""One parameter holds all ids, so that the statement is made once, however many are asked for."""
