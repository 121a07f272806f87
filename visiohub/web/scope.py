"""Whose data somebody may see and change: reception its venues, agents their partner's, social
workers what they made themselves."""

from __future__ import annotations

from visiohub.booking.directory import Directory
from visiohub.booking.views import AppointmentRow
from visiohub.domain.model import Person, Role
from visiohub.errors import NotAllowed, NotFound
from visiohub.storage.uow import UnitOfWork

OVERSEERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})


def sees_venue(person: Person, venue_id: str) -> bool:
    """Whether reception of this venue is among what the person does."""
    return Role.RECEPTION in person.roles and venue_id in person.venue_ids


def sees_partner(person: Person, partner_id: str) -> bool:
    """Whether the person is an agent of this partner."""
    return Role.AGENT in person.roles and person.partner_id == partner_id


def is_social_worker(person: Person) -> bool:
    """Whether the person makes appointments on citizens' behalf, for any service anywhere."""
    return Role.SOCIAL_WORKER in person.roles


def may_see(person: Person, row: AppointmentRow) -> bool:
    """Whether this appointment is the person's to look at."""
    return not OVERSEERS.isdisjoint(person.roles) or may_change(person, row)


def may_change(person: Person, row: AppointmentRow) -> bool:
    """Whether this appointment is the person's to move, cancel, print."""
    here = sees_venue(person, row.place.venue_id) or sees_partner(person, row.partner_id)
    return here or (is_social_worker(person) and row.created_by == person.id)


def require_venue(person: Person, venue_id: str) -> str:
    """The venue's id. Raises NotAllowed when it is not the person's reception."""
    if not sees_venue(person, venue_id):
        raise NotAllowed(f"not reception of venue {venue_id!r}")
    return venue_id


def require_kiosk_at(uow: UnitOfWork, kiosk_id: str, venue_id: str) -> None:
    """Raises NotFound when the kiosk does not stand at this venue."""
    _kiosk, _room, venue = Directory(uow).whereabouts(kiosk_id)
    if venue.id != venue_id:
        raise NotFound(f"kiosk {kiosk_id!r} is not at venue {venue_id!r}")
