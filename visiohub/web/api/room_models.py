"""What the API takes and gives of rooms, accounts and free times. Instants are UTC, RFC 3339."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.rooms.forms import RoomIds
from visiohub.domain.booking import Membership
from visiohub.domain.model import Room, Venue
from visiohub.web.api.models import DaysQuery, Id


class RoomOut(BaseModel):
    """A room that can be booked, where it has a price."""

    id: str
    venue_id: str
    venue: str
    town: str
    name: str
    capacity: int
    equipment: str

    @classmethod
    def of(cls, room: Room, venue: Venue) -> Self:
        """From the domain's."""
        same = ("id", "venue_id", "name", "capacity", "equipment")
        return cls(
            venue=venue.name, town=venue.town, **{name: getattr(room, name) for name in same}
        )


class PassOut(BaseModel):
    """A pass that the account holds."""

    id: str
    unit: str
    left: int
    valid_until: str


class AccountOut(BaseModel):
    """An account on which you book."""

    id: str
    profile: str
    books_as: str
    organisation_id: str | None
    passes: list[PassOut]

    @classmethod
    def of(cls, account: Membership) -> Self:
        """From the domain's."""
        return cls(
            id=account.id,
            profile=account.profile,
            books_as=account.books_as,
            organisation_id=account.organisation_id,
            passes=[
                PassOut(id=p.id, unit=p.unit, left=p.left, valid_until=p.valid_until.isoformat())
                for p in account.standing.passes
            ],
        )


class FreeTimesIn(DaysQuery):
    """Times at which all of some rooms are free together; the days are the territory's."""

    room_ids: RoomIds
    account_id: Id
    minutes: Annotated[int, Field(ge=1, le=31 * 24 * 60)] = 60
    days: Annotated[int, Field(ge=1, le=56)] = 7
    visio: bool = False
    """Only when the venues' lines carry a visio too."""


class SpanOut(BaseModel):
    """A time, its end not included."""

    starts_at: datetime
    ends_at: datetime
