"""What a search of free times reads: places near a point, and plain spans of what is taken."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.hours import Span
from visiohub.domain.model import Line, Room, Venue
from visiohub.domain.occupancy import OwnerKind, Resource, ResourceKind
from visiohub.storage import search_statements, tables
from visiohub.storage.among import among
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
        return [Town(*row) for row in self._session.execute(search_statements.TOWNS)]

    def venues_in(
        self, latitudes: tuple[float, float], longitudes: tuple[float, float]
    ) -> Sequence[Venue]:
        """Active venues within a box of degrees."""
        (south, north), (west, east) = latitudes, longitudes
        values = {"south": south, "north": north, "west": west, "east": east}
        return self._session.scalars(search_statements.venues_in(), values).all()

    def kiosks_at(self, venue_ids: Collection[str]) -> list[KioskInRoom]:
        """Active kiosks in the active rooms of these venues, by name."""
        rows = self._session.execute(search_statements.KIOSKS_AT, {"ids": venue_ids})
        return [KioskInRoom(*row) for row in rows]

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
        rows = self._session.execute(search_statements.TAKEN[dialect], values).all()
        return {
            asked[place]: [(row[1], row[2]) for row in of_one]
            for place, of_one in groupby(rows, key=itemgetter(0))
        }

    def unassigned(
        self, service_ids: Collection[str], start: datetime, end: datetime, moved: str = ""
    ) -> list[tuple[str, Span]]:
        """Appointments for these services that hold their slot and have neither agent nor seat,
        but for the one that is `moved`: for which service, and when."""
        values = {"ids": service_ids, "start": start, "end": end, "moved": moved}
        rows = self._session.execute(search_statements.UNASSIGNED, values)
        return [(service_id, (begins, ends)) for service_id, begins, ends in rows]

    def measured_lines(self, venue_ids: Collection[str]) -> dict[str, Line]:
        """By venue its active line, the first if several, where anything was ever measured."""
        first: dict[str, tuple[Line, bool]] = {}
        for line, was_measured in self._session.execute(
            search_statements.lines_at(), {"ids": venue_ids}
        ):
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
