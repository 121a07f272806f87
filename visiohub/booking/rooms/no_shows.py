"""Rooms in which nobody was seen in time: released, cancelled, or left to reception's word."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.booking import announce_rooms
from visiohub.booking.audit import note
from visiohub.booking.rooms.attendance import ToldBy, note_came, told_by
from visiohub.booking.rooms.places import read_places
from visiohub.booking.rooms.refusals import RoomNotOffered
from visiohub.booking.rooms.writing import accounted, end, rooms_of
from visiohub.domain.booking import HOLDS_ITS_ROOM, BookedRoom, RoomBooking, RoomState
from visiohub.domain.calendar.closed import ForClosure, OnExceptionalDay
from visiohub.domain.tariff.cancellation import Settlement, Unused
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork

SETTLED = timedelta(days=31)
"""What began longer before is not read every minute: it was settled when it was due."""


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
    mail for each, and the booker in another of what was closed. Returns how many rooms. Raises
    NotFound.
    """
    booking = uow.bookings.get(booking_id)
    if booking.starts_at > _since(uow, now):
        return 0  # moved meanwhile
    released: list[tuple[BookedRoom, Settlement]] = []
    shut: list[tuple[BookedRoom, Settlement]] = []
    rooms = rooms_of(uow, booking)
    for room in rooms:
        state = _fate(uow, booking, room, now, up_since)
        if state is None:
            continue
        if state is RoomState.CHECKED_IN:
            note_came(uow, room, booking, None, now)
            continue
        rule = Unused.NO_SHOW if state is RoomState.NO_SHOW else Unused.IN_TIME
        shut_out = room.state is RoomState.CONFIRMED and state is RoomState.CANCELLED
        before = {"state": str(room.state), **accounted(uow, booking, [room])}
        membership = uow.memberships.get(booking.membership_id)
        (settled,) = end(uow, membership, booking, [(room, state, rule)], now)
        booking.version += 1
        after = {"state": str(state), **accounted(uow, booking, [room])}
        after["room"] = room.room_id
        note(uow, None, now, "booking.release", booking.id, before, after)
        (shut if shut_out else released).append((room, settled))
    uow.flush()
    if released:
        stays = announce_rooms.settled_of(uow, released)
        announce_rooms.of_release(uow, booking, [room for room, _ in released], stays, now)
    if shut:
        goes_on = released or any(room.state in HOLDS_ITS_ROOM for room in rooms)
        change = Change.SHUT if goes_on else Change.CANCELLED
        stays, closed = announce_rooms.settled_of(uow, shut), [room for room, _ in shut]
        announce_rooms.of_bookings(uow, [booking], change, now, named=closed, settled=stays)
    return len(released) + len(shut)


def _fate(
    uow: UnitOfWork, booking: RoomBooking, room: BookedRoom, now: datetime, up_since: datetime
) -> RoomState | None:
    """What becomes of a room in which nobody was seen in time; None: it stays as it is.

    Nobody is absent by the word of a hub that could not be told who came, nor where nobody and
    nothing could tell it, nor once the room would serve nobody else: reception notes who came.
    """
    if room.state is RoomState.REQUESTED:
        return RoomState.CANCELLED
    if room.state is not RoomState.CONFIRMED:
        return None
    if uow.key_loans.list(booked_room_id=room.id, back_at=None):
        return RoomState.CHECKED_IN
    if _began_closed(uow, booking, room):
        return RoomState.CANCELLED
    heard = up_since <= booking.starts_at and now < booking.ends_at
    if heard and told_by(uow, room, booking.starts_at) is not ToldBy.NOBODY:
        return RoomState.NO_SHOW
    return None


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
