"""Who may do what with rooms, beside the doors of web/permissions.py."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from visiohub.domain.booking import Membership
from visiohub.domain.model import Person, Role
from visiohub.errors import EditedMeanwhile, NotAllowed
from visiohub.storage.uow import UnitOfWork

_EVERYWHERE = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})


class Versioned(Protocol):
    """What people edit."""

    version: int


def manages(person: Person, venue_id: str) -> bool:
    """May this person run the rooms of this venue?"""
    if person.roles & _EVERYWHERE:
        return True
    return Role.RECEPTION in person.roles and venue_id in person.venue_ids


def check_manages(person: Person, *venue_ids: str) -> None:
    """Raises NotAllowed unless this person manages all of them."""
    for venue_id in venue_ids:
        if not manages(person, venue_id):
            raise NotAllowed(f"{person.id} does not manage {venue_id}", about=venue_id)


def check_runs_territory(person: Person) -> None:
    """Accounts and prices. Raises NotAllowed."""
    if not person.roles & _EVERYWHERE:
        raise NotAllowed(f"{person.id} does not run the territory")


def account(
    uow: UnitOfWork, membership_id: str, by: Person, room_ids: Collection[str]
) -> Membership:
    """The account on which this person books these rooms: an own one, any for staff who manage all
    of them; closed ones are not.

    Raises NotFound, NotAllowed.
    """
    membership = uow.memberships.get(membership_id)
    if membership.person_id != by.id:
        rooms = uow.rooms.by_ids(list(room_ids))
        check_manages(by, *(room.venue_id for room in rooms.values()))
    if not membership.active:
        raise NotAllowed(f"{membership_id} is closed", about=membership_id)
    return membership


def check_uses(membership: Membership, person: Person, venue_ids: Collection[str]) -> None:
    """Whose bookings one sees and changes: one's own, and those of which one manages every venue.
    Raises NotAllowed."""
    if membership.person_id != person.id:
        check_manages(person, *venue_ids)


def cancels_for_venue(membership: Membership, person: Person, wanted: bool | None) -> bool:
    """Whether a cancellation is the venue's doing; `wanted` None: it is, unless by whose account
    it is. They never cancel for the venue, whatever they run: raises NotAllowed."""
    own = membership.person_id == person.id
    if own and wanted:
        raise NotAllowed(f"{person.id} cancels their own")
    return not own if wanted is None else wanted


def check_open(membership: Membership, person: Person, venue_ids: Collection[str]) -> None:
    """Nothing more is charged to a closed account but by who manages the venues. Raises
    NotAllowed."""
    if not membership.active:
        check_manages(person, *venue_ids)


def check_version(entity: Versioned, version: int) -> None:
    """Raises EditedMeanwhile; its `kept` is the entity as it is now, to be shown beside what was
    typed."""
    if entity.version != version:
        raise EditedMeanwhile(
            f"version {version} was read, {entity.version} is kept", read=version, kept=entity
        )
