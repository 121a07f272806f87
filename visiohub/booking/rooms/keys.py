"""Keys and badges of a venue: handed out with a booked room, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from visiohub.booking.audit import note
from visiohub.booking.rooms.refusals import BookingChanged, KeyBack, KeyOut
from visiohub.booking.rooms.scope import check_manages
from visiohub.booking.rooms.writing import tell
from visiohub.booking.secrets import new_id
from visiohub.domain.booking import KeyLoan, RoomState
from visiohub.domain.csv_table import fold
from visiohub.domain.model import Person
from visiohub.domain.typed import in_sight
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

MOST_CHARACTERS = 100
"""Of what is written on a key."""


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
    out = uow.key_loans.list(venue_id=room.venue_id, back_at=None)
    if any(fold(one.name) == fold(name) for one in out):
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
