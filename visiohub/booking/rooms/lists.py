"""What pages show of bookings: one's own, a venue's day, what waits for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.booking.rooms.changes import cancelled_now, somebody_came
from visiohub.booking.rooms.scope import check_manages, check_uses, manages
from visiohub.domain.booking import (
    BookedRoom,
    KeyLoan,
    Membership,
    Organisation,
    RoomBooking,
    RoomState,
)
from visiohub.domain.model import Person, Room, Venue
from visiohub.domain.tariff.cancellation import Settlement, settle
from visiohub.domain.tariff.money import Totals, totals
from visiohub.errors import NotAllowed, NotFound
from visiohub.storage.uow import UnitOfWork

TO_COME = frozenset({RoomState.REQUESTED, RoomState.CONFIRMED})


@dataclass(frozen=True)
class RoomRow:
    """One room of a booking."""

    booked: BookedRoom
    room: Room
    venue: Venue
    keys: tuple[KeyLoan, ...] = ()
    """Those that are out."""


@dataclass(frozen=True)
class BookingRow:
    """A booking, whole."""

    booking: RoomBooking
    membership: Membership
    person: Person
    """Whose account it is."""
    organisation: Organisation | None
    rooms: tuple[RoomRow, ...]

    @property
    def zone(self) -> str:
        """Of its first room's venue."""
        return self.rooms[0].venue.time_zone

    @property
    def totals(self) -> Totals:
        """What was asked for it when it was booked."""
        return totals(line.amount for row in self.rooms for line in row.booked.quote.lines)

    def may_cancel(self, now: datetime) -> bool:
        """Is there something of it to be taken back, and did nobody come yet?"""
        rooms = [row.booked for row in self.rooms]
        to_come = any(room.state in TO_COME for room in rooms)
        return now < self.booking.ends_at and to_come and not somebody_came(rooms)

    def may_refuse(self) -> bool:
        """Did nobody come yet to a room to which its venue had agreed?"""
        return not somebody_came(row.booked for row in self.rooms)

    def may_move(self) -> bool:
        """Are all of its rooms still to come?"""
        return all(r.booked.state in TO_COME for r in self.rooms)

    def if_cancelled(self, now: datetime, *, by_venue: bool = False) -> list[Settlement]:
        """What a cancellation at this moment would leave and give back, room by room."""
        return [
            settle(b.quote, cancelled_now(self.booking, b, now, by_venue=by_venue), b.cancellation)
            for b in (row.booked for row in self.rooms)
            if b.state in TO_COME
        ]


@dataclass(frozen=True)
class VenueRow:
    """One room of a booking at a venue's reception."""

    row: RoomRow
    whole: BookingRow


def own_accounts(uow: UnitOfWork, person: Person) -> Sequence[Membership]:
    """Those on which this person books: first those that the person pays."""
    found = uow.memberships.list(person_id=person.id, active=True)
    return sorted(found, key=lambda m: (m.organisation_id is not None, m.profile, m.id))


def own_bookings(uow: UnitOfWork, by: Person, start: datetime, end: datetime) -> list[BookingRow]:
    """All of a person's accounts, in order of time."""
    accounts = [m.id for m in uow.memberships.list(person_id=by.id)]
    return rows_of(uow, uow.bookings.of_accounts(accounts, start, end))


def show(uow: UnitOfWork, booking_id: str, by: Person) -> BookingRow:
    """One booking, for whom scope.check_uses lets pass. Raises NotFound."""
    row = rows_of(uow, [uow.bookings.get(booking_id)])[0]
    try:
        check_uses(row.membership, by, {one.venue.id for one in row.rooms})
    except NotAllowed as refused:
        raise NotFound(f"not {by.id}'s", about=booking_id) from refused
    return row


def at_venue(
    uow: UnitOfWork, venue_id: str, start: datetime, end: datetime, by: Person
) -> list[VenueRow]:
    """Rooms of a venue that are booked at some moment between, in order. Raises NotAllowed."""
    check_manages(by, venue_id)
    found = uow.booked_rooms.between(start, end, [venue_id])
    return _venue_rows(uow, [room for room, _ in found], [booking for _, booking in found])


def venue_row(uow: UnitOfWork, booked_room_id: str, by: Person) -> VenueRow:
    """One booked room, for who manages its venue. Raises NotFound, NotAllowed."""
    booked = uow.booked_rooms.get(booked_room_id)
    check_manages(by, booked.venue_id)
    return _venue_rows(uow, [booked], [uow.bookings.get(booked.booking_id)])[0]


def waiting_for_answer(uow: UnitOfWork, by: Person) -> list[VenueRow]:
    """Rooms that the venues of this person have to agree to, the next first."""
    asked = [r for r in uow.booked_rooms.list(state=RoomState.REQUESTED) if manages(by, r.venue_id)]
    bookings = uow.bookings.by_ids([r.booking_id for r in asked])
    asked.sort(key=lambda r: (bookings[r.booking_id].starts_at, r.id))
    return _venue_rows(uow, asked, bookings.values())


def rows_of(uow: UnitOfWork, bookings: Iterable[RoomBooking]) -> list[BookingRow]:
    """The bookings with everything that is shown beside them."""
    listed = list(bookings)
    booked = uow.booked_rooms.of_bookings([b.id for b in listed])
    rooms = uow.rooms.by_ids([b.room_id for b in booked])
    venues = uow.venues.by_ids([b.venue_id for b in booked])
    accounts = uow.memberships.by_ids([b.membership_id for b in listed])
    people = uow.persons.by_ids([a.person_id for a in accounts.values()])
    payers = uow.organisations.by_ids([a.organisation_id for a in accounts.values()])
    of_booking: dict[str, list[RoomRow]] = {b.id: [] for b in listed}
    for b in sorted(booked, key=lambda b: (venues[b.venue_id].name, rooms[b.room_id].name)):
        keys = tuple(uow.key_loans.list(booked_room_id=b.id, back_at=None))
        of_booking[b.booking_id].append(RoomRow(b, rooms[b.room_id], venues[b.venue_id], keys))
    return [
        BookingRow(
            b,
            accounts[b.membership_id],
            people[accounts[b.membership_id].person_id],
            payers.get(accounts[b.membership_id].organisation_id or ""),
            tuple(of_booking[b.id]),
        )
        for b in listed
    ]


def _venue_rows(
    uow: UnitOfWork, booked: Sequence[BookedRoom], bookings: Iterable[RoomBooking]
) -> list[VenueRow]:
    whole = {row.booking.id: row for row in rows_of(uow, {b.id: b for b in bookings}.values())}
    return [
        VenueRow(next(r for r in whole[b.booking_id].rooms if r.booked is b), whole[b.booking_id])
        for b in booked
    ]
