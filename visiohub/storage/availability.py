"""What a search of free times reads: places near a point, and plain spans of what is taken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import ARRAY, Select, String, TableValuedAlias, and_, bindparam, func, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.hours import Span
from visiohub.domain.model import Line, Room, Venue
from visiohub.domain.occupancy import OwnerKind, Resource, ResourceKind
from visiohub.storage import tables
from visiohub.storage.line_tables import line_states
from visiohub.storage.room_tables import booked_rooms, bookings

_o = tables.occupancies.c
_LONGEST = timedelta(days=1)
"""No appointment is longer, buffers included: kiosks' times are read from so long before."""


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


class VisioOnLine(NamedTuple):
    """An appointment, or a booking with a visio, that uses the line of a venue."""

    venue_id: str
    owner_id: str
    starts_at: datetime
    ends_at: datetime


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
    ) -> list[tuple[str, Span]]:
        """Appointments for these services that hold their slot and have neither agent nor seat:
        for which service, and when."""
        a = tables.appointments.c
        query = (
            select(a.service_id, a.starts_at, a.ends_at)
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
        rows = self._session.execute(query)
        return [(service_id, (begins, ends)) for service_id, begins, ends in rows]

    def measured_lines(self, venue_ids: Collection[str]) -> dict[str, Line]:
        """By venue its active line, the first if several, where anything was ever measured."""
        v, measured = tables.lines.c, line_states.c.id.is_not(None)
        query = (
            select(Line, measured)
            .outerjoin_from(tables.lines, line_states, line_states.c.id == v.id)
            .where(v.active, v.venue_id.in_(venue_ids))
            .order_by(v.venue_id, v.id)
        )
        first: dict[str, tuple[Line, bool]] = {}
        for line, was_measured in self._session.execute(query):
            first.setdefault(line.venue_id, (line, was_measured))
        return {venue_id: line for venue_id, (line, was_measured) in first.items() if was_measured}

    def visios(
        self, venue_ids: Collection[str], start: datetime, end: datetime
    ) -> list[VisioOnLine]:
        """What uses the lines of these venues at some moment from `start` up to `end`."""
        a, k, r = tables.appointments.c, tables.kiosks.c, tables.rooms.c
        held_by_one = and_(
            _o.resource_kind == ResourceKind.KIOSK,
            _o.resource_id == k.id,
            _o.owner_kind == OwnerKind.APPOINTMENT,
            _o.starts_at > start - _LONGEST,
            _o.starts_at < end,
        )
        appointments = (
            select(r.venue_id, a.id, a.starts_at, a.ends_at)
            .join_from(tables.rooms, tables.kiosks, k.room_id == r.id)
            .join(tables.occupancies, held_by_one)
            .join(tables.appointments, a.id == _o.owner_id)
            .where(r.venue_id.in_(venue_ids), a.starts_at < end, a.ends_at > start)
        )
        b, held = bookings.c, booked_rooms.c
        of_rooms = (
            select(held.venue_id, b.id, b.starts_at, b.ends_at)
            .join_from(booked_rooms, bookings, b.id == held.booking_id)
            .where(
                b.visio,
                held.venue_id.in_(venue_ids),
                held.state.in_(HOLDS_ITS_ROOM),
                b.starts_at < end,
                b.ends_at > start,
            )
        )
        rows = self._session.execute(appointments.union(of_rooms))
        return [VisioOnLine(*row) for row in rows]


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
