"""Whom a call is for: the partner of its service, or who booked the room that it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from visiohub.booking.directory import Directory
from visiohub.booking.rooms import visio
from visiohub.domain import hours
from visiohub.domain.model import Call, Role


@dataclass(frozen=True)
class Party:
    """The names that are shown, who may answer, and the topics of the pages that show it."""

    name: str
    service: str
    minutes: int
    """How long it is meant to last."""
    person_ids: frozenset[str]
    topics: tuple[str, ...]


def party_of(directory: Directory, call: Call) -> Party:
    """Raises NotFound."""
    uow = directory.uow
    if call.booked_room_id is not None:
        booking = uow.bookings.get(uow.booked_rooms.get(call.booked_room_id).booking_id)
        people = visio.hosts(uow, booking)
        name = visio.host_name(uow, booking)
        minutes = hours.minutes([(booking.starts_at, booking.ends_at)])
        return Party(visio.LABEL, name, minutes, people, (f"booking:{booking.id}",))
    if call.service_id is None:  # its booking is no longer kept
        return Party(visio.LABEL, "", 0, frozenset(), ())
    service, partner = directory.service(call.service_id)
    agents = uow.persons.list(partner_id=partner.id, active=True)
    people = frozenset(p.id for p in agents if Role.AGENT in p.roles)
    topics = (f"day:{partner.id}",)
    return Party(partner.short_name, service.name, service.duration_minutes, people, topics)
