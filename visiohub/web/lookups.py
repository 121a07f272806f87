"""What pages read beside the use cases' views: choices of forms, lists narrowed to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.booking.directory import Directory
from visiohub.booking.views import AppointmentRow
from visiohub.domain.model import Kiosk, Partner, Person, Role, Room, Service, Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.scope import OVERSEERS, is_social_worker, may_see

Options = list[tuple[str, str]]
Grouped = list[tuple[str, Options]]


@dataclass(frozen=True)
class PlacedKiosk:
    """A kiosk with its room and venue."""

    kiosk: Kiosk
    room: Room
    venue: Venue


def placed_kiosks(uow: UnitOfWork) -> list[PlacedKiosk]:
    """All active kiosks, by town."""
    venues = {venue.id: venue for venue in uow.venues.list(active=True)}
    at = uow.kiosks.at_venues(venues.keys())
    rooms = uow.rooms.by_ids([kiosk.room_id for kiosks in at.values() for kiosk in kiosks])
    found = [
        PlacedKiosk(kiosk, rooms[kiosk.room_id], venues[venue_id])
        for venue_id, kiosks in at.items()
        for kiosk in kiosks
    ]
    return sorted(found, key=lambda p: (p.venue.town, p.venue.name, p.kiosk.name))


def bookable_kiosks(uow: UnitOfWork, person: Person) -> list[PlacedKiosk]:
    """Where this person may make appointments: reception at its venues, others everywhere."""
    everywhere = Role.AGENT in person.roles or is_social_worker(person)
    return [p for p in placed_kiosks(uow) if everywhere or p.venue.id in person.venue_ids]


def bookable_services(uow: UnitOfWork, person: Person) -> list[tuple[Partner, list[Service]]]:
    """For what: agents for their own partner, others for all."""
    all_partners = Role.RECEPTION in person.roles or is_social_worker(person)
    return [
        (partner, services)
        for partner, services in active_services(uow)
        if all_partners or partner.id == person.partner_id
    ]


def active_services(uow: UnitOfWork) -> list[tuple[Partner, list[Service]]]:
    """By partner; one without any has none."""
    offered: dict[str, list[Service]] = {}
    for service in uow.services.list(active=True):
        offered.setdefault(service.partner_id, []).append(service)
    return [(p, offered.get(p.id, [])) for p in uow.partners.list(active=True)]


def agents_of(uow: UnitOfWork, partner_id: str) -> Options:
    """Agents of a partner, as choices."""
    people = uow.persons.list(partner_id=partner_id, active=True)
    return [(p.id, p.label) for p in people if Role.AGENT in p.roles]


def kiosk_choices(kiosks: Sequence[PlacedKiosk]) -> Grouped:
    """Choices grouped by town and venue."""
    groups: dict[str, Options] = {}
    for p in kiosks:
        group = f"{p.venue.town}, {p.venue.name}"
        groups.setdefault(group, []).append((p.kiosk.id, f"{p.room.name}, {p.kiosk.name}"))
    return list(groups.items())


def service_choices(offered: Sequence[tuple[Partner, Sequence[Service]]]) -> Grouped:
    """Choices grouped by partner."""
    return [
        (p.short_name, [(s.id, s.name) for s in services]) for p, services in offered if services
    ]


def appointments_between(
    uow: UnitOfWork, person: Person, start: datetime, end: datetime, venue_id: str, partner_id: str
) -> list[AppointmentRow]:
    """Appointments that the person may see, narrowed to a venue or a partner when asked."""
    directory = Directory(uow)
    found = uow.appointments.between(start, end)
    directory.look_up(found)
    rows = (directory.row(appointment, None) for appointment in found)
    return [
        row
        for row in rows
        if may_see(person, row)
        and (not venue_id or row.place.venue_id == venue_id)
        and (not partner_id or row.partner_id == partner_id)
    ]


def venue_options(uow: UnitOfWork, person: Person) -> Options:
    """Venues to narrow a list to."""
    roles = OVERSEERS | {Role.AGENT, Role.SOCIAL_WORKER}
    everywhere = not roles.isdisjoint(person.roles)
    return [
        (v.id, f"{v.town}, {v.name}")
        for v in uow.venues.list()
        if everywhere or v.id in person.venue_ids
    ]


def partner_options(uow: UnitOfWork) -> Options:
    """Partners to narrow a list to."""
    return [(p.id, p.short_name) for p in uow.partners.list()]


def venues_with_rooms(uow: UnitOfWork) -> list[tuple[Venue, list[Room], list[Kiosk]]]:
    """All active venues by town, with rooms and kiosks."""
    venues = sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
    rooms: dict[str, list[Room]] = {v.id: [] for v in venues}
    for room in uow.availability.rooms_at(rooms.keys()):
        rooms[room.venue_id].append(room)
    kiosks = uow.kiosks.at_venues(rooms.keys())
    return [(v, rooms[v.id], kiosks.get(v.id, [])) for v in venues]
