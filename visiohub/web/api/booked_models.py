"""What the API takes and gives of booked rooms. Instants are UTC, RFC 3339."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.rooms.forms import BookingForm, Euros, SeriesForm, WhenForm
from visiohub.booking.rooms.lists import BookingRow, RoomRow, VenueRow
from visiohub.booking.rooms.printing import MOST_PAGES
from visiohub.domain.booking import KeyLoan, RoomState
from visiohub.domain.tariff.cancellation import Settlement
from visiohub.domain.tariff.money import totals
from visiohub.web.api.describe import Inputs, by_names
from visiohub.web.api.models import DaysQuery, Id, Version, VersionIn
from visiohub.web.api.price_models import MoneyOut, PriceLineOut, SkippedOut
from visiohub.web.api.room_models import SpanOut

_STATES = f"^({'|'.join(RoomState)})?$"


class BookedRoomOut(BaseModel):
    """One room of a booking."""

    id: str
    version: int
    room_id: str
    room: str
    venue_id: str
    venue: str
    state: str
    """requested, confirmed, checked_in, cancelled, refused, no_show"""
    price: MoneyOut
    lines: list[PriceLineOut]
    checked_in_at: datetime | None

    @classmethod
    def of(cls, row: RoomRow) -> Self:
        """From the view."""
        return cls(
            id=row.booked.id,
            version=row.booked.version,
            room_id=row.room.id,
            room=row.room.name,
            venue_id=row.venue.id,
            venue=row.venue.name,
            state=row.booked.state,
            price=MoneyOut.of(row.booked.quote.totals),
            lines=[PriceLineOut.of(line) for line in row.booked.quote.lines],
            checked_in_at=row.booked.checked_in_at,
        )


class BookingOut(BaseModel):
    """A booking."""

    id: str
    version: int
    account_id: str
    series_id: str | None
    starts_at: datetime
    ends_at: datetime
    visio: bool
    price: MoneyOut
    rooms: list[BookedRoomOut]

    @classmethod
    def of(cls, row: BookingRow) -> Self:
        """From the view."""
        same = ("id", "version", "series_id", "starts_at", "ends_at", "visio")
        return cls(
            account_id=row.membership.id,
            price=MoneyOut.of(row.totals),
            rooms=[BookedRoomOut.of(room) for room in row.rooms],
            **{name: getattr(row.booking, name) for name in same},
        )


class KeyOut(BaseModel):
    """A key or badge that is handed out."""

    id: str
    name: str
    """As it is written on it."""
    out_at: datetime
    back_at: datetime | None

    @classmethod
    def of(cls, loan: KeyLoan) -> Self:
        """From the domain's."""
        return by_names(cls, loan)


class KeyIn(Inputs):
    """A key or badge, by what is written on it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class PagesIn(Inputs):
    """Pages that were printed today."""

    pages: Annotated[int, Field(strict=True, ge=1, le=MOST_PAGES)]


class VenueRoomOut(BaseModel):
    """A booked room as its venue sees it."""

    version: int
    """The room's, for whatever is done with it."""
    booking_id: str
    starts_at: datetime
    ends_at: datetime
    visio: bool
    holder: str
    """The organisation, or who pays alone."""
    room: BookedRoomOut
    keys: list[KeyOut]
    """Those that are not back."""

    @classmethod
    def of(cls, row: VenueRow) -> Self:
        """From the view."""
        booking = row.whole.booking
        return cls(
            version=row.row.booked.version,
            booking_id=booking.id,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            visio=booking.visio,
            holder=row.whole.organisation.name
            if row.whole.organisation
            else row.whole.person.label,
            room=BookedRoomOut.of(row.row),
            keys=[KeyOut.of(loan) for loan in row.row.keys],
        )


class VenueRoomsQuery(DaysQuery):
    """Which booked rooms of a venue; the days are the venue's."""

    venue_id: Id
    state: Annotated[str, Field(pattern=_STATES)] = ""
    """One of BookedRoomOut; empty: all."""


class SeriesOut(BaseModel):
    """What a series has come to; `left_out` are the dates that were not free,
    `skipped` those whose hour the clock skips."""

    series_id: str
    bookings: list[BookingOut]
    left_out: list[SpanOut]
    skipped: list[SkippedOut]


class BookingsQuery(DaysQuery):
    """Which of your bookings; the days are the territory's."""

    days: Annotated[int, Field(ge=1, le=366)] = 62


class BookingIn(BookingForm):
    """A booking at the price and under the rules of cancellation that a quote has said."""

    shown_total: Euros
    shown_rules: Annotated[str, Field(max_length=1000)]


class SeriesIn(SeriesForm):
    """A series at the price and under the rules of cancellation that a quote has said."""

    shown_total: Euros
    shown_rules: Annotated[str, Field(max_length=1000)]


class BookingMoveIn(WhenForm):
    """Another time or other rooms; `version` is the one that was read. The price that is agreed to
    is that of the booking, or what a refusal says: 409 `price_changed` with the new `total`."""

    version: Version
    shown_total: Euros


class BookingCancelIn(VersionIn):
    """`by_venue`: the venue takes it back, so that nothing is to be paid; false: the person wishes
    it, and pays by the rules. Left out: it is the venue, unless it is your own booking."""

    by_venue: bool | None = None


class BookingCancelledOut(BaseModel):
    """The booking, and what stays to be paid of it."""

    booking: BookingOut
    stays: MoneyOut

    @classmethod
    def of(cls, row: BookingRow, settled: list[Settlement]) -> Self:
        """From the use case's."""
        stays = totals(amount for one in settled for amount in one.kept)
        return cls(booking=BookingOut.of(row), stays=MoneyOut.of(stays))
