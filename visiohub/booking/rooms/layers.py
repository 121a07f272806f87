"""What rules contradict of the other layer: a room's of its venue, a venue's of its rooms.

Each is right alone; together they leave nothing to book, or two answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from visiohub.domain import hours
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.limits import Contradiction, Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.opening_checks import hidden
from visiohub.domain.calendar.sharing import Sharing, disagreements
from visiohub.domain.model import Venue
from visiohub.errors import N_
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class WindowsDisagreeWith(Cause):
    """A window meets one of the venue or room that is called `place`, which goes to others
    first."""

    place: str
    starts_at: datetime
    ends_at: datetime
    code = "windows_disagree_with"
    says = N_(
        "Une plage partagée rencontre une plage de « {place} », par exemple du {starts_at} au "
        "{ends_at}, et elles vont d’abord à des publics différents. Changez l’heure, le jour ou le "
        "public de l’une d’elles."
    )


@dataclass(frozen=True)
class ContradictsWith(Contradiction):
    """Together with the limits of the venue or room that is called `place`."""

    place: str
    code = "contradicts_with"
    says = N_(
        "Avec les limites de « {place} », la durée la plus courte ({shortest}) dépasse la plus "
        "longue ({longest}). Changez l’une des deux."
    )


def between_layers(
    uow: UnitOfWork, place: PlaceRules, rules: OpeningRules, limits: Limits, sharing: Sharing
) -> list[Cause]:
    """What these rules of a place contradict of the other layer. A venue may close on a day on
    which a room has hours of its own; the room is not given such a day afterwards."""
    venue = uow.venues.get(place.venue_id)
    found: list[Cause] = []
    for name, other in _others(uow, place, venue):
        common = other.limits.narrowed(limits).contradiction()
        if common:
            found.append(ContradictsWith(common.shortest, common.longest, name))
        pairs = product(sharing.windows, other.sharing.windows)
        found += [WindowsDisagreeWith(name, d.starts_at, d.ends_at) for d in disagreements(pairs)]
        if not place.is_venue:
            own = replace(rules, weekly=None, closures=other.rules.closures)
            found += hidden(own, hours.zone_of(venue.time_zone))
    return found


def _others(uow: UnitOfWork, place: PlaceRules, venue: Venue) -> Iterator[tuple[str, PlaceRules]]:
    """By what they are called."""
    if not place.is_venue:
        yield venue.name, uow.place_rules.find(venue.id) or PlaceRules.of_new(venue)
        return
    rooms = {room.id: room for room in uow.rooms.list(venue_id=venue.id, active=True)}
    for kept in uow.place_rules.list(venue_id=venue.id):
        if kept.room_id in rooms:
            yield rooms[kept.room_id].name, kept
