"""The screen beside a room, reached by a secret address and by nobody's account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.booking.audit import note
from visiohub.booking.limits import count_try, require_below
from visiohub.booking.planning.read import offers_at, rooms_at
from visiohub.booking.rooms.attendance import EARLY, come
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.rooms.refusals import NoBookingHere
from visiohub.booking.rooms.scope import check_manages
from visiohub.booking.rooms.writing import rooms_of
from visiohub.booking.secrets import new_token, token_hash
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM, BookedRoom, RoomState
from visiohub.domain.door import (
    CODE_DIGITS,
    Door,
    DoorEntry,
    Moment,
    door_code,
    moments,
    screen_code,
)
from visiohub.domain.model import Attempt, Person, Room, Venue
from visiohub.errors import N_, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork

DOOR_CODE = "door_code"
TRIES, WITHIN = 10, timedelta(minutes=15)
"""Of wrong codes at one door, or for one booking."""


class DoorCodeUnknown(VisiohubError):  # noqa: N818 - as in visiohub.errors
    """No booking that is expected here now has this code."""

    code = "door_code_unknown"
    status = 409
    says = N_(
        "Aucune réservation ici maintenant avec ce code. Vérifiez les chiffres, "
        "ou demandez à l’accueil."
    )
    default_field = "code"


class ScreenCodeUnknown(VisiohubError):  # noqa: N818 - as in visiohub.errors
    """Not what the screen beside the room shows, or there is none."""

    code = "screen_code_unknown"
    status = 409
    says = N_(
        "Ce n’est pas le code que montre l’écran de la porte. Vérifiez les chiffres, "
        "ou demandez à l’accueil."
    )
    default_field = "code"


@dataclass(frozen=True)
class DoorView:
    """A room's day as its screen shows it."""

    room: Room
    venue: Venue
    zone: ZoneInfo
    moments: tuple[Moment, ...]
    is_news: bool
    """As Door.is_news: then `seen` is to be called."""


@dataclass(frozen=True)
class DoorRow:
    """A room, and its screen: None where no address was given."""

    room: Room
    door: Door | None


def door_rows(uow: UnitOfWork, venue_id: str, by: Person) -> list[DoorRow]:
    """The rooms of a venue. Raises NotAllowed."""
    check_manages(by, venue_id)
    rooms = rooms_at(uow, [venue_id])
    kept = uow.doors.by_ids([room.id for room in rooms])
    return [DoorRow(room, kept.get(room.id)) for room in rooms]


def give_address(uow: UnitOfWork, room_id: str, by: Person, now: datetime) -> str:
    """A new token for the room's screen: the old address stops working. It exists only in what is
    returned. Raises NotFound, NotAllowed."""
    check_manages(by, uow.rooms.get(room_id).venue_id)
    token = new_token()
    kept = uow.doors.find(room_id)
    if kept is None:
        uow.doors.add(Door(room_id, token_hash(token), now))
    else:
        kept.token_hash, kept.made_at = token_hash(token), now
        kept.seen_at = kept.lives_since = None
    note(uow, by, now, "door.give_address", room_id, {}, {})
    uow.flush()
    return token


def remove_screen(uow: UnitOfWork, room_id: str, by: Person, now: datetime) -> None:
    """The room has no screen any more: its address stops working, nobody is waited for at it.
    Raises NotFound (there is none), NotAllowed."""
    check_manages(by, uow.rooms.get(room_id).venue_id)
    uow.doors.remove(uow.doors.get(room_id))
    note(uow, by, now, "door.remove", room_id, {}, {})


def seen(uow: UnitOfWork, token: str, now: datetime) -> None:
    """A screen asked. Raises NotFound."""
    _door(uow, token).seen(now)


def door_view(uow: UnitOfWork, token: str, now: datetime) -> DoorView:
    """What the screen shows up to midnight. Raises NotFound, RoomNotOffered."""
    door = _door(uow, token)
    (place,) = read_places(uow, [door.id])
    start, end = hours.day_span(hours.local_day(now, place.zone), place.zone)
    entries = sorted(_entries(uow, place, door, start, end), key=lambda e: e.span)
    opened = place.calendar.spans(start, end)
    shown = moments(entries, opened, now, end)
    return DoorView(place.room, place.venue, place.zone, tuple(shown), door.is_news(now))


def check_in_with_code(uow: UnitOfWork, token: str, code: str, now: datetime) -> BookedRoom:
    """Who booked the room is here: they type their code on the screen. Raises NotFound,
    TooManyAttempts, DoorCodeUnknown."""
    (place,) = read_places(uow, [_door(uow, token).id])
    digits = _digits(code)
    if len(digits) != CODE_DIGITS:
        raise DoorCodeUnknown
    tried = _counted(uow, place.room.id, now)
    for room, booking in uow.booked_rooms.between(now, now + EARLY, [place.venue.id]):
        if room.room_id == place.room.id and digits == door_code(room.id):
            if room.state is RoomState.CONFIRMED and booking.starts_at - EARLY <= now:
                uow.attempts.remove(tried)
                return come(uow, room, None, now)
            if room.state is RoomState.CHECKED_IN:
                uow.attempts.remove(tried)
                return room
    raise DoorCodeUnknown


def check_in_from_own_page(
    uow: UnitOfWork, booking_id: str, room_id: str, code: str, by: Person, now: datetime
) -> BookedRoom:
    """The other way round: they type on their own page what the screen shows.

    Raises NotFound, NoBookingHere (another person's, or of other rooms), TooManyAttempts,
    ScreenCodeUnknown, NotTheTime, BookingChanged (released, or not approved).
    """
    tried = _counted(uow, booking_id, now)
    booking = uow.bookings.get(booking_id)
    room = next((r for r in rooms_of(uow, booking) if r.room_id == room_id), None)
    if room is None or uow.memberships.get(booking.membership_id).person_id != by.id:
        raise NoBookingHere(f"{by.id} has not booked room {room_id} with {booking_id}")
    door = uow.doors.find(room_id)
    if door is None or _digits(code) != screen_code(door, room.id):
        raise ScreenCodeUnknown
    uow.attempts.remove(tried)
    return room if room.state is RoomState.CHECKED_IN else come(uow, room, by, now)


def _digits(code: str) -> str:
    return "".join(c for c in code if c.isdecimal())


def _counted(uow: UnitOfWork, whose: str, now: datetime) -> Attempt:
    """A try at a door or for a booking, which counts although it is refused. Raises
    TooManyAttempts."""
    require_below(uow, DOOR_CODE, whose, TRIES, WITHIN, now)
    tried = count_try(uow, DOOR_CODE, whose, now)
    uow.commit()
    return tried


def _door(uow: UnitOfWork, token: str) -> Door:
    found = uow.doors.list(token_hash=token_hash(token))
    if not found:
        raise NotFound("no such door")
    return found[0]


def _entries(
    uow: UnitOfWork, place: Place, door: Door, start: datetime, end: datetime
) -> Iterator[DoorEntry]:
    kiosks = [k.id for k in uow.kiosks.at_venue(place.venue.id) if k.room_id == place.room.id]
    for appointment in uow.appointments.between(start, end, kiosk_ids=kiosks):
        if appointment.state in HOLDS_ITS_SLOT:
            yield DoorEntry((appointment.starts_at, appointment.ends_at), "", visio=True)
    # held for somebody of the waiting list: nobody else can have the room then
    for _, offer in offers_at(uow, kiosks, (start, end)):
        yield DoorEntry((offer.starts_at, offer.ends_at), "", visio=True)
    for room, booking in uow.booked_rooms.between(start, end, [place.venue.id]):
        if room.room_id != place.room.id or room.state not in HOLDS_ITS_ROOM:
            continue
        payer = uow.organisations.find(uow.memberships.get(booking.membership_id).organisation_id)
        expected = room.state is RoomState.CONFIRMED
        yield DoorEntry(
            (booking.starts_at, booking.ends_at),
            payer.name if payer else "",
            visio=False,
            expects_from=max(booking.starts_at - EARLY, start) if expected else None,
            shows=screen_code(door, room.id) if expected else "",
        )
