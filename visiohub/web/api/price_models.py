"""What the API says before rooms are booked: price, causes, journeys. Euros are decimal texts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from visiohub.booking.rooms.book import Offer, OfferedRoom, SeriesOffer
from visiohub.booking.rooms.forms import BookingForm
from visiohub.booking.rooms.prices import rules_text
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.skipped import Skipped
from visiohub.domain.hours import Span
from visiohub.domain.tariff.money import Totals, totals
from visiohub.domain.tariff.quote import Line
from visiohub.domain.travel import TravelSaved
from visiohub.web.api.describe import by_names
from visiohub.web.room_words import cause_sentence, price_line

Degrees = Annotated[float, Field(allow_inf_nan=False)]


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

    @classmethod
    def of(cls, cause: Cause, zone: str) -> Self:
        """In the reader's words; times are those of the zone."""
        return cls(code=cause.code, detail=cause_sentence(cause, zone))


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
            causes=[CauseOut.of(c, zone) for c in offered.causes],
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
        return by_names(cls, saved)


class QuoteIn(BookingForm):
    """What is to be booked; with a far end, the journeys to it that are saved."""

    far_latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    far_longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = Field(
        default=None, validate_default=True
    )
    participants: Annotated[int, Field(ge=1, le=1000)] = 1

    @field_validator("far_longitude")
    @classmethod
    def _whole(cls, longitude: float | None, others: ValidationInfo) -> float | None:
        latitude = others.data.get("far_latitude", longitude)  # a wrong one is named by itself
        if (latitude is None) != (longitude is None):
            raise PydanticCustomError("half_a_place", "one of latitude and longitude")
        return longitude

    @property
    def far_end(self) -> tuple[float, float] | None:
        """Where the others are; None: not told."""
        if self.far_latitude is None or self.far_longitude is None:
            return None
        return self.far_latitude, self.far_longitude


class SkippedOut(BaseModel):
    """A date that a series does not have: the clock skips its hour. Day and time are local."""

    day: date
    starts: str
    """HH:MM."""
    code: str
    detail: str

    @classmethod
    def of(cls, skipped: Skipped, zone: str) -> Self:
        """In the reader's words."""
        cause = CauseOut.of(skipped, zone)
        return cls(day=skipped.at.date(), starts=f"{skipped.at:%H:%M}", **cause.model_dump())


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
    skipped: list[SkippedOut]
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
                causes={room: [CauseOut.of(c, zone) for c in some] for room, some in clash.items()},
            )

        return cls(
            dates=[one(span) for span in offer.dates],
            skipped=[SkippedOut.of(gone, zone) for gone in offer.skipped],
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
