"""Read rooms by day: a few queries for all of them, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby, pairwise

from visiohub.booking.planning.names import Names
from visiohub.booking.planning.views import Entry, EntryKind, Lane, Planning, Shut, Window
from visiohub.booking.rooms.places import Place, read_places
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.booking import HOLDS_ITS_ROOM, RoomState
from visiohub.domain.calendar import spans as sp
from visiohub.domain.hours import Span
from visiohub.domain.model import Kiosk, Person, Room
from visiohub.domain.occupancy import OwnerKind, Resource, ResourceKind
from visiohub.domain.waiting_list import Offer, WaitingEntry, WaitState
from visiohub.storage.uow import UnitOfWork

_GONE = frozenset({RoomState.CANCELLED, RoomState.REFUSED})
_HOLDS: dict[EntryKind, Collection[str]] = {
    EntryKind.APPOINTMENT: HOLDS_ITS_SLOT,
    EntryKind.BOOKING: HOLDS_ITS_ROOM,
    EntryKind.OFFER: {WaitState.OFFERED},
}


def rooms_at(uow: UnitOfWork, venue_ids: Sequence[str]) -> list[Room]:
    """Active rooms of these venues in their order; those with a kiosk first, then by name."""
    found = []
    for venue_id in venue_ids:
        served = {kiosk.room_id for kiosk in uow.kiosks.at_venue(venue_id)}
        rooms = uow.rooms.list(venue_id=venue_id, active=True)
        found += sorted(rooms, key=lambda room: (room.id not in served, room.name))
    return found


def planning(
    uow: UnitOfWork, rooms: Sequence[Room], days: Sequence[date], by: Person, now: datetime
) -> Planning:
    """These rooms on these days, local to each venue. Raises RoomNotOffered.

    Of what is not the reader's, only that the room is taken is told.
    """
    places = read_places(uow, [room.id for room in rooms])
    if not places or not days:
        return Planning(tuple(days), ())
    kiosks = _kiosks(uow, places)
    around = _around(places, days)
    entries = _entries(uow, places, kiosks, around, by)
    lanes = tuple(
        _lane(day, place, kiosks.get(place.room.id, []), entries.get(place.room.id, []), now)
        for day in days
        for place in places
    )
    return Planning(tuple(days), lanes)


def _kiosks(uow: UnitOfWork, places: Iterable[Place]) -> dict[str, list[Kiosk]]:
    """By room."""
    found: dict[str, list[Kiosk]] = {}
    for venue_id in dict.fromkeys(place.venue.id for place in places):
        for kiosk in uow.kiosks.at_venue(venue_id):
            found.setdefault(kiosk.room_id, []).append(kiosk)
    return found


def _around(places: Sequence[Place], days: Sequence[date]) -> Span:
    """The days in every zone."""
    zones = {place.zone for place in places}
    first, last = min(days), max(days)
    return (
        min(hours.day_span(first, zone)[0] for zone in zones),
        max(hours.day_span(last, zone)[1] for zone in zones),
    )


def _entries(
    uow: UnitOfWork,
    places: Sequence[Place],
    kiosks: dict[str, list[Kiosk]],
    around: Span,
    by: Person,
) -> dict[str, list[Entry]]:
    """By room, in order of time."""
    venue_of = {place.room.id: place.venue.id for place in places}
    room_of = {k.id: room_id for room_id in venue_of for k in kiosks.get(room_id, [])}
    appointments = uow.appointments.between(*around, kiosk_ids=list(room_of))
    booked = [
        (room, booking)
        for room, booking in uow.booked_rooms.between(*around, set(venue_of.values()))
        if room.room_id in venue_of and room.state not in _GONE
    ]
    offers = offers_at(uow, room_of, around)
    waiting = [entry for entry, _ in offers]
    names = Names(uow, by, appointments, [booking for _, booking in booked], waiting)
    found: list[tuple[str, Entry]] = [
        (room_of[a.kiosk_id], names.appointment(a, venue_of[room_of[a.kiosk_id]]))
        for a in appointments
        if a.state != "cancelled"
    ]
    found += [(room.room_id, names.booking(room, booking)) for room, booking in booked]
    for entry, offer in offers:
        room_id = room_of[offer.kiosk_id]
        found.append((room_id, names.offer(entry, offer, venue_of[room_id])))
    found.sort(key=lambda pair: (pair[0], pair[1].starts_at, pair[1].id))
    return {room: [e for _, e in group] for room, group in groupby(found, key=lambda pair: pair[0])}


def offers_at(
    uow: UnitOfWork, kiosk_ids: Iterable[str], around: Span
) -> list[tuple[WaitingEntry, Offer]]:
    """What is held at these kiosks for people of the waiting list."""
    kiosks = [Resource(ResourceKind.KIOSK, kiosk_id) for kiosk_id in kiosk_ids]
    held = uow.occupancies.between(kiosks, *around) if kiosks else []
    ids = [one.owner.id for one in held if one.owner.kind is OwnerKind.OFFER]
    return [(e, e.offer) for e in uow.waiting_list.by_ids(ids).values() if e.offer is not None]


def _lane(
    day: date,
    place: Place,
    kiosks: Sequence[Kiosk],
    entries: Sequence[Entry],
    now: datetime,
) -> Lane:
    start, end = hours.day_span(day, place.zone)
    inside = [e for e in entries if e.starts_at < end and e.ends_at > start]
    opened = place.calendar.spans(start, end)
    return Lane(
        day,
        place.venue,
        place.room,
        place.zone,
        kiosks[0].id if kiosks else None,
        inside,
        list(_shut(place, day, opened)),
        list(_windows(place, start, end, now)),
        list(_buffers(place, inside)),
    )


def _shut(place: Place, day: date, opened: sp.Spans) -> Iterator[Shut]:
    """Closed times, cut where the reason may change: at closures and at the usual hours."""
    layers = [layer for layer in (place.calendar.venue, place.calendar.own) if layer is not None]
    edges = {edge for layer in layers for c in layer.closures for edge in (c.start, c.end)}
    edges |= {e for span in hours.opening_spans(place.venue.opening, day, place.zone) for e in span}
    for start, end in sp.subtract([hours.day_span(day, place.zone)], opened):
        cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
        for since, until in pairwise(cuts):
            if why := place.calendar.why_closed(since):
                yield Shut((since, until), why)


def _windows(place: Place, start: datetime, end: datetime, now: datetime) -> Iterator[Window]:
    for shared in place.sharing.windows:
        for span in shared.window.overlapping(start, end):
            released = shared.release is not None and span[0] - shared.release <= now
            yield Window(span, shared.first, released)


def _buffers(place: Place, entries: Iterable[Entry]) -> Iterator[Span]:
    for entry in entries:
        if entry.state in _HOLDS[entry.kind]:
            kept = place.limits.kept(entry.starts_at, entry.ends_at)
            yield from sp.subtract([kept], [(entry.starts_at, entry.ends_at)])
