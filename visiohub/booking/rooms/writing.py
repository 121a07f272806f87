"""How bookings are written down: rows, occupancies, draws, charges, audit, all in one transaction.

Everything that one command books goes into one call of `uow.occupancies.move`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from visiohub.booking.audit import note
from visiohub.booking.lines.fit import Wish, require_line
from visiohub.booking.rooms.ledger import charge, give_back, held_label, total_of
from visiohub.booking.rooms.places import Place
from visiohub.booking.rooms.prices import check_shown, check_shown_rules, prices_of, quotes
from visiohub.booking.rooms.refusals import NotBookable
from visiohub.booking.rooms.scope import manages
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.booking import (
    BookedRoom,
    Membership,
    RoomBooking,
    RoomState,
    given_back,
)
from visiohub.domain.hours import Span
from visiohub.domain.model import Person
from visiohub.domain.occupancy import Occupancy, Owner
from visiohub.domain.tariff.cancellation import Settlement, Unused, settle
from visiohub.domain.tariff.money import ZERO, Amount
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Booked:
    """A booking with its rooms."""

    booking: RoomBooking
    rooms: tuple[BookedRoom, ...]


@dataclass(frozen=True)
class Choices:
    """How it is paid and used."""

    visio: bool
    uses_passes: bool
    shown_total: Decimal | None = None
    """As WhenForm's."""
    shown_rules: str | None = None
    """As BookingForm's."""


def check_rules(places: Sequence[Place], membership: Membership, span: Span, now: datetime) -> None:
    """Raises NotBookable with every rule that is against it."""
    causes = {p.room.id: p.against(membership.books_as, *span, now) for p in places}
    if against := {room_id: found for room_id, found in causes.items() if found}:
        raise NotBookable(against)


def write(
    uow: UnitOfWork,
    membership: Membership,
    places: Sequence[Place],
    spans: Sequence[Span],
    choices: Choices,
    by: Person,
    now: datetime,
    series_id: str | None = None,
) -> list[Booked]:
    """One booking of all places for each span. Raises NotSold, PriceChanged, RulesChanged,
    RoomTaken, LineFull."""
    wanted = [(place, span) for span in spans for place in places]
    found, _ = quotes(uow, membership, wanted, visio=choices.visio, uses_passes=choices.uses_passes)
    rules = [prices_of(uow, place.venue.id).cancellation for place in places]
    each = iter(found)
    made: list[Booked] = []
    held: list[Occupancy] = []
    for span in spans:
        booking = RoomBooking(
            new_id(), membership.id, *span, now, by.id, visio=choices.visio, series_id=series_id
        )
        rooms = tuple(
            BookedRoom(
                new_id(),
                booking.id,
                place.room.id,
                place.venue.id,
                first_state(place, by),
                next(each),
                rule,
            )
            for place, rule in zip(places, rules, strict=True)
        )
        held += (holding(p, room, span) for p, room in zip(places, rooms, strict=True))
        made.append(Booked(booking, rooms))
    uow.occupancies.hold(held)  # what is taken is said first: no price helps there
    check_shown(found, choices.shown_total)
    check_shown_rules(rules, choices.shown_rules)
    for one in made:
        before = _account(membership, {})
        uow.bookings.add(one.booking)
        charged = {}
        for place, room in zip(places, one.rooms, strict=True):
            uow.booked_rooms.add(room)
            membership.standing = membership.standing.take(room.quote.draws)
            charged[room.room_id] = due(uow, membership, one.booking, room, place, now).total
        after = _rooms(one) | _account(membership, charged)
        note(uow, by, now, "booking.book", one.booking.id, before, after)
    tell(uow, *(p.venue.id for p in places))
    uow.flush()
    if choices.visio:
        fits_lines(uow, [one.booking for one in made], places, now)
    return made


def fits_lines(
    uow: UnitOfWork, bookings: Sequence[RoomBooking], places: Sequence[Place], now: datetime
) -> None:
    """Visios of these bookings go on their venues' lines. Raises LineFull, LineMeasured."""
    wishes = [Wish(one.id, one.starts_at, one.ends_at) for one in bookings]
    for venue_id in sorted({place.venue.id for place in places}):
        require_line(uow, venue_id, wishes, now)


def holding(place: Place, room: BookedRoom, span: Span) -> Occupancy:
    """What it takes, with the buffers of the room."""
    return Occupancy(place.resource, *place.limits.kept(*span), room.owner)


def first_state(place: Place, by: Person) -> RoomState:
    """Where the venue wants to agree, it is asked; who runs it has agreed already."""
    asks = place.needs_approval and not manages(by, place.venue.id)
    return RoomState.REQUESTED if asks else RoomState.CONFIRMED


def due(
    uow: UnitOfWork,
    membership: Membership,
    booking: RoomBooking,
    room: BookedRoom,
    place: Place,
    now: datetime,
) -> Amount:
    """Charge what the room costs, and say how much that is."""
    amount = total_of(tuple(line.amount for line in room.quote.lines))
    on = entered_on(booking, now, place.zone)
    charge(uow, membership, amount, on=on, label=place.room.name, room=room)
    return amount


def entered_on(booking: RoomBooking, now: datetime, zone: ZoneInfo) -> date:
    """The venue's day of the booking, or today when that is over: no line is added to a month that
    has passed, whose statement may have been sent."""
    return max(hours.local_day(booking.starts_at, zone), hours.local_day(now, zone))


def end(
    uow: UnitOfWork,
    membership: Membership,
    booking: RoomBooking,
    ended: Sequence[tuple[BookedRoom, RoomState, Unused]],
    now: datetime,
) -> list[Settlement]:
    """These rooms of a booking are not used: they are free again, what the rule of cancellation
    gives back is given back."""
    settled = []
    owners: list[Owner] = []
    for room, state, unused in ended:
        settlement = settle(room.quote, unused, room.cancellation)
        membership.standing = given_back(membership.standing, [settlement.back])
        refund(uow, membership, booking, room, settlement, now)
        room.state = state
        room.version += 1
        owners.append(room.owner)
        settled.append(settlement)
    uow.occupancies.free(*owners)
    tell(uow, *(room.venue_id for room, *_ in ended))
    return settled


def refund(
    uow: UnitOfWork,
    membership: Membership,
    booking: RoomBooking,
    room: BookedRoom,
    settlement: Settlement,
    now: datetime,
) -> None:
    """The line of the ledger that brings the charge to what stays, for who was charged."""
    back, percent = settlement.refund, room.quote.lines[0].amount.vat_percent
    if back.total == ZERO:
        return
    amount = Amount(-back.before_tax, percent, -back.vat, -back.total)
    venue, name = uow.venues.get(room.venue_id), uow.rooms.get(room.room_id).name
    on = entered_on(booking, now, hours.zone_of(venue.time_zone))
    give_back(uow, membership, amount, on=on, label=name, room=room)


def rooms_of(uow: UnitOfWork, booking: RoomBooking) -> list[BookedRoom]:
    """All of a booking's, whatever became of them."""
    return list(uow.booked_rooms.list(booking_id=booking.id))


def facts(uow: UnitOfWork, booked: Booked) -> dict[str, object]:
    """For the audit."""
    return _rooms(booked) | accounted(uow, booked.booking, booked.rooms)


def _rooms(booked: Booked) -> dict[str, object]:
    booking = booked.booking
    return {
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "rooms": {room.room_id: str(room.state) for room in booked.rooms},
        "totals": {room.room_id: str(room.quote.totals.total) for room in booked.rooms},
    }


def accounted(
    uow: UnitOfWork, booking: RoomBooking, rooms: Sequence[BookedRoom]
) -> dict[str, object]:
    """The same of the money and the draws: what the ledger has of these rooms, what is left of the
    account's passes, what is used of its quota."""
    uow.flush()
    charged = {
        room.room_id: sum((c.amount.total for c in uow.charges.list(booked_room_id=room.id)), ZERO)
        for room in rooms
    }
    return _account(uow.memberships.get(booking.membership_id), charged)


def _account(membership: Membership, charged: Mapping[str, Decimal]) -> dict[str, object]:
    standing = membership.standing
    return {
        "charged": {room_id: str(total) for room_id, total in charged.items() if total},
        "passes": [held_label(one) for one in standing.passes],
        "quota_hours": {str(month): used for month, used in standing.hours},
    }


def facts_of(room: BookedRoom) -> dict[str, object]:
    """The same of one room."""
    return {"rooms": {room.room_id: str(room.state)}}


def tell(uow: UnitOfWork, *venue_ids: str) -> None:
    """The pages of these venues' days."""
    uow.changed(*(f"reception:{venue_id}" for venue_id in venue_ids))
