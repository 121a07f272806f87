"""Pages that somebody prints at a venue: counted by reception, out of the month's quota first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from visiohub.booking.audit import note
from visiohub.booking.rooms.ledger import charge, pages_label
from visiohub.booking.rooms.prices import any_prices_of
from visiohub.booking.rooms.refusals import BookingChanged, PagesNotSold
from visiohub.booking.rooms.rules import place_rules
from visiohub.booking.rooms.scope import check_manages
from visiohub.booking.secrets import token_hash
from visiohub.domain import hours
from visiohub.domain.booking import BookedRoom, Membership, RoomState
from visiohub.domain.model import Person
from visiohub.domain.tariff.grid import Grid, Tariff
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.price import NotSoldError, price_pages
from visiohub.domain.tariff.quote import PagesLine
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

MOST_PAGES = 1000
"""At a time."""
_HERE = frozenset({RoomState.CONFIRMED, RoomState.CHECKED_IN})


@dataclass(frozen=True)
class PrintTerms:
    """What printing costs who has a room: so many pages of this month's quota are left, then each
    is at `price` euros; None: no more than the quota."""

    left: int
    price: Decimal | None


def print_terms(uow: UnitOfWork, booked: BookedRoom, now: datetime) -> PrintTerms | None:
    """None: nobody prints here on this tariff, or nobody has the room."""
    membership, _, tariff = _tariff(uow, booked)
    if tariff is None or booked.state not in _HERE:
        return None
    used = membership.standing.pages_in(Month.of(_today(uow, booked, now)))
    left = max(0, tariff.quota.pages - used)
    return PrintTerms(left, tariff.page) if left or tariff.page is not None else None


def count_pages_once(
    uow: UnitOfWork, booked_room_id: str, pages: int, key: str, by: Person, now: datetime
) -> bool:
    """As count_pages; `key` is a token that the page was made with (secrets.new_token): the same
    form sent twice counts once. False: they were counted before."""
    check_manages(by, uow.booked_rooms.get(booked_room_id).venue_id)
    # another number is no double: somebody went back to the form and counts more
    entry_id = token_hash(f"pages {key} {booked_room_id} {pages}")[:16]
    if uow.audit.find(entry_id) is not None:  # pages of the quota leave no charge
        return False
    count_pages(uow, booked_room_id, pages, by, now, entry_id)
    return True


def count_pages(
    uow: UnitOfWork,
    booked_room_id: str,
    pages: int,
    by: Person,
    now: datetime,
    entry_id: str = "",
) -> PagesLine:
    """Charge pages that were printed today by who has this room; `entry_id` of the audit trail.

    Raises NotFound, NotAllowed, InvalidForm, BookingChanged (nobody has the room),
    PagesNotSold.
    """
    booked = uow.booked_rooms.get(booked_room_id)
    check_manages(by, booked.venue_id)
    if booked.state not in _HERE:
        raise BookingChanged(f"is {booked.state}")
    if not 1 <= pages <= MOST_PAGES:
        says = N_("Donnez un nombre de pages, de 1 à {most}.")
        raise InvalidForm([FieldError("pages", "not_between", says, {"most": MOST_PAGES})])
    membership, grid, tariff = _tariff(uow, booked)
    today = _today(uow, booked, now)
    if grid is None or tariff is None:
        raise PagesNotSold(f"{membership.profile} has no price for {booked.room_id}", what="page")
    try:
        line, draws = price_pages(grid, tariff, pages, membership.standing, today)
    except NotSoldError as error:
        raise PagesNotSold(str(error), what=error.what) from error
    month, before = Month.of(today), membership.standing
    membership.standing = before.take(draws)
    charge(uow, membership, line.amount, on=today, label=pages_label(pages), room=booked)
    counted: dict[str, object] = {"month_pages": before.pages_in(month)}
    after = {"month_pages": membership.standing.pages_in(month), "pages": pages}
    said: dict[str, object] = {**after, "total": str(line.amount.total)}
    note(uow, by, now, "booking.print", booked.booking_id, counted, said, entry_id)
    uow.flush()
    return line


def _tariff(uow: UnitOfWork, booked: BookedRoom) -> tuple[Membership, Grid | None, Tariff | None]:
    """The account, and what it pays there: a booking that was taken over may have no price list."""
    membership = uow.memberships.get(uow.bookings.get(booked.booking_id).membership_id)
    prices = any_prices_of(uow, booked.venue_id)
    if prices is None:
        return membership, None, None
    room_class = place_rules(uow, booked.room_id).room_class
    tariff = prices.grid.tariff(membership.profile, booked.room_id, room_class)
    return membership, prices.grid, tariff


def _today(uow: UnitOfWork, booked: BookedRoom, now: datetime) -> date:
    zone = hours.zone_of(uow.venues.get(booked.venue_id).time_zone)
    return hours.local_day(now, zone)
