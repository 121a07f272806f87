"""What use cases ask of the booked rooms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import aliased

from visiohub.domain.booking import (
    HOLDS_ITS_ROOM,
    BookedRoom,
    Charged,
    KeyLoan,
    PlaceRules,
    PriceList,
    RoomBooking,
    RoomState,
)
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.model import Room, Venue
from visiohub.storage.among import Ids, among
from visiohub.storage.repository import Repository
from visiohub.storage.room_tables import booked_rooms, bookings, charges, key_loans, place_rules
from visiohub.storage.tables import rooms, venues


class RoomWithRules(NamedTuple):
    """A room, its venue, and what is kept of how either is opened and booked."""

    room: Room
    venue: Venue
    of_venue: PlaceRules | None
    of_room: PlaceRules | None


class Rooms(Repository[Room]):
    """Rooms, and what counts for booking them."""

    def with_rules(self, room_ids: Collection[str]) -> list[RoomWithRules]:
        """Those with these ids, in no order; unknown ones are left out. One read."""
        rows = self._session.execute(_rooms_with_rules(), {"ids": room_ids})
        return [RoomWithRules(*row) for row in rows]

    def limits(self, room_id: str) -> Limits:
        """As `limits_of_rooms`, of one."""
        return limits_of_rooms(self._session, [room_id])[room_id]


def limits_of_rooms(session: OrmSession, room_ids: Collection[str]) -> dict[str, Limits]:
    """By room the limits of its venue and its own, both at once. One read."""
    rows = session.execute(_LIMITS, {"ids": room_ids})
    none = Limits()
    return {i: (venue or none).narrowed(own or none) for i, venue, own in rows}


@cache
def _rooms_with_rules() -> Select[Room, Venue, PlaceRules | None, PlaceRules | None]:
    """Made once, as it is part of every booking; not before the entities are mapped."""
    return (
        select(Room, Venue, aliased(PlaceRules, _of_venue), aliased(PlaceRules, _of_room))
        .join(Venue, venues.c.id == rooms.c.venue_id)
        .outerjoin(_of_venue, _of_venue.c.id == venues.c.id)
        .outerjoin(_of_room, _of_room.c.id == rooms.c.id)
        .where(among(rooms.c.id, bindparam("ids", type_=Ids())))
    )


_of_venue, _of_room = place_rules.alias("of_venue"), place_rules.alias("of_room")
_LIMITS = (
    select(rooms.c.id, _of_venue.c.limits, _of_room.c.limits)
    .outerjoin(_of_venue, _of_venue.c.id == rooms.c.venue_id)
    .outerjoin(_of_room, _of_room.c.id == rooms.c.id)
    .where(among(rooms.c.id, bindparam("ids", type_=Ids())))
)


class Bookings(Repository[RoomBooking]):
    """Bookings, by account."""

    def of_accounts(
        self, membership_ids: Collection[str], start: datetime, end: datetime
    ) -> Sequence[RoomBooking]:
        """Those that touch the time from `start` to `end`, in order of time."""
        return self._all(
            select(RoomBooking)
            .where(
                bookings.c.membership_id.in_(membership_ids),
                bookings.c.starts_at < end,
                bookings.c.ends_at > start,
            )
            .order_by(bookings.c.starts_at, bookings.c.id)
        )

    def beginning(self, after: datetime, until: datetime) -> Sequence[RoomBooking]:
        """Those that begin in this time."""
        starts = bookings.c.starts_at
        return self._all(select(RoomBooking).where(starts > after, starts <= until))


class PriceLists(Repository[PriceList]):
    """Price lists of venues, and the territory's."""

    def __init__(self, session: OrmSession, entity: type[PriceList], table: Table) -> None:
        super().__init__(session, entity, table)
        self._read: dict[str, PriceList] = {}
        self._asked: set[str] = set()

    def any_of(self, *list_ids: str) -> PriceList | None:
        """The first of these that there is. A list that was read in this unit of work, or that
        was not there, is not asked for again."""
        self.read(list_ids)
        return next((self._read[i] for i in list_ids if i in self._read), None)

    def read(self, list_ids: Collection[str]) -> None:
        """Those of these that were not asked for yet, in one read."""
        if missing := [i for i in list_ids if i not in self._asked]:
            self._read |= self.by_ids(missing)
            self._asked.update(missing)

    def add(self, entity: PriceList) -> None:
        """From now on it is there."""
        super().add(entity)
        self._asked.clear()


class BookedRooms(Repository[BookedRoom]):
    """Rooms of bookings, by time."""

    def between(
        self, start: datetime, end: datetime, venue_ids: Collection[str]
    ) -> Sequence[tuple[BookedRoom, RoomBooking]]:
        """Those that touch the time from `start` to `end` in these venues, whatever became of
        them, in order of time."""
        query = (
            select(BookedRoom, RoomBooking)
            .join_from(booked_rooms, bookings, bookings.c.id == booked_rooms.c.booking_id)
            .where(
                bookings.c.starts_at < end,
                bookings.c.ends_at > start,
                booked_rooms.c.venue_id.in_(venue_ids),
            )
            .order_by(bookings.c.starts_at, booked_rooms.c.id)
        )
        return [(room, booking) for room, booking in self._session.execute(query)]

    def of_bookings(self, booking_ids: Collection[str]) -> Sequence[BookedRoom]:
        """All rooms of these bookings, whatever became of them."""
        return self._all(
            select(BookedRoom)
            .where(booked_rooms.c.booking_id.in_(booking_ids))
            .order_by(booked_rooms.c.id)
        )

    def has_coming(self, now: datetime, **where: str) -> bool:
        """Whether a booking that is not over holds the room (`room_id`) or one of the venue."""
        query = (
            select(booked_rooms.c.id)
            .join_from(booked_rooms, bookings, bookings.c.id == booked_rooms.c.booking_id)
            .filter_by(**where)
            .where(bookings.c.ends_at > now, booked_rooms.c.state.in_(HOLDS_ITS_ROOM))
            .limit(1)
        )
        return self._session.execute(query).first() is not None

    def not_come(
        self, start: datetime, end: datetime, ended_after: datetime | None = None
    ) -> Sequence[tuple[BookedRoom, RoomBooking]]:
        """Those in which nobody checked in although they began from `start` up to `end`, which is
        included; `ended_after`: of these only what ended later, or goes on."""
        query = (
            select(BookedRoom, RoomBooking)
            .join_from(booked_rooms, bookings, bookings.c.id == booked_rooms.c.booking_id)
            .where(
                bookings.c.starts_at.between(start, end),
                booked_rooms.c.state.in_([RoomState.REQUESTED, RoomState.CONFIRMED]),
            )
            .order_by(bookings.c.starts_at, booked_rooms.c.id)
        )
        if ended_after is not None:
            query = query.where(bookings.c.ends_at > ended_after)
        return [(room, booking) for room, booking in self._session.execute(query)]


class KeyLoans(Repository[KeyLoan]):
    """Keys and badges, by what they were handed out for."""

    def of_rooms(self, booked_room_ids: Collection[str]) -> Sequence[KeyLoan]:
        """Those handed out for these booked rooms, back or not. One read."""
        return self._all(select(KeyLoan).where(among(key_loans.c.booked_room_id, booked_room_ids)))


class Charges(Repository[Charged]):
    """The ledger's lines, by day."""

    def between(self, first: date, last: date) -> Sequence[Charged]:
        """Those of the days from `first` to `last`, both included."""
        return self._all(
            select(Charged)
            .where(charges.c.on.between(first, last))
            .order_by(charges.c.on, charges.c.id)
        )
