"""What the API takes and gives of rooms. Instants are UTC, RFC 3339; euros are decimal texts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.rooms.book import Offer, OfferedRoom, SeriesOffer
from visiohub.booking.rooms.forms import BookingForm, Euros, RoomIds, SeriesForm, WhenForm
from visiohub.booking.rooms.lists import BookingRow, RoomRow, VenueRow
from visiohub.booking.rooms.prices import rules_text
from visiohub.booking.rooms.printing import MOST_PAGES
from visiohub.domain.booking import KeyLoan, Membership, RoomState
from visiohub.domain.hours import Span
from visiohub.domain.model import Room, Venue
from visiohub.domain.tariff.cancellation import Settlement
from visiohub.domain.tariff.money import Totals, totals
from visiohub.domain.tariff.quote import Line
from visiohub.domain.travel import TravelSaved
from visiohub.web.api.describe import Inputs
from visiohub.web.api.models import Day, Id, Version
from visiohub.web.room_words import cause_sentence, price_line

_STATES = f"^({'|'.join(RoomState)})?$"
Degrees = Annotated[float, Field(allow_inf_nan=False)]


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


class FreeTimesIn(Inputs):
    """Times at which all of some rooms are free together; the day is the territory's."""

    room_ids: RoomIds
    account_id: Id
    minutes: Annotated[int, Field(ge=1, le=31 * 24 * 60)] = 60
    day: Day | None = None
    days: Annotated[int, Field(ge=1, le=56)] = 7
    visio: bool = False
    """Only when the venues' lines carry a visio too."""


class SpanOut(BaseModel):
    """A time, its end not included."""

    starts_at: datetime
    ends_at: datetime


class MoneyOut(BaseModel):
    """Euros."""

    before_tax: Decimal
    vat: Decimal
    total: Decimal

    @classmethod
    def of(cls, totals: Totals) -> Self:
        """From the domain's."""
        return cls(before_tax=totals.before_tax, vat=totals.vat, total=totals.total)


class PriceLineOut(BaseModel):
    """How a part of a price was made."""

    text: str
    total: Decimal

    @classmethod
    def of(cls, line: Line) -> Self:
        """In the reader's words."""
        said = price_line(line)
        return cls(text=said.text, total=said.total)


class CauseOut(BaseModel):
    """Why not."""

    code: str
    detail: str


class QuotedRoomOut(BaseModel):
    """One room of a wish: its price, and what is against it."""

    room_id: str
    price: MoneyOut
    lines: list[PriceLineOut]
    needs_approval: bool
    cancellation_free_hours: int
    cancellation_late_percent: Decimal
    no_show_percent: Decimal
    causes: list[CauseOut]

    @classmethod
    def of(cls, offered: OfferedRoom, zone: str) -> Self:
        """From the use case's."""
        rule = offered.terms.cancellation
        return cls(
            room_id=offered.terms.room_id,
            price=MoneyOut.of(offered.quote.totals),
            lines=[PriceLineOut.of(line) for line in offered.quote.lines],
            needs_approval=offered.terms.needs_approval,
            cancellation_free_hours=rule.free_hours,
            cancellation_late_percent=rule.late_percent,
            no_show_percent=rule.no_show_percent,
            causes=[CauseOut(code=c.code, detail=cause_sentence(c, zone)) for c in offered.causes],
        )


class TravelOut(BaseModel):
    """The journeys that are saved, and from how far on the booking is worth its price."""

    km_one_way: Decimal
    km: Decimal
    eur: Decimal
    kg_co2: Decimal
    break_even_km: Decimal

    @classmethod
    def of(cls, saved: TravelSaved) -> Self:
        """From the domain's."""
        return cls(**{name: getattr(saved, name) for name in cls.model_fields})


class QuoteIn(BookingForm):
    """What is to be booked; with a far end, the journeys to it that are saved."""

    far_latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    far_longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = None
    participants: Annotated[int, Field(ge=1, le=1000)] = 1

    @property
    def far_end(self) -> tuple[float, float] | None:
        """Where the others are, when both are given."""
        if self.far_latitude is None or self.far_longitude is None:
            return None
        return self.far_latitude, self.far_longitude


class SeriesDateOut(BaseModel):
    """One date of a series: what it costs, or why it cannot be had."""

    starts_at: datetime
    ends_at: datetime
    price: MoneyOut | None
    """Null: it cannot be had."""
    causes: dict[str, list[CauseOut]]
    """By id of the room."""


class SeriesQuoteOut(BaseModel):
    """The answer to a series before it is booked; the price is that of the dates that are free."""

    dates: list[SeriesDateOut]
    price: MoneyOut
    rules: str
    """Of cancellation, to be sent back as `shown_rules`."""

    @classmethod
    def of(cls, offer: SeriesOffer, zone: str) -> Self:
        """From the use case's."""

        def one(span: Span) -> SeriesDateOut:
            quotes, clash = offer.quotes.get(span, ()), offer.clashes.get(span, {})
            price = totals(line.amount for quoted in quotes for line in quoted.lines)
            return SeriesDateOut(
                starts_at=span[0],
                ends_at=span[1],
                price=MoneyOut.of(price) if quotes else None,
                causes={
                    room: [CauseOut(code=c.code, detail=cause_sentence(c, zone)) for c in some]
                    for room, some in clash.items()
                },
            )

        return cls(
            dates=[one(span) for span in offer.dates],
            price=MoneyOut.of(offer.totals),
            rules=rules_text(room.cancellation for room in offer.rooms),
        )


class QuoteOut(BaseModel):
    """The answer to a wish before it is booked."""

    starts_at: datetime
    ends_at: datetime
    bookable: bool
    price: MoneyOut
    rules: str
    """Of cancellation, to be sent back as `shown_rules`."""
    rooms: list[QuotedRoomOut]
    travel: TravelOut | None

    @classmethod
    def of(cls, offer: Offer, zone: str) -> Self:
        """From the use case's."""
        return cls(
            starts_at=offer.span[0],
            ends_at=offer.span[1],
            bookable=offer.is_bookable,
            price=MoneyOut.of(offer.totals),
            rules=rules_text(room.terms.cancellation for room in offer.rooms),
            rooms=[QuotedRoomOut.of(room, zone) for room in offer.rooms],
            travel=TravelOut.of(offer.travel) if offer.travel else None,
        )


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
        return cls(**{name: getattr(loan, name) for name in cls.model_fields})


class KeyIn(Inputs):
    """A key or badge, by what is written on it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class PagesIn(Inputs):
    """Pages that were printed today."""

    pages: Annotated[int, Field(ge=1, le=MOST_PAGES)]


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


class VenueRoomsQuery(Inputs):
    """Which booked rooms of a venue; the day is the venue's."""

    venue_id: Id
    day: Day | None = None
    days: Annotated[int, Field(ge=1, le=62)] = 7
    state: Annotated[str, Field(pattern=_STATES)] = ""
    """One of BookedRoomOut; empty: all."""


class SeriesOut(BaseModel):
    """What a series has come to; `left_out` are the dates that were not free."""

    series_id: str
    bookings: list[BookingOut]
    left_out: list[SpanOut]


class BookingsQuery(Inputs):
    """Which of your bookings; the day is the territory's."""

    day: Day | None = None
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

    def when(self) -> WhenForm:
        """Without the version."""
        return WhenForm(**self.model_dump(exclude={"version"}))


class BookingCancelIn(Inputs):
    """Take it back."""

    version: Version


class BookingCancelledOut(BaseModel):
    """The booking, and what stays to be paid of it."""

    booking: BookingOut
    stays: MoneyOut

    @classmethod
    def of(cls, row: BookingRow, settled: list[Settlement]) -> Self:
        """From the use case's."""
        kept = [s.totals for s in settled]
        parts = ((t.before_tax, t.vat, t.total) for t in kept)
        before_tax, vat, total = (sum(column, Decimal(0)) for column in zip(*parts, strict=True))
        return cls(
            booking=BookingOut.of(row),
            stays=MoneyOut(before_tax=before_tax, vat=vat, total=total),
        )
