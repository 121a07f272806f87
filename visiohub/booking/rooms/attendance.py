"""Who came: check-in at the door or by reception, rooms released, keys out and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.booking import announce_rooms
from visiohub.booking.audit import note
from visiohub.booking.rooms.changes import step
from visiohub.booking.rooms.ledger import give_back
from visiohub.booking.rooms.places import read_places
from visiohub.booking.rooms.refusals import (
    BookingChanged,
    KeyBack,
    KeyOut,
    NoBookingHere,
    NotTheTime,
    RoomNotOffered,
)
from visiohub.booking.rooms.scope import check_manages, check_version
from visiohub.booking.rooms.writing import (
    accounted,
    end,
    entered_on,
    facts_of,
    holding,
    rooms_of,
    tell,
)
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.booking import (
    HOLDS_ITS_ROOM,
    BookedRoom,
    KeyLoan,
    RoomBooking,
    RoomState,
    drawn_again,
)
from visiohub.domain.calendar.closed import ForClosure, OnExceptionalDay
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import Unused, settle
from visiohub.domain.tariff.money import Amount
from visiohub.domain.typed import in_sight
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.notify.notice import Change
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
    """Reception saw them come, or notes it from paper until the end of the next day, also of those
    who were taken for absent: then the booking costs what it cost when it was made.

    Raises NotFound, NotAllowed, EditedMeanwhile, BookingChanged, NotTheTime, RoomTaken (somebody
    else has the room meanwhile).
    """
    room = uow.booked_rooms.get(booked_room_id)
    check_manages(by, room.venue_id)
    check_version(room, version)
    booking = uow.bookings.get(room.booking_id)
    zone = hours.zone_of(uow.venues.get(room.venue_id).time_zone)
    if not is_noted(booking, zone, now):
        raise NotTheTime(f"from {booking.starts_at} to {booking.ends_at}")
    absent = room.state is RoomState.NO_SHOW
    _note_came(uow, room, booking, by, now)
    if absent:
        _take_up(uow, room, booking, now)
    uow.flush()
    return room


def is_noted(booking: RoomBooking, zone: ZoneInfo, now: datetime) -> bool:
    """Whether reception may still, or already, say who came to a booking."""
    next_day = hours.local_day(booking.ends_at, zone) + timedelta(days=1)
    return booking.starts_at - EARLY <= now < hours.day_span(next_day, zone)[1]


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


def unused(uow: UnitOfWork, now: datetime, up_since: datetime) -> list[str]:
    """Ids of the bookings of which `release` ends or notes something at this moment."""
    since = _since(uow, now)
    found = uow.booked_rooms.not_come(since - SETTLED, since)
    due = (r for r in found if _fate(uow, uow.bookings.get(r.booking_id), r, now, up_since))
    return list(dict.fromkeys(room.booking_id for room in due))


def release(uow: UnitOfWork, booking_id: str, now: datetime, up_since: datetime) -> int:
    """The unused rooms of a booking are free again, under the rule of those who do not show up;
    what the venue never agreed to, or what began in a closure of it, costs nothing. Who has the key
    of a confirmed room came.

    `up_since`: from when on the hub ran without a break. The booker and the venue are told, in one
    mail for each. Returns how many rooms. Raises NotFound.
    """
    booking = uow.bookings.get(booking_id)
    if booking.starts_at > _since(uow, now):
        return 0  # moved meanwhile
    released: list[BookedRoom] = []
    shut: list[BookedRoom] = []
    rooms = rooms_of(uow, booking)
    for room in rooms:
        state = _fate(uow, booking, room, now, up_since)
        if state is None:
            continue
        if state is RoomState.CHECKED_IN:
            _note_came(uow, room, booking, None, now)
            continue
        rule = Unused.NO_SHOW if state is RoomState.NO_SHOW else Unused.IN_TIME
        shut_out = room.state is RoomState.CONFIRMED and state is RoomState.CANCELLED
        before = {"state": str(room.state), **accounted(uow, booking, [room])}
        membership = uow.memberships.get(booking.membership_id)
        end(uow, membership, booking, [(room, state, rule)], now)
        booking.version += 1
        after = {"state": str(state), **accounted(uow, booking, [room])}
        after["room"] = room.room_id
        note(uow, None, now, "booking.release", booking.id, before, after)
        (shut if shut_out else released).append(room)
    uow.flush()
    if released:
        announce_rooms.of_release(uow, booking, released, now)
    if shut and not (released or any(room.state in HOLDS_ITS_ROOM for room in rooms)):
        announce_rooms.of_bookings(uow, [booking], Change.CANCELLED, now)
    return len(released) + len(shut)


def _fate(
    uow: UnitOfWork, booking: RoomBooking, room: BookedRoom, now: datetime, up_since: datetime
) -> RoomState | None:
    """What becomes of a room in which nobody was seen in time; None: it stays as it is.

    Nobody is absent by the word of a hub that could not be told who came, nor once the room would
    serve nobody else: reception notes who came.
    """
    if room.state is RoomState.REQUESTED:
        return RoomState.CANCELLED
    if room.state is not RoomState.CONFIRMED:
        return None
    if uow.key_loans.list(booked_room_id=room.id, back_at=None):
        return RoomState.CHECKED_IN
    if _began_closed(uow, booking, room):
        return RoomState.CANCELLED
    seen = up_since <= booking.starts_at and now < booking.ends_at
    return RoomState.NO_SHOW if seen else None


def _began_closed(uow: UnitOfWork, booking: RoomBooking, room: BookedRoom) -> bool:
    """Whether a closure or an exception set after it was booked left it before a closed door."""
    try:
        (place,) = read_places(uow, [room.room_id])
    except RoomNotOffered:
        return False  # retired since
    closed = place.calendar.why_closed(booking.starts_at)
    return isinstance(closed, ForClosure | OnExceptionalDay)


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
    if room.state is RoomState.NO_SHOW:
        raise BookingChanged("was released")  # only reception sees whether the room is still free
    _note_came(uow, room, booking, by, now)
    uow.flush()
    return room


def _take_up(uow: UnitOfWork, room: BookedRoom, booking: RoomBooking, now: datetime) -> None:
    """What a release gave back of a room is due again, by who was charged; the room is held while
    the booking lasts. Raises RoomTaken."""
    if now < booking.ends_at:
        (place,) = read_places(uow, [room.room_id])
        uow.occupancies.hold([holding(place, room, (booking.starts_at, booking.ends_at))])
    membership = uow.memberships.get(booking.membership_id)
    settled = settle(room.quote, Unused.NO_SHOW, room.cancellation)
    membership.standing = drawn_again(membership.standing, settled.back)
    back, percent = settled.refund, room.quote.lines[0].amount.vat_percent
    amount = Amount(back.before_tax, percent, back.vat, back.total)
    on = entered_on(booking, now, hours.zone_of(uow.venues.get(room.venue_id).time_zone))
    name = uow.rooms.get(room.room_id).name
    give_back(uow, membership, amount, on=on, label=name, room=room)


def _note_came(
    uow: UnitOfWork, room: BookedRoom, booking: RoomBooking, by: Person | None, now: datetime
) -> None:
    before = facts_of(room)
    step(room, RoomState.CHECKED_IN)
    room.checked_in_at = now if now < booking.ends_at else None  # when, nobody knows any more
    note(uow, by, now, "booking.check_in", booking.id, before, facts_of(room))
    tell(uow, room.venue_id)
