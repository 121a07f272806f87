"""Approve, refuse, move and cancel bookings of rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from visiohub.booking import announce_rooms
from visiohub.booking.audit import note
from visiohub.booking.lines.moved import leave_looks
from visiohub.booking.rooms.forms import WhenForm
from visiohub.booking.rooms.places import read_places
from visiohub.booking.rooms.prices import check_shown, quotes
from visiohub.booking.rooms.refusals import BookingChanged, TooLateToMove
from visiohub.booking.rooms.scope import (
    cancels_for_venue,
    check_manages,
    check_open,
    check_uses,
    check_version,
    manages,
)
from visiohub.booking.rooms.writing import (
    Booked,
    check_rules,
    due,
    end,
    facts,
    facts_of,
    first_state,
    fits_lines,
    holding,
    refund,
    rooms_of,
    tell,
)
from visiohub.domain.booking import (
    BookedRoom,
    Membership,
    RoomBooking,
    RoomState,
    given_back,
    may_become,
)
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import Settlement, Unused, settle, when_cancelled
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork

_MOVABLE = frozenset({RoomState.REQUESTED, RoomState.CONFIRMED})


def approve(
    uow: UnitOfWork, booked_room_id: str, version: int, by: Person, now: datetime
) -> BookedRoom:
    """The venue agrees. Raises NotFound, NotAllowed, EditedMeanwhile, BookingChanged."""
    room = uow.booked_rooms.get(booked_room_id)
    check_manages(by, room.venue_id)
    check_version(room, version)
    before = facts_of(room)
    step(room, RoomState.CONFIRMED)
    note(uow, by, now, "booking.approve", room.booking_id, before, facts_of(room))
    tell(uow, room.venue_id)
    uow.flush()
    announce_rooms.of_approval(uow, uow.bookings.get(room.booking_id), now)
    return room


def refuse(uow: UnitOfWork, booked_room_id: str, version: int, by: Person, now: datetime) -> Booked:
    """The venue does not agree: as a booking is had as a whole, all its rooms are free again, and
    all that was drawn and charged goes back. Raises as `approve`; BookingChanged also once
    somebody came to another room of it: then the request lapses at its release."""
    refused = uow.booked_rooms.get(booked_room_id)
    check_manages(by, refused.venue_id)
    check_version(refused, version)
    if refused.state is not RoomState.REQUESTED:
        raise BookingChanged(f"is {refused.state}")
    booking = uow.bookings.get(refused.booking_id)
    rooms = rooms_of(uow, booking)
    if somebody_came(rooms):
        raise BookingChanged("somebody came")
    before = facts(uow, Booked(booking, tuple(rooms)))
    ended = [
        (r, RoomState.REFUSED if r is refused else RoomState.CANCELLED, Unused.IN_TIME)
        for r in rooms
        if r.state in _MOVABLE
    ]
    end(uow, uow.memberships.get(booking.membership_id), booking, ended, now)
    changed = _changed(uow, booking, rooms, "booking.refuse", before, by, now)
    announce_rooms.of_bookings(uow, [booking], Change.REFUSED, now)
    return changed


def cancel(
    uow: UnitOfWork,
    booking_id: str,
    version: int,
    by: Person,
    now: datetime,
    *,
    by_venue: bool | None = None,
) -> tuple[Booked, list[Settlement]]:
    """Take it back, and what the rule of cancellation says of each room: what stays charged and
    what goes back. Rooms that the venue has not agreed to yet are free, and everything goes back
    when it is the venue's doing (`scope.cancels_for_venue`).

    Raises NotFound, NotAllowed, EditedMeanwhile, BookingChanged (somebody came, or it is over).
    """
    booking, membership = _open(uow, booking_id, version, by)
    for_venue = cancels_for_venue(membership, by, by_venue)
    rooms = rooms_of(uow, booking)
    before = facts(uow, Booked(booking, tuple(rooms)))
    ended = [
        (r, RoomState.CANCELLED, cancelled_now(booking, r, now, by_venue=for_venue))
        for r in rooms
        if r.state in _MOVABLE
    ]
    if not ended or somebody_came(rooms) or now >= booking.ends_at:
        raise BookingChanged("nothing of it can be cancelled")
    settled = end(uow, membership, booking, ended, now)
    changed = _changed(
        uow, booking, rooms, "booking.cancel", before, by, now, cancelled_by_venue=for_venue
    )
    pairs = [(room, settlement) for (room, *_), settlement in zip(ended, settled, strict=True)]
    stays = announce_rooms.settled_of(uow, pairs)
    given_up = [room for room, _ in pairs]
    announce_rooms.of_bookings(uow, [booking], Change.CANCELLED, now, named=given_up, settled=stays)
    return changed, settled


def move(
    uow: UnitOfWork, booking_id: str, form: WhenForm, version: int, by: Person, now: datetime
) -> Booked:
    """Another time, or other rooms, as many as before. The price is made anew, from a pass only if
    one was drawn from before or the form says so, and a venue that wants to agree is asked anew.
    The rule of cancellation stays the one that was shown when it was booked.

    Raises as `book` and `cancel`, and TooLateToMove.
    """
    booking, membership = _open(uow, booking_id, version, by)
    rooms = sorted(rooms_of(uow, booking), key=lambda r: r.room_id)
    if any(room.state not in _MOVABLE for room in rooms):
        raise BookingChanged("not all of its rooms are to come")
    if len(form.room_ids) != len(rooms):
        says = N_("Gardez le même nombre de salles. Pour en changer, annulez puis réservez.")
        raise InvalidForm([FieldError("room_ids", "room_count", says)])
    rooms = _in_order(rooms, form.room_ids)
    for room in rooms:
        late = cancelled_now(booking, room, now) is not Unused.IN_TIME
        if late and not manages(by, room.venue_id):
            raise TooLateToMove(f"starts at {booking.starts_at}")
    check_open(membership, by, {room.venue_id for room in rooms})
    places = read_places(uow, form.room_ids)
    check_uses(membership, by, {place.venue.id for place in places})
    span = form.span(places[0].zone)
    check_rules(places, membership, span, now)
    before = facts(uow, Booked(booking, tuple(rooms)))
    tell(uow, *(room.venue_id for room in rooms))
    owners = [room.owner for room in rooms]
    draws = [room.quote.draws for room in rooms]
    from_pass = any(one.pass_units for one in draws)
    standing = given_back(membership.standing, draws)
    found, standing = quotes(
        uow,
        membership,
        [(place, span) for place in places],
        visio=booking.visio,
        uses_passes=from_pass if form.uses_passes is None else form.uses_passes,
        standing=standing,
    )
    check_shown(found, form.shown_total)
    uow.occupancies.move([holding(p, r, span) for p, r in zip(places, rooms, strict=True)], *owners)
    for room in rooms:
        settled = settle(room.quote, Unused.IN_TIME, room.cancellation)
        refund(uow, membership, booking, room, settled, now)
    membership.standing = standing
    was_at, (booking.starts_at, booking.ends_at) = booking.starts_at, span
    for place, room, quoted in zip(places, rooms, found, strict=True):
        room.room_id, room.venue_id, room.quote = place.room.id, place.venue.id, quoted
        room.state = first_state(place, by)
        room.version += 1
        due(uow, membership, booking, room, place, now)
    tell(uow, *(place.venue.id for place in places))
    if booking.visio:
        uow.flush()
        fits_lines(uow, [booking], places, now)
        leave_looks(uow, booking.id)
    changed = _changed(uow, booking, rooms, "booking.move", before, by, now)
    announce_rooms.of_bookings(uow, [booking], Change.MOVED, now, was_at=was_at)
    return changed


def cancelled_now(
    booking: RoomBooking, room: BookedRoom, now: datetime, *, by_venue: bool = False
) -> Unused:
    """Which rule a cancellation at this moment falls under: what the venue takes back, or has not
    agreed to, costs nothing."""
    if by_venue or room.state is RoomState.REQUESTED:
        return Unused.IN_TIME
    return when_cancelled(booking.starts_at, now, room.cancellation)


def somebody_came(rooms: Iterable[BookedRoom]) -> bool:
    """To one of a booking's: the mail and the calendar's entry that end it would end theirs."""
    return any(room.state is RoomState.CHECKED_IN for room in rooms)


def step(room: BookedRoom, wanted: RoomState) -> None:
    """Raises BookingChanged."""
    if not may_become(room.state, wanted):
        raise BookingChanged(f"{room.state} cannot become {wanted}")
    room.state = wanted
    room.version += 1


def _open(
    uow: UnitOfWork, booking_id: str, version: int, by: Person
) -> tuple[RoomBooking, Membership]:
    booking = uow.bookings.get(booking_id)
    membership = uow.memberships.get(booking.membership_id)
    check_uses(membership, by, {room.venue_id for room in rooms_of(uow, booking)})
    check_version(booking, version)
    return booking, membership


def _in_order(rooms: Sequence[BookedRoom], room_ids: Sequence[str]) -> list[BookedRoom]:
    """The booked rooms in the order of where they go: those that stay in their room stay."""
    staying = {room.room_id: room for room in rooms}
    others = iter([room for room in rooms if room.room_id not in room_ids])
    return [staying.get(room_id) or next(others) for room_id in room_ids]


def _changed(
    uow: UnitOfWork,
    booking: RoomBooking,
    rooms: list[BookedRoom],
    action: str,
    before: dict[str, object],
    by: Person,
    now: datetime,
    **said: object,
) -> Booked:
    booking.version += 1
    changed = Booked(booking, tuple(rooms))
    note(uow, by, now, action, booking.id, before, {**facts(uow, changed), **said})
    uow.flush()
    return changed
