"""The visio of a booking: each of its rooms calls from its kiosk, whoever booked answers.

A room's kiosk offers the call on its first screen while it is time; nobody outside can open a
camera in a room. The calls are one to one, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from signaling.protocol.cards import PlaceCard, ServiceCard
from visiohub.booking.directory import Directory
from visiohub.booking.rooms import lists
from visiohub.booking.rooms.attendance import EARLY, come
from visiohub.booking.rooms.lists import BookingRow, RoomRow
from visiohub.domain.booking import BookedRoom, RoomBooking, RoomState
from visiohub.domain.model import Call, Kiosk, Person
from visiohub.errors import NotFound, ServiceClosed
from visiohub.storage.uow import UnitOfWork

LABEL = "Salle réservée"
"""On the kiosk's screen and in the record, where a partner's name stands: in the territory's
language, as those are."""
_IN_TIME = frozenset({RoomState.CONFIRMED, RoomState.CHECKED_IN})


@dataclass(frozen=True)
class Side:
    """One room of the booking: its kiosk, and its call if there is one."""

    row: RoomRow
    kiosk: Kiosk | None
    call: Call | None


@dataclass(frozen=True)
class RoomsVisio:
    """What the page shows; from `opens_at` on the rooms may call."""

    whole: BookingRow
    sides: tuple[Side, ...]
    opens_at: datetime
    is_open: bool


def hosts(uow: UnitOfWork, booking: RoomBooking) -> frozenset[str]:
    """Who answers: the account's person, and who booked."""
    account = uow.memberships.get(booking.membership_id)
    people = uow.persons.by_ids([account.person_id, booking.created_by])
    return frozenset(person.id for person in people.values() if person.active)


def is_host(uow: UnitOfWork, person: Person, booking_id: str) -> bool:
    """Whether this person answers the rooms of a booking."""
    booking = uow.bookings.find(booking_id)
    return booking is not None and booking.visio and person.id in hosts(uow, booking)


def opens_at(uow: UnitOfWork, booking: RoomBooking) -> datetime:
    """From when on its rooms may call."""
    return booking.starts_at - timedelta(minutes=uow.settings.room_visio_early_minutes)


def cards(
    directory: Directory, kiosk_id: str, told: frozenset[str], now: datetime
) -> list[ServiceCard]:
    """What the kiosk's first screen offers for a booking of its room, now."""
    uow = directory.uow
    kiosk, _, venue = directory.whereabouts(kiosk_id)
    ahead = timedelta(minutes=uow.settings.room_visio_early_minutes)
    near = uow.booked_rooms.between(now, now + ahead + timedelta(seconds=1), [venue.id])
    return [
        ServiceCard(
            service_id=room.id,
            partner=LABEL,
            label=host_name(uow, booking),
            availability="wait" if told.isdisjoint(hosts(uow, booking)) else "free",
        )
        for room, booking in near
        if room.room_id == kiosk.room_id and _may_call(uow, room, booking, now)
    ]


def arrive(uow: UnitOfWork, booked: BookedRoom, kiosk_id: str, now: datetime) -> RoomBooking:
    """Somebody in the room calls: so they came, and the room is not given back. Raises
    ServiceClosed: it is not the time, or not this room's kiosk."""
    booking = uow.bookings.get(booked.booking_id)
    here = uow.kiosks.get(kiosk_id).room_id == booked.room_id
    if not here or not _may_call(uow, booked, booking, now):
        raise ServiceClosed(f"room {booked.id} of booking {booking.id} does not call now")
    if booked.state is RoomState.CONFIRMED and now >= booking.starts_at - EARLY:
        come(uow, booked, None, now)
    return booking


def place(uow: UnitOfWork, call: Call, told: frozenset[str]) -> PlaceCard:
    """Nobody is before them: each room waits for the same person."""
    booked = uow.booked_rooms.get(call.booked_room_id)
    here = not told.isdisjoint(hosts(uow, uow.bookings.get(booked.booking_id)))
    return PlaceCard(agent_told=here, people_before=0, wait_minutes=None)


def host_name(uow: UnitOfWork, booking: RoomBooking) -> str:
    """Whom the rooms call: the organisation that pays, or the person."""
    account = uow.memberships.get(booking.membership_id)
    payer = uow.organisations.find(account.organisation_id)
    return payer.name if payer else uow.persons.get(account.person_id).label


def show(uow: UnitOfWork, booking_id: str, by: Person, now: datetime) -> RoomsVisio:
    """The rooms of a booking with visio, for its hosts. Raises NotFound."""
    whole = lists.show(uow, booking_id, by)
    if not is_host(uow, by, booking_id):
        raise NotFound(f"{by.id} is no host of a visio of {booking_id}")
    calls = {call.booked_room_id: call for call in uow.calls.open()}
    rooms = [row for row in whole.rooms if row.booked.state in _IN_TIME]
    at = opens_at(uow, whole.booking)
    sides = tuple(
        Side(
            row,
            next(iter(uow.kiosks.list(room_id=row.room.id, active=True)), None),
            calls.get(row.booked.id),
        )
        for row in rooms
    )
    return RoomsVisio(whole, sides, at, at <= now < whole.booking.ends_at)


def _may_call(uow: UnitOfWork, room: BookedRoom, booking: RoomBooking, now: datetime) -> bool:
    in_time = opens_at(uow, booking) <= now < booking.ends_at
    return booking.visio and room.state in _IN_TIME and in_time
