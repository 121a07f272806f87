"""What a search of free times reads: places near a point, and plain spans of what is taken."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    TableValuedAlias,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.hours import Span
from visiohub.domain.model import Line, Room, Venue
from visiohub.domain.occupancy import OwnerKind, Resource, ResourceKind
from visiohub.storage import tables
from visiohub.storage.among import among
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
    """An appointment, a booking with a visio, or what the waiting list is offered, that uses the
    line of a venue."""

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
            .where(k.active, r.active, among(r.venue_id, venue_ids))
            .order_by(k.name, k.id)
        )
        return [KioskInRoom(*row) for row in self._session.execute(query)]

    def rooms_at(self, venue_ids: Collection[str]) -> Sequence[Room]:
        """Active rooms of these venues, by name."""
        r = tables.rooms.c
        query = select(Room).where(r.active, among(r.venue_id, venue_ids)).order_by(r.name, r.id)
        return self._session.scalars(query).all()

    def taken(
        self, resources: Collection[Resource], start: datetime, end: datetime
    ) -> dict[Resource, list[Span]]:
        """Spans in which these are held at some moment from `start` up to `end`, in order.

        As Occupancies.between, one range of the index for each resource; without owners. One read.
        """
        asked = list(resources)
        if not asked:
            return {}
        values: dict[str, object] = {"start": start, "end": end}
        dialect = self._session.get_bind().dialect.name
        if dialect == "sqlite":
            values["asked"] = json.dumps([(one.kind, one.id) for one in asked])
        else:
            values |= {"kinds": [one.kind for one in asked], "ids": [one.id for one in asked]}
        rows = self._session.execute(_TAKEN[dialect], values).all()
        return {
            asked[place]: [(row[1], row[2]) for row in of_one]
            for place, of_one in groupby(rows, key=itemgetter(0))
        }

    def unassigned(
        self, service_ids: Collection[str], start: datetime, end: datetime, moved: str = ""
    ) -> list[tuple[str, Span]]:
        """Appointments for these services that hold their slot and have neither agent nor seat,
        but for the one that is `moved`: for which service, and when."""
        a = tables.appointments.c
        query = (
            select(a.service_id, a.starts_at, a.ends_at)
            .where(
                among(a.service_id, service_ids),
                a.starts_at < end,
                a.ends_at > start,
                a.agent_id.is_(None),
                a.seat_id.is_(None),
                a.state.in_(HOLDS_ITS_SLOT),
                a.id != moved,
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
            .where(v.active, among(v.venue_id, venue_ids))
            .order_by(v.venue_id, v.id)
        )
        first: dict[str, tuple[Line, bool]] = {}
        for line, was_measured in self._session.execute(query):
            first.setdefault(line.venue_id, (line, was_measured))
        return {venue_id: line for venue_id, (line, was_measured) in first.items() if was_measured}

    def visios(
        self, venue_ids: Collection[str], start: datetime, end: datetime
    ) -> list[VisioOnLine]:
        """What uses the lines of these venues at some moment from `start` up to `end`; an offer
        with the buffers that it holds."""
        a, k, r = tables.appointments.c, tables.kiosks.c, tables.rooms.c
        held = and_(
            _o.resource_kind == ResourceKind.KIOSK,
            _o.resource_id == k.id,
            _o.starts_at > start - _LONGEST,
            _o.starts_at < end,
        )
        appointments = (
            select(r.venue_id, a.id, a.starts_at, a.ends_at)
            .join_from(tables.rooms, tables.kiosks, k.room_id == r.id)
            .join(tables.occupancies, held)
            .join(tables.appointments, a.id == _o.owner_id)
            .where(
                _o.owner_kind == OwnerKind.APPOINTMENT,
                among(r.venue_id, venue_ids),
                a.starts_at < end,
                a.ends_at > start,
            )
        )
        offers = (
            select(r.venue_id, _o.owner_id, _o.starts_at, _o.ends_at)
            .join_from(tables.rooms, tables.kiosks, k.room_id == r.id)
            .join(tables.occupancies, held)
            .where(
                _o.owner_kind == OwnerKind.OFFER, among(r.venue_id, venue_ids), _o.ends_at > start
            )
        )
        b, booked = bookings.c, booked_rooms.c
        of_rooms = (
            select(booked.venue_id, b.id, b.starts_at, b.ends_at)
            .join_from(booked_rooms, bookings, b.id == booked.booking_id)
            .where(
                b.visio,
                among(booked.venue_id, venue_ids),
                booked.state.in_(HOLDS_ITS_ROOM),
                b.starts_at < end,
                b.ends_at > start,
            )
        )
        rows = self._session.execute(appointments.union(offers, of_rooms))
        return [VisioOnLine(*row) for row in rows]


def _taken_of(
    asked: TableValuedAlias,
    place: ColumnElement[int],
    kind: ColumnElement[str],
    resource_id: ColumnElement[str],
) -> Select[int, datetime, datetime]:
    """Of the resources `asked`, each known by its place among them: as nothing overlaps, of all
    that begins before `start` only the last can reach past it, and from its start on the index is
    read up to `end`."""
    earlier = tables.occupancies.alias("earlier").c
    start = bindparam("start", type_=_o.starts_at.type)
    end = bindparam("end", type_=_o.starts_at.type)
    last_before = (
        select(func.max(earlier.starts_at))
        .where(
            earlier.resource_kind == kind,
            earlier.resource_id == resource_id,
            earlier.starts_at <= start,
        )
        .scalar_subquery()
    )
    the_same = and_(_o.resource_kind == kind, _o.resource_id == resource_id)
    return (
        select(place.label("place"), _o.starts_at, _o.ends_at)
        .join_from(asked, tables.occupancies, the_same)
        .where(
            _o.starts_at >= func.coalesce(last_before, start),
            _o.starts_at < end,
            _o.ends_at > start,
        )
        .order_by("place", _o.starts_at)
    )


def _taken_on_sqlite() -> Select[int, datetime, datetime]:
    asked = func.json_each(bindparam("asked")).table_valued("key", "value", name="asked")
    kind, resource_id = (func.json_extract(asked.c.value, f"$[{n}]") for n in range(2))
    return _taken_of(asked, asked.c.key, kind, resource_id)


def _taken_on_postgresql() -> Select[int, datetime, datetime]:
    arrays = (bindparam(name, type_=ARRAY(String)) for name in ("kinds", "ids"))
    asked = (
        func.unnest(*arrays)
        .table_valued("kind", "id", with_ordinality="n", name="asked")
        .render_derived()
    )
    return _taken_of(asked, asked.c.n - 1, asked.c.kind, asked.c.id)


_TAKEN = {"sqlite": _taken_on_sqlite(), "postgresql": _taken_on_postgresql()}
"""One parameter holds all ids, so that the statement is made once, however many are asked for."""
