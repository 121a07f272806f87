"""Who has which room, kiosk, agent or seat, from when to when. Pure.

No two occupancies of one resource overlap: the database itself refuses it (storage/occupancies.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, Service
from visiohub.domain.waiting_list import Offer


class ResourceKind(StrEnum):
    """What one owner has for itself."""

    ROOM = "room"
    KIOSK = "kiosk"
    AGENT = "agent"
    SEAT = "seat"
    """One place of something that has several, as a counter of three agents (`seats`)."""


class OwnerKind(StrEnum):
    """Whose an occupancy is."""

    APPOINTMENT = "appointment"
    BOOKING = "booking"
    OFFER = "offer"
    """To somebody on the waiting list, until it is taken or over."""


@dataclass(frozen=True, order=True)
class Resource:
    """A room, kiosk, agent or seat, by its id."""

    kind: ResourceKind
    id: str


@dataclass(frozen=True, order=True)
class Owner:
    """An appointment, a booking or an offer, by its id."""

    kind: OwnerKind
    id: str


@dataclass(frozen=True, order=True)
class Occupancy:
    """`resource` is `owner`'s from `starts_at` up to, not including, `ends_at`; buffers are part
    of it. Raises ValueError when it does not end after it starts."""

    resource: Resource
    starts_at: datetime
    ends_at: datetime
    owner: Owner

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise ValueError(f"an occupancy from {self.starts_at} to {self.ends_at}")


def seats(of: str, count: int) -> tuple[Resource, ...]:
    """What has `count` places (id `of`, at most 60 characters) as that many resources."""
    return tuple(Resource(ResourceKind.SEAT, f"{of}/{n}") for n in range(1, count + 1))


def of_appointment(appointment: Appointment, room_id: str, service: Service) -> list[Occupancy]:
    """What it takes while it holds its slot."""
    if appointment.state not in HOLDS_ITS_SLOT:
        return []
    return of_slot(appointment, room_id, service, Owner(OwnerKind.APPOINTMENT, appointment.id))


def of_slot(
    slot: Appointment | Offer, room_id: str, service: Service, owner: Owner
) -> list[Occupancy]:
    """What a slot takes, with the service's buffers: kiosk, room, a counter's seat, the agent if
    any."""
    taken = [(ResourceKind.KIOSK, slot.kiosk_id), (ResourceKind.ROOM, room_id)]
    if slot.agent_id is not None:
        taken.append((ResourceKind.AGENT, slot.agent_id))
    if slot.seat_id is not None:
        taken.append((ResourceKind.SEAT, slot.seat_id))
    span = service.kept(slot.starts_at, slot.ends_at)
    return [Occupancy(Resource(kind, which), *span, owner) for kind, which in taken]
