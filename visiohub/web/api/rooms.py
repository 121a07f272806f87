"""The operations of /api/v1 on rooms: what is free, what it costs, book, move, cancel."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from visiohub.booking.rooms import book, changes, free, lists
from visiohub.booking.rooms.forms import BookingForm, SeriesForm, WhenForm
from visiohub.domain.booking import Membership
from visiohub.domain.model import Room, Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.api.booked_models import (
    BookingCancelIn,
    BookingCancelledOut,
    BookingIn,
    BookingMoveIn,
    BookingOut,
    BookingsQuery,
    SeriesIn,
    SeriesOut,
)
from visiohub.web.api.describe import by_names, operation
from visiohub.web.api.price_models import QuoteIn, QuoteOut, SeriesQuoteOut, SkippedOut
from visiohub.web.api.room_models import AccountOut, FreeTimesIn, RoomOut, SpanOut
from visiohub.web.context import HUB, staff

V1 = "/api/v1"
ONE = f"{V1}/bookings/{{booking_id}}"


async def _seen(request: web.Request, booking_id: str) -> lists.BookingRow:
    """Raises NotFound, also for somebody else's."""
    return await request.app[HUB].read(lists.show, booking_id, staff(request))


async def _one(request: web.Request) -> BookingOut:
    return BookingOut.of(await _seen(request, request.match_info["booking_id"]))


@operation("GET", f"{V1}/rooms", "All active rooms", answer=RoomOut, many=True)
async def rooms(request: web.Request) -> list[RoomOut]:
    """By venue."""

    def found(uow: UnitOfWork) -> list[tuple[Room, Venue]]:
        venues = {v.id: v for v in uow.venues.list(active=True)}
        return [
            (r, venues[r.venue_id]) for r in uow.rooms.list(active=True) if r.venue_id in venues
        ]

    return [RoomOut.of(*pair) for pair in await request.app[HUB].read(found)]


@operation("GET", f"{V1}/accounts", "Your accounts", answer=AccountOut, many=True)
async def accounts(request: web.Request) -> list[AccountOut]:
    """Those on which you book rooms."""
    found: list[Membership] = list(await request.app[HUB].read(lists.own_accounts, staff(request)))
    return [AccountOut.of(account) for account in found]


@operation(
    "POST",
    f"{V1}/free-times",
    "Times at which all of these rooms can be booked",
    body=FreeTimesIn,
    answer=SpanOut,
    many=True,
)
async def free_times(request: web.Request, body: FreeTimesIn) -> list[SpanOut]:
    """The first fifty. Books nothing."""
    hub = request.app[HUB]
    found = await hub.read(
        free.common_free,
        body.room_ids,
        body.account_id,
        timedelta(minutes=body.minutes),
        *body.span(hub.settings.time_zone, hub.clock()),
        staff(request),
        hub.clock(),
        visio=body.visio,
    )
    return [SpanOut(starts_at=begins, ends_at=ends) for begins, ends in found]


@operation("POST", f"{V1}/quotes", "The price of a booking", body=QuoteIn, answer=QuoteOut)
async def quote(request: web.Request, body: QuoteIn) -> QuoteOut:
    """How it was made, what is against it, and the journeys that it saves. Books nothing."""
    hub = request.app[HUB]
    offer = await hub.read(
        book.quote,
        by_names(BookingForm, body),
        staff(request),
        hub.clock(),
        far_end=body.far_end,
        participants=body.participants,
    )
    return QuoteOut.of(offer, hub.settings.time_zone)


@operation(
    "POST",
    f"{V1}/series-quotes",
    "The price of a series, date by date",
    body=SeriesForm,
    answer=SeriesQuoteOut,
)
async def quote_series(request: web.Request, body: SeriesForm) -> SeriesQuoteOut:
    """With why some dates cannot be had. Books nothing."""
    hub = request.app[HUB]
    offer = await hub.read(book.quote_series, body, staff(request), hub.clock())
    return SeriesQuoteOut.of(offer, hub.settings.time_zone)


@operation(
    "GET",
    f"{V1}/bookings",
    "Your bookings, from a day on",
    query=BookingsQuery,
    answer=BookingOut,
    many=True,
)
async def list_bookings(request: web.Request, query: BookingsQuery) -> list[BookingOut]:
    """The next first."""
    hub = request.app[HUB]
    span = query.span(hub.settings.time_zone, hub.clock())
    rows = await hub.read(lists.own_bookings, staff(request), *span)
    return [BookingOut.of(row) for row in rows]


@operation(
    "POST",
    f"{V1}/bookings",
    "Book one time in one or several rooms, all or nothing",
    body=BookingIn,
    answer=BookingOut,
    status=201,
)
async def book_rooms(request: web.Request, body: BookingIn) -> BookingOut:
    """409 `room_taken` when something has one of the rooms, `price_changed` with the new total;
    422 `not_bookable` with the causes."""
    hub = request.app[HUB]
    made = await hub.run(book.book, body, staff(request), hub.clock())
    return BookingOut.of(await _seen(request, made.booking.id))


@operation(
    "POST",
    f"{V1}/booking-series",
    "Book a time that recurs (RFC 5545)",
    body=SeriesIn,
    answer=SeriesOut,
    status=201,
)
async def book_room_series(request: web.Request, body: SeriesIn) -> SeriesOut:
    """409 `dates_clash` with every date that is not free, unless `only_free`; 422 `series_wrong`
    with why the rule cannot be taken."""
    hub = request.app[HUB]
    made = await hub.run(book.book_series, body, staff(request), hub.clock())
    rows = await hub.read(lists.rows_of, [one.booking for one in made.booked])
    return SeriesOut(
        series_id=made.series_id,
        bookings=[BookingOut.of(row) for row in rows],
        left_out=[SpanOut(starts_at=start, ends_at=end) for start, end in made.clashes],
        skipped=[SkippedOut.of(one, hub.settings.time_zone) for one in made.skipped],
    )


@operation("GET", ONE, "One booking", answer=BookingOut)
async def get_booking(request: web.Request) -> BookingOut:
    """If it is yours."""
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/move",
    "Another time, or other rooms",
    body=BookingMoveIn,
    answer=BookingOut,
    kept=_one,
)
async def move_booking(request: web.Request, body: BookingMoveIn) -> BookingOut:
    """The price is made anew."""
    hub = request.app[HUB]
    row = await _seen(request, request.match_info["booking_id"])
    when = by_names(WhenForm, body)
    await hub.run(changes.move, row.booking.id, when, body.version, staff(request), hub.clock())
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/cancel",
    "Take it back",
    body=BookingCancelIn,
    answer=BookingCancelledOut,
    kept=_one,
)
async def cancel_booking(request: web.Request, body: BookingCancelIn) -> BookingCancelledOut:
    """What stays to be paid is in the answer."""
    hub = request.app[HUB]
    row = await _seen(request, request.match_info["booking_id"])
    _, settled = await hub.run(
        changes.cancel,
        row.booking.id,
        body.version,
        staff(request),
        hub.clock(),
        by_venue=body.by_venue,
    )
    return BookingCancelledOut.of(await _seen(request, row.booking.id), settled)


OPERATIONS = (
    rooms,
    accounts,
    free_times,
    quote,
    quote_series,
    list_bookings,
    book_rooms,
    book_room_series,
    get_booking,
    move_booking,
    cancel_booking,
)
