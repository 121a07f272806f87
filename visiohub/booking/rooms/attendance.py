"""Who came: check-in at the door or by reception, rooms released, keys out and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from visiohub.booking import announce_rooms
from visiohub.booking.audit import note
from visiohub.booking.rooms.changes import step
from visiohub.booking.rooms.refusals import (
    BookingChanged,
    KeyBack,
    KeyOut,
    NoBookingHere,
    NotTheTime,
)
from visiohub.booking.rooms.scope import check_manages, check_version
from visiohub.booking.rooms.writing import accounted, end, facts_of, rooms_of, tell
from visiohub.booking.secrets import new_id
from visiohub.domain.booking import BookedRoom, KeyLoan, RoomBooking, RoomState
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import Unused
from visiohub.domain.typed import in_sight
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

EARLY = timedelta(minutes=30)
"""One may come so long before the start."""
MOST_CHARACTERS = 100
"""Of what is written on a key."""
SETTLED = timedelta(days=31)
"""What began longer before is not read every minute: it was settled when it was due."""


def check_in(
    uow: UnitOfWork, booked_room_id: str, version: int, by: Person, now: datetime
) -> BookedRoom:
    """Reception saw them come. Raises NotFound, NotAllowed, EditedMeanwhile, BookingChanged,
    NotTheTime."""
    room = uow.booked_rooms.get(booked_room_id)
    check_manages(by, room.venue_id)
    check_version(room, version)
    return come(uow, room, by, now)


def check_in_at_door(
    uow: UnitOfWork, booking_id: str, room_id: str, by: Person, now: datetime
) -> BookedRoom:
    """Who booked stands at the door of this room. Raises NotFound, NoBookingHere (another
    person's, or of other rooms), NotTheTime, BookingChanged (released, or not approved)."""
    booking = uow.bookings.get(booking_id)
    room = next((r for r in rooms_of(uow, booking) if r.room_id == room_id), None)
    if room is None or uow.memberships.get(booking.membership_id).person_id != by.id:
        raise NoBookingHere(f"{by.id} has not booked room {room_id} with {booking_id}")
    return room if room.state is RoomState.CHECKED_IN else come(uow, room, by, now)


def unused(uow: UnitOfWork, now: datetime) -> list[str]:
    """Ids of the bookings with rooms in which nobody came within `room_release_minutes`."""
    since = _since(uow, now)
    not_come = uow.booked_rooms.not_come(since - SETTLED, since)
    return list(dict.fromkeys(room.booking_id for room in not_come))


def release(uow: UnitOfWork, booking_id: str, now: datetime) -> int:
    """The unused rooms of a booking are free again, under the rule of those who do not show up;
    what the venue never agreed to costs nothing. Who has the key of a confirmed room came. The
    booker and the venue are told, in one mail for each. Returns how many rooms. Raises NotFound."""
    booking = uow.bookings.get(booking_id)
    if booking.starts_at > _since(uow, now):
        return 0  # moved meanwhile
    released: list[BookedRoom] = []
    for room in rooms_of(uow, booking):
        asked = room.state is RoomState.REQUESTED
        if not asked and room.state is not RoomState.CONFIRMED:
            continue
        if not asked and uow.key_loans.list(booked_room_id=room.id, back_at=None):
            _note_came(uow, room, booking, None, now)
            continue
        state = RoomState.CANCELLED if asked else RoomState.NO_SHOW
        rule = Unused.IN_TIME if asked else Unused.NO_SHOW
        before = {"state": str(room.state), **accounted(uow, booking, [room])}
        membership = uow.memberships.get(booking.membership_id)
        end(uow, membership, booking, [(room, state, rule)], now)
        booking.version += 1
        after = {"state": str(state), **accounted(uow, booking, [room])}
        after["room"] = room.room_id
        note(uow, None, now, "booking.release", booking.id, before, after)
        released.append(room)
    uow.flush()
    if released:
        announce_rooms.of_release(uow, booking, released, now)
    return len(released)


def _since(uow: UnitOfWork, now: datetime) -> datetime:
    """Who booked from before then had time to come."""
    return now - timedelta(minutes=uow.settings.room_release_minutes)


def hand_out_key(
    uow: UnitOfWork, booked_room_id: str, name: str, by: Person, now: datetime
) -> KeyLoan:
    """A key or badge of the venue, by what is written on it.

    Raises NotFound, NotAllowed, InvalidForm, KeyOut, BookingChanged (nobody has the room).
    """
    room = uow.booked_rooms.get(booked_room_id)
    check_manages(by, room.venue_id)
    if room.state not in {RoomState.CONFIRMED, RoomState.CHECKED_IN}:
        raise BookingChanged(f"is {room.state}")
    name = in_sight(name).strip()
    if not name:
        raise InvalidForm([FieldError("name", "missing", N_("Remplissez ce champ."))])
    if len(name) > MOST_CHARACTERS:
        says, most = N_("Raccourcissez : {max_length} caractères au plus."), MOST_CHARACTERS
        raise InvalidForm([FieldError("name", "too_long", says, {"max_length": most})])
    if uow.key_loans.list(venue_id=room.venue_id, name=name, back_at=None):
        raise KeyOut(f"{name} of venue {room.venue_id}", name=name)
    before = _keys_of(uow, room.id)
    loan = KeyLoan(new_id(), room.venue_id, room.id, name, now, by.id)
    uow.key_loans.add(loan)
    uow.flush()
    note(uow, by, now, "key.out", room.booking_id, before, _keys_of(uow, room.id))
    tell(uow, room.venue_id)
    return loan


def take_key_back(uow: UnitOfWork, loan_id: str, by: Person, now: datetime) -> KeyLoan:
    """It is back. Raises NotFound, NotAllowed, KeyBack."""
    loan = uow.key_loans.get(loan_id)
    check_manages(by, loan.venue_id)
    if loan.back_at is not None:
        raise KeyBack(f"{loan.name} came back at {loan.back_at}", name=loan.name)
    before = _keys_of(uow, loan.booked_room_id)
    loan.back_at, loan.back_by = now, by.id
    uow.flush()
    booking_id = uow.booked_rooms.get(loan.booked_room_id).booking_id
    note(uow, by, now, "key.back", booking_id, before, _keys_of(uow, loan.booked_room_id))
    tell(uow, loan.venue_id)
    return loan


def keys_out(uow: UnitOfWork, venue_id: str, by: Person) -> Sequence[KeyLoan]:
    """Those of a venue that are not back. Raises NotAllowed."""
    check_manages(by, venue_id)
    return uow.key_loans.list(venue_id=venue_id, back_at=None)


def _keys_of(uow: UnitOfWork, booked_room_id: str) -> dict[str, object]:
    """For the audit: what who has this room has to bring back."""
    out = uow.key_loans.list(booked_room_id=booked_room_id, back_at=None)
    return {"keys": sorted(loan.name for loan in out)}


def come(uow: UnitOfWork, room: BookedRoom, by: Person | None, now: datetime) -> BookedRoom:
    """Somebody is here; `by` None: they said so at the door. Raises NotTheTime, BookingChanged."""
    booking = uow.bookings.get(room.booking_id)
    if not booking.starts_at - EARLY <= now < booking.ends_at:
        raise NotTheTime(f"from {booking.starts_at} to {booking.ends_at}")
    _note_came(uow, room, booking, by, now)
    uow.flush()
    return room


def _note_came(
    uow: UnitOfWork, room: BookedRoom, booking: RoomBooking, by: Person | None, now: datetime
) -> None:
    before = facts_of(room)
    step(room, RoomState.CHECKED_IN)
    room.checked_in_at = now
    note(uow, by, now, "booking.check_in", booking.id, before, facts_of(room))
    tell(uow, room.venue_id)
