"""What a hub keeps, as its database says: for tests that look whether it is whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.occupancy import (
    Occupancy,
    Owner,
    OwnerKind,
    Resource,
    ResourceKind,
    of_appointment,
    of_slot,
)
from visiohub.storage.occupancies import occupancies
from visiohub.storage.uow import UnitOfWork

Facts = dict[str, Any]
Kept = dict[str, Facts]
"""By id, of each appointment, booked room and entry of the waiting list."""


def everything(uow: UnitOfWork) -> Kept:
    """All that the hub could lose, double or keep in part."""
    found: Kept = {}
    for a in uow.appointments.list():
        found[a.id] = {
            "kind": "appointment",
            "holds": a.state in HOLDS_ITS_SLOT,
            **{name: getattr(a, name) for name in _OF_APPOINTMENTS},
        }
    bookings = {b.id: b for b in uow.bookings.list()}
    for r in uow.booked_rooms.list():
        booking = bookings[r.booking_id]
        found[r.id] = {
            "kind": "room",
            "holds": r.state in HOLDS_ITS_ROOM,
            "state": r.state,
            "room_id": r.room_id,
            "booking_id": booking.id,
            "starts_at": booking.starts_at,
            "ends_at": booking.ends_at,
            "version": booking.version,
        }
    for w in uow.waiting_list.list():
        found[w.id] = {
            "kind": "waiting",
            "state": w.state,
            "offer": w.offer,
            "version": w.version,
        }
    return found


_OF_APPOINTMENTS = (
    "state", "service_id", "kiosk_id", "starts_at", "ends_at", "agent_id", "seat_id", "version",
)  # fmt: skip


def check_whole(uow: UnitOfWork) -> None:
    """Nothing overlaps; what is held is what appointments, bookings and offers say, no more and no
    less; what is booked is charged; whatever there is was written in the audit trail."""
    # of the same instant as all that follows: the hub's jobs go on meanwhile
    rows = uow._session.execute(select(occupancies)).all()
    held = [
        Occupancy(
            Resource(row.resource_kind, row.resource_id),
            row.starts_at,
            row.ends_at,
            Owner(row.owner_kind, row.owner_id),
        )
        for row in rows
    ]
    for one, following in pairwise(sorted(held)):
        assert one.resource != following.resource or one.ends_at <= following.starts_at
    assert sorted(held) == sorted(_to_be_held(uow))
    charged: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in uow.charges.list():
        charged[line.booked_room_id] += line.amount.total
    for room in uow.booked_rooms.list():
        if room.state in HOLDS_ITS_ROOM:
            assert charged[room.id] == room.quote.totals.total
    written = {entry.subject for entry in uow.audit.list()}
    ids = {one.id for repository in (uow.appointments, uow.bookings) for one in repository.list()}
    assert ids <= written


def _to_be_held(uow: UnitOfWork) -> Iterator[Occupancy]:
    services = {s.id: s for s in uow.services.list()}
    limits = {r.id: uow.rooms.limits(r.id) for r in uow.rooms.list()}
    rooms = {k.id: (k.room_id, limits[k.room_id]) for k in uow.kiosks.list()}
    for a in uow.appointments.list():
        yield from of_appointment(a, *rooms[a.kiosk_id], services[a.service_id])
    for w in uow.waiting_list.list():
        if w.offer is not None:
            owner = Owner(OwnerKind.OFFER, w.id)
            yield from of_slot(w.offer, *rooms[w.offer.kiosk_id], services[w.service_id], owner)
    spans: dict[str, tuple[datetime, datetime]] = {
        b.id: (b.starts_at, b.ends_at) for b in uow.bookings.list()
    }
    for r in uow.booked_rooms.list():
        if r.state in HOLDS_ITS_ROOM:
            resource = Resource(ResourceKind.ROOM, r.room_id)
            span = limits[r.room_id].kept(*spans[r.booking_id])
            yield Occupancy(resource, *span, Owner(OwnerKind.BOOKING, r.id))
