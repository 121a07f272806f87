"""Who came: check-in at the door or by reception, who was taken for absent too."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from visiohub.booking.audit import note
from visiohub.booking.opening import desk_calendar, venue_calendar
from visiohub.booking.rooms.changes import step
from visiohub.booking.rooms.ledger import give_back
from visiohub.booking.rooms.places import read_places
from visiohub.booking.rooms.refusals import BookingChanged, NotTheTime
from visiohub.booking.rooms.scope import check_manages, check_version
from visiohub.booking.rooms.writing import accounted, entered_on, facts_of, holding, tell
from visiohub.domain import hours
from visiohub.domain.booking import BookedRoom, RoomBooking, RoomState, drawn_again
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import Unused, settle
from visiohub.domain.tariff.money import Amount
from visiohub.storage.uow import UnitOfWork

EARLY = timedelta(minutes=30)
"""One may come so long before the start."""


class ToldBy(StrEnum):
    """Who or what at a room can tell in time that somebody came. A key that is handed out and a
    call of the room's kiosk tell it everywhere."""

    SCREEN = "screen"
    """The one beside the door."""
    RECEPTION = "reception"
    NOBODY = "nobody"


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
    note_came(uow, room, booking, by, now)
    uow.flush()
    return room


def is_noted(booking: RoomBooking, zone: ZoneInfo, now: datetime) -> bool:
    """Whether reception may still, or already, say who came to a booking."""
    next_day = hours.local_day(booking.ends_at, zone) + timedelta(days=1)
    return booking.starts_at - EARLY <= now < hours.day_span(next_day, zone)[1]


def told_by(uow: UnitOfWork, room: BookedRoom, since: datetime, now: datetime) -> ToldBy:
    """Who can be told now of a booking that starts at `since`: the screen if it lives, else
    reception where it is there at some moment until the room would be released: who comes is not
    bound to come before."""
    door = uow.doors.find(room.room_id)
    if door is not None and door.lives(now):
        return ToldBy.SCREEN
    return ToldBy.RECEPTION if _desk_is_there(uow, room, since) else ToldBy.NOBODY


def could_be_told(uow: UnitOfWork, room: BookedRoom, since: datetime, now: datetime) -> bool:
    """Whether from `since` on, when it starts or the hub hears of it again, there was a way to say
    that somebody came: a screen without a break, or reception at some moment."""
    door = uow.doors.find(room.room_id)
    there = door is not None and door.lived(since, now)
    return there or _desk_is_there(uow, room, since)


def _desk_is_there(uow: UnitOfWork, room: BookedRoom, since: datetime) -> bool:
    venue = uow.venues.get(room.venue_id)
    desk = desk_calendar(uow, venue) or venue_calendar(uow, venue)
    over = since + timedelta(minutes=uow.settings.room_release_minutes)
    return bool(desk.spans(since, over))


def come(uow: UnitOfWork, room: BookedRoom, by: Person | None, now: datetime) -> BookedRoom:
    """Somebody is here; `by` None: they said so at the door. Raises NotTheTime, BookingChanged."""
    booking = uow.bookings.get(room.booking_id)
    if not booking.starts_at - EARLY <= now < booking.ends_at:
        raise NotTheTime(f"from {booking.starts_at} to {booking.ends_at}")
    if room.state is RoomState.NO_SHOW:
        raise BookingChanged("was released")  # only reception sees whether the room is still free
    note_came(uow, room, booking, by, now)
    uow.flush()
    return room


def note_came(
    uow: UnitOfWork, room: BookedRoom, booking: RoomBooking, by: Person | None, now: datetime
) -> None:
    """In the audit too, with the price that is due again of who was taken for absent. Raises
    BookingChanged, RoomTaken."""
    before = facts_of(room) | accounted(uow, booking, [room])
    absent = room.state is RoomState.NO_SHOW
    step(room, RoomState.CHECKED_IN)
    room.checked_in_at = now if now < booking.ends_at else None  # when, nobody knows any more
    if absent:
        _take_up(uow, room, booking, now)
    after = facts_of(room) | accounted(uow, booking, [room])
    note(uow, by, now, "booking.check_in", booking.id, before, after)
    tell(uow, room.venue_id)


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
