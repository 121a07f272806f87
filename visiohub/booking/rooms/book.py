"""Ask for a price, book one time in one or several rooms, book a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from visiohub.booking import announce_rooms
from visiohub.booking.journeys import rates_of
from visiohub.booking.rooms.against import Causes, causes_against
from visiohub.booking.rooms.forms import BookingForm, SeriesForm
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.rooms.prices import prices_of, quote_with_advice, quotes
from visiohub.booking.rooms.refusals import DatesClash, SeriesWrong
from visiohub.booking.rooms.scope import account
from visiohub.booking.rooms.writing import Booked, Choices, check_rules, write
from visiohub.booking.secrets import new_id
from visiohub.domain.booking import MOST_DATES
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.domain.calendar.recurrence import Recurrence, series
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.skipped import Skipped, skipped
from visiohub.domain.hours import Span
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.money import Totals, totals
from visiohub.domain.tariff.quote import Quote
from visiohub.domain.travel import TravelSaved, travel_saved_by
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class RoomTerms:
    """On which terms a room is had: what it costs unused, whether its venue has to agree, and
    whether a visio there is called from a kiosk."""

    room_id: str
    venue: str
    cancellation: CancellationRule
    needs_approval: bool
    has_kiosk: bool

    @classmethod
    def of(cls, uow: UnitOfWork, place: Place) -> RoomTerms:
        """Those of today."""
        rule = prices_of(uow, place.venue.id).cancellation
        has_kiosk = bool(uow.kiosks.list(room_id=place.room.id, active=True))
        return cls(place.room.id, place.venue.name, rule, place.needs_approval, has_kiosk)


@dataclass(frozen=True)
class OfferedRoom:
    """What one room of a wish costs, how that was made, and what is against it."""

    terms: RoomTerms
    quote: Quote
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Offer:
    """The answer to a wish before it is booked."""

    span: Span
    rooms: tuple[OfferedRoom, ...]
    totals: Totals
    travel: TravelSaved | None

    @property
    def is_bookable(self) -> bool:
        """Is nothing against it now?"""
        return not any(room.causes for room in self.rooms)


@dataclass(frozen=True)
class SeriesOffer:
    """The answer to a series before it is booked: all dates, those that cannot be had, and what
    each of the others costs, room by room in the order of `rooms`."""

    dates: tuple[Span, ...]
    skipped: tuple[Skipped, ...]
    """None of `dates`: the clock skips their hour."""
    clashes: Mapping[Span, Causes]
    quotes: Mapping[Span, tuple[Quote, ...]]
    rooms: tuple[RoomTerms, ...]
    totals: Totals
    travel: TravelSaved | None


@dataclass(frozen=True)
class Series:
    """What a series has come to; `clashes` are the dates that were left out, each with why."""

    series_id: str
    booked: tuple[Booked, ...]
    clashes: Mapping[Span, Causes]
    skipped: tuple[Skipped, ...]
    """As SeriesOffer's."""


def quote(
    uow: UnitOfWork,
    form: BookingForm,
    by: Person,
    now: datetime,
    *,
    far_end: tuple[float, float] | None = None,
    participants: int = 1,
) -> Offer:
    """The price before booking, line by line, and the journeys it saves to `far_end` (latitude,
    longitude) for so many `participants` in each room. Only reads.

    Raises NotFound, NotAllowed, RoomNotOffered, InvalidForm, TimeDoesNotExist, NotSold.
    """
    membership = account(uow, form.membership_id, by, form.room_ids)
    places = read_places(uow, form.room_ids)
    span = form.span(places[0].zone)
    if len(places) == 1 and form.uses_passes:
        found = [quote_with_advice(uow, membership, places[0], span, visio=form.visio)]
    else:
        found, _ = quotes(
            uow,
            membership,
            [(p, span) for p in places],
            visio=form.visio,
            uses_passes=form.uses_passes,
        )
    against = causes_against(uow, places, membership, [span], now, visio=form.visio).get(span, {})
    rooms = tuple(
        OfferedRoom(
            RoomTerms.of(uow, place),
            quoted,
            tuple(against.get(place.room.id, ())),
        )
        for place, quoted in zip(places, found, strict=True)
    )
    whole = totals(line.amount for room in rooms for line in room.quote.lines)
    travel = _travel(uow, places, far_end, participants, whole.total)
    return Offer(span, rooms, whole, travel)


def book(uow: UnitOfWork, form: BookingForm, by: Person, now: datetime) -> Booked:
    """One time in one to MOST_ROOMS rooms, in as many venues as one likes, all or nothing.

    Raises NotBookable, RoomTaken, PriceChanged, RulesChanged, and what `quote` raises.
    """
    membership = account(uow, form.membership_id, by, form.room_ids)
    places = read_places(uow, form.room_ids)
    span = form.span(places[0].zone)
    check_rules(places, membership, span, now)
    booked = write(uow, membership, places, [span], _choices(form), by, now)[0]
    announce_rooms.of_bookings(uow, [booked.booking], Change.BOOKED, now)
    return booked


def quote_series(
    uow: UnitOfWork,
    form: SeriesForm,
    by: Person,
    now: datetime,
    *,
    far_end: tuple[float, float] | None = None,
    participants: int = 1,
) -> SeriesOffer:
    """Every date with why it cannot be had, and the price of all that can, with the journeys that
    those save. Only reads.

    Raises SeriesWrong, and as `quote`.
    """
    membership = account(uow, form.membership_id, by, form.room_ids)
    places = read_places(uow, form.room_ids)
    dates, not_there = _dates(form, places, now)
    clashes = causes_against(uow, places, membership, dates, now, visio=form.visio)
    free = [span for span in dates if span not in clashes]
    wanted = [(p, span) for span in free for p in places]
    found, _ = quotes(uow, membership, wanted, visio=form.visio, uses_passes=form.uses_passes)
    whole = totals(line.amount for quoted in found for line in quoted.lines)
    each = iter(found)
    of_dates = {span: tuple(islice(each, len(places))) for span in free}
    terms = tuple(RoomTerms.of(uow, place) for place in places)
    travel = _travel(uow, places * len(free), far_end, participants, whole.total)
    return SeriesOffer(tuple(dates), not_there, clashes, of_dates, terms, whole, travel)


def book_series(uow: UnitOfWork, form: SeriesForm, by: Person, now: datetime) -> Series:
    """All dates of a series, each a booking of its own that is moved and cancelled alone.

    Raises DatesClash where some cannot be had, unless `only_free`, and where none can; RoomTaken
    when one was taken at this moment, PriceChanged, RulesChanged, and as `quote_series`. Then
    nothing was booked.
    """
    membership = account(uow, form.membership_id, by, form.room_ids)
    places = read_places(uow, form.room_ids)
    dates, not_there = _dates(form, places, now)
    clashes = causes_against(uow, places, membership, dates, now, visio=form.visio)
    free = [span for span in dates if span not in clashes]
    if not free or (clashes and not form.only_free):
        raise DatesClash(clashes)
    series_id = new_id()
    made = write(uow, membership, places, free, _choices(form), by, now, series_id)
    announce_rooms.of_bookings(uow, [one.booking for one in made], Change.BOOKED, now)
    return Series(series_id, tuple(made), clashes, not_there)


def _dates(
    form: SeriesForm, places: Sequence[Place], now: datetime
) -> tuple[list[Span], tuple[Skipped, ...]]:
    zone = places[0].zone
    form.span(zone)  # refuses what is wrong with the first date, in its own words
    first, starts, last, ends = form.local_span()
    not_after = min(p.limits.bookable(now, p.zone)[1] for p in places)
    try:
        recurrence = Recurrence(
            datetime.combine(first, starts),
            datetime.combine(last, ends),
            zone,
            parse_rule(form.rule),
            frozenset(form.excluded),
        )
        dates = series(recurrence, MOST_DATES, not_after)
    except RefusedError as refused:
        raise SeriesWrong(refused.cause) from refused
    return dates, skipped(recurrence, dates)


def _choices(form: BookingForm) -> Choices:
    return Choices(form.visio, form.uses_passes, form.shown_total, form.shown_rules)


def _travel(
    uow: UnitOfWork,
    places: Sequence[Place],
    there: tuple[float, float] | None,
    participants: int,
    price: Decimal,
) -> TravelSaved | None:
    if there is None or not places:
        return None
    points = [(place.venue.latitude, place.venue.longitude) for place in places]
    return travel_saved_by(points, there, participants, price, rates_of(uow))
