"""Who has which room, kiosk, agent or seat, from when to when. Pure.

No two occupancies of one resource overlap: the database itself refuses it (storage/occupancies.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.calendar.limits import Limits
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


class Resource(NamedTuple):
    """A room, kiosk, agent or seat, by its id. A tuple: a search keeps hundreds in its tables."""

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


def of_appointment(
    appointment: Appointment, room_id: str, room: Limits, service: Service
) -> list[Occupancy]:
    """What it takes while it holds its slot."""
    if appointment.state not in HOLDS_ITS_SLOT:
        return []
    whose = Owner(OwnerKind.APPOINTMENT, appointment.id)
    return of_slot(appointment, room_id, room, service, whose)


def of_slot(
    slot: Appointment | Offer, room_id: str, room: Limits, service: Service, owner: Owner
) -> list[Occupancy]:
    """What a slot takes, with the service's buffers: kiosk, a counter's seat, the agent if any; and
    the room, with the longer of the service's buffers and its own, which `room` says."""
    taken = [(ResourceKind.KIOSK, slot.kiosk_id)]
    if slot.agent_id is not None:
        taken.append((ResourceKind.AGENT, slot.agent_id))
    if slot.seat_id is not None:
        taken.append((ResourceKind.SEAT, slot.seat_id))
    begins, over = service.kept(slot.starts_at, slot.ends_at)
    low, high = room.kept(slot.starts_at, slot.ends_at)
    return [
        Occupancy(Resource(ResourceKind.ROOM, room_id), min(begins, low), max(over, high), owner),
        *(Occupancy(Resource(kind, which), begins, over, owner) for kind, which in taken),
    ]


def in_its_place(held: Iterable[Occupancy], wanted: Iterable[Occupancy]) -> list[Occupancy]:
    """What a slot takes from now on when it only gets other people: kiosk and room stay `held` as
    they are, whatever buffers were changed since."""
    places = (ResourceKind.KIOSK, ResourceKind.ROOM)
    return [
        *(o for o in held if o.resource.kind in places),
        *(o for o in wanted if o.resource.kind not in places),
    ]
