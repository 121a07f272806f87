"""What the API takes and gives of free slots and the waiting list. Instants are UTC, RFC 3339."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.search import VenueSlots
from visiohub.booking.waiting import WaitingForm
from visiohub.booking.waiting_desk import WaitingRow
from visiohub.domain.model import Need
from visiohub.web.api.models import DaysQuery, Id, Instant, VersionIn


class SlotsQuery(DaysQuery):
    """Which slots; the days are the territory's. With neither a venue nor a place: everywhere."""

    service_id: Id
    venue_id: Annotated[str, Field(max_length=64)] = ""
    place: Annotated[str, Field(max_length=100)] = ""
    """A commune, a postcode, or "latitude, longitude"."""
    km: Annotated[int, Field(ge=1, le=200)] = 30
    """By road, around the place."""
    days: Annotated[int, Field(ge=1, le=56)] = 56
    each: Annotated[int, Field(ge=1, le=20)] = 3
    """Slots of each venue at most."""


class SlotOut(BaseModel):
    """A service can begin here."""

    kiosk_id: str
    starts_at: datetime
    ends_at: datetime


class VenueSlotsOut(BaseModel):
    """A venue and its first free slots."""

    venue_id: str
    venue: str
    town: str
    time_zone: str
    km: float | None
    """By road, about; null without a place."""
    slots: list[SlotOut]

    @classmethod
    def of(cls, found: VenueSlots) -> Self:
        """From the search's."""
        venue, km = found.near.venue, found.near.km
        return cls(
            venue_id=venue.id,
            venue=venue.name,
            town=venue.town,
            time_zone=venue.time_zone,
            km=None if km is None else round(km, 1),
            slots=[
                SlotOut(kiosk_id=s.kiosk_id, starts_at=s.starts_at, ends_at=s.ends_at)
                for s in found.slots
            ],
        )


class OfferOut(BaseModel):
    """A slot that is held for somebody who waits."""

    venue_id: str
    starts_at: datetime
    ends_at: datetime
    until: datetime
    """For an answer."""


class WaitingOut(BaseModel):
    """Somebody who waits for a slot."""

    id: str
    version: int
    state: str
    """waiting, offered, taken, left, over"""
    service_id: str
    venue_ids: list[str]
    """In order of preference."""
    asked_at: datetime
    not_after: datetime
    initials: str
    phone: str
    email: str
    language: str
    needs: list[Need]
    to_be_called: bool
    """The hub cannot write to them."""
    offer: OfferOut | None

    @classmethod
    def of(cls, row: WaitingRow) -> Self:
        """From the view."""
        entry, offer = row.entry, None
        same = ("id", "version", "service_id", "asked_at", "not_after")
        person = ("initials", "phone", "email", "language")
        if entry.offer is not None and row.at is not None:
            names = ("starts_at", "ends_at", "until")
            times = {name: getattr(entry.offer, name) for name in names}
            offer = OfferOut(venue_id=row.at.id, **times)
        return cls(
            **{name: getattr(entry, name) for name in same + person},
            needs=sorted(entry.needs),
            state=entry.state,
            venue_ids=list(entry.venue_ids),
            to_be_called=row.to_be_called,
            offer=offer,
        )


class WaitingIn(WaitingForm):
    """Somebody who wants to wait; `venue_ids` in order of preference."""

    language: Annotated[str, Field(pattern="^(fr|en)$")] = "fr"


class JoinedOut(BaseModel):
    """Somebody who waits from now on."""

    waiting: WaitingOut
    link: str
    """Opens their own page; it exists only in this answer."""


class OfferIn(VersionIn):
    """A slot to be held for them."""

    venue_id: Id
    starts_at: Instant
