"""What a private feed tells: when a person, a room or a venue is taken, and nothing of why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.announce import appointment_uid, booking_uid
from visiohub.booking.announce_rooms import sequence_of
from visiohub.booking.connections import may_read
from visiohub.booking.directory import Directory
from visiohub.booking.secrets import token_hash
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM, BookedRoom, RoomBooking, RoomState
from visiohub.domain.connections import Feed, FeedKind
from visiohub.domain.hours import zone_of
from visiohub.domain.model import Appointment, AppointmentState, Venue
from visiohub.notify.ics import Event, Status
from visiohub.storage.uow import UnitOfWork

BEFORE, AFTER = timedelta(days=31), timedelta(days=366)
_SHOWN = HOLDS_ITS_SLOT | {AppointmentState.DONE}


@dataclass(frozen=True)
class Words:
    """Titles of events, in the reader's language."""

    appointment: str
    booking: str


@dataclass(frozen=True)
class FeedView:
    """Its name and its events, by UID."""

    name: str
    events: tuple[Event, ...]


def feed_language(uow: UnitOfWork, token: str) -> str | None:
    """Of who made it; None: the address opens nothing."""
    feed = uow.feeds.by_token(token_hash(token))
    person = uow.persons.find(feed.person_id) if feed else None
    if feed is None or person is None or not person.active:
        return None
    return (person.language or "fr") if may_read(uow, feed.kind, feed.subject_id, person) else None


def feed_view(uow: UnitOfWork, token: str, words: Words, now: datetime) -> FeedView:
    """What it tells now; `feed_language` has said that it opens."""
    feed = uow.feeds.by_token(token_hash(token))
    if feed is None:
        return FeedView("", ())
    start, end = now - BEFORE, now + AFTER
    appointments, booked = _taken(uow, feed, start, end)
    appointments = [a for a in appointments if a.state in _SHOWN]
    changed = uow.feeds.last_changes({a.id for a in appointments} | {b.id for b, _ in booked})
    whole: dict[str, list[BookedRoom]] = {b.id: [] for b, _ in booked}
    for room in uow.booked_rooms.of_bookings(list(whole)):
        whole[room.booking_id].append(room)
    directory = Directory(uow)
    events = [_appointment(directory, a, changed, words) for a in appointments]
    events += [
        _booking(uow, b, rooms, sequence_of(b, whole[b.id]), changed, words) for b, rooms in booked
    ]
    return FeedView(feed_name(uow, feed), tuple(sorted(events, key=lambda event: event.uid)))


def _taken(
    uow: UnitOfWork, feed: Feed, start: datetime, end: datetime
) -> tuple[list[Appointment], list[tuple[RoomBooking, list[BookedRoom]]]]:
    match feed.kind:
        case FeedKind.PERSON:
            accounts = [m.id for m in uow.memberships.list(person_id=feed.subject_id)]
            bookings = uow.bookings.of_accounts(accounts, start, end)
            rooms = uow.booked_rooms.of_bookings([b.id for b in bookings])
            pairs = [(room, b) for b in bookings for room in rooms if room.booking_id == b.id]
            mine = uow.appointments.of_agent(feed.subject_id, start, end)
            return list(mine), _by_booking(pairs)
        case FeedKind.ROOM:
            room = uow.rooms.get(feed.subject_id)
            kiosks = [k.id for k in uow.kiosks.list(room_id=room.id)]
            found = uow.booked_rooms.between(start, end, [room.venue_id])
            pairs = [(one, b) for one, b in found if one.room_id == room.id]
        case FeedKind.VENUE:
            kiosks = [k.id for k in uow.kiosks.at_venue(feed.subject_id)]
            pairs = list(uow.booked_rooms.between(start, end, [feed.subject_id]))
    return list(uow.appointments.between(start, end, kiosk_ids=kiosks)), _by_booking(pairs)


def _by_booking(
    pairs: Iterable[tuple[BookedRoom, RoomBooking]],
) -> list[tuple[RoomBooking, list[BookedRoom]]]:
    whole: dict[str, tuple[RoomBooking, list[BookedRoom]]] = {}
    for room, booking in pairs:
        if room.state in HOLDS_ITS_ROOM:
            whole.setdefault(booking.id, (booking, []))[1].append(room)
    return list(whole.values())


def _appointment(
    directory: Directory, appointment: Appointment, changed: dict[str, datetime], words: Words
) -> Event:
    _, room, venue = directory.whereabouts(appointment.kiosk_id)
    zone = zone_of(venue.time_zone)
    return Event(
        uid=appointment_uid(appointment.id),
        sequence=appointment.version - 1,
        changed_at=changed.get(appointment.id, appointment.created_at),
        starts=appointment.starts_at.astimezone(zone).replace(tzinfo=None),
        ends=appointment.ends_at.astimezone(zone).replace(tzinfo=None),
        zone=zone,
        summary=words.appointment,
        location=_place(venue, [room.name]),
    )


def _booking(
    uow: UnitOfWork,
    booking: RoomBooking,
    rooms: list[BookedRoom],
    sequence: int,
    changed: dict[str, datetime],
    words: Words,
) -> Event:
    venue = uow.venues.get(rooms[0].venue_id)
    zone = zone_of(venue.time_zone)
    asked = all(room.state is RoomState.REQUESTED for room in rooms)
    return Event(
        uid=booking_uid(booking.id),
        sequence=sequence,
        changed_at=changed.get(booking.id, booking.created_at),
        starts=booking.starts_at.astimezone(zone).replace(tzinfo=None),
        ends=booking.ends_at.astimezone(zone).replace(tzinfo=None),
        zone=zone,
        summary=words.booking,
        location=" ; ".join(
            _place(uow.venues.get(room.venue_id), [uow.rooms.get(room.room_id).name])
            for room in rooms
        ),
        status=Status.TENTATIVE if asked else Status.CONFIRMED,
    )


def _place(venue: Venue, rooms: list[str]) -> str:
    return ", ".join([venue.name, *rooms, f"{venue.postcode} {venue.town}"])


def feed_name(uow: UnitOfWork, feed: Feed) -> str:
    """Whose it is, as people call it."""
    match feed.kind:
        case FeedKind.PERSON:
            return uow.persons.get(feed.subject_id).label
        case FeedKind.ROOM:
            room = uow.rooms.get(feed.subject_id)
            return f"{uow.venues.get(room.venue_id).name}, {room.name}"
        case FeedKind.VENUE:
            return uow.venues.get(feed.subject_id).name
