"""Rooms booked by professionals and organisations: bookings, accounts, prices, keys. Pure.

Entities compare by identity. Every one has a `version` that rises with each edit by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, territory_of
from visiohub.domain.calendar.school_holidays import SchoolBreak
from visiohub.domain.calendar.sharing import Profile, Sharing
from visiohub.domain.model import Venue
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Grid
from visiohub.domain.tariff.money import Amount
from visiohub.domain.tariff.quote import Quote
from visiohub.domain.tariff.standing import Draws, Standing

MOST_ROOMS = 15
"""In one booking."""
LONGEST = timedelta(days=31)
"""Of one booking by the wall clock, whatever the limits of its rooms say: the tariff's longest unit
is a month."""
MOST_DATES = 120
"""Of one series: every working day of half a year."""


class RoomState(StrEnum):
    """A booked room's: requested -> confirmed -> checked_in, or one of the three ends."""

    REQUESTED = "requested"
    """It holds its time, and the venue has yet to agree."""
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    NO_SHOW = "no_show"


HOLDS_ITS_ROOM = frozenset({RoomState.REQUESTED, RoomState.CONFIRMED, RoomState.CHECKED_IN})
_STEPS = {
    RoomState.REQUESTED: {
        RoomState.CONFIRMED,
        RoomState.REFUSED,
        RoomState.CANCELLED,
        RoomState.NO_SHOW,
    },
    RoomState.CONFIRMED: {RoomState.CHECKED_IN, RoomState.CANCELLED, RoomState.NO_SHOW},
    RoomState.NO_SHOW: {RoomState.CHECKED_IN},
}


def may_become(state: RoomState, wanted: RoomState) -> bool:
    """Whether a booked room may take this step."""
    return wanted in _STEPS.get(state, set())


@dataclass(eq=False)
class SchoolHolidays:
    """What the ministry's file says of one zone; `id` is the zone's name."""

    id: str
    breaks: tuple[SchoolBreak, ...]


DESK = "desk-"
"""What the id of a desk begins with."""


@dataclass(eq=False)
class PlaceRules:
    """How a venue, one room of it or its reception desk is opened, and how the first two are
    booked and shared; `id` is the place's own.

    The weekly timetable of a venue is `Venue.opening`: here `rules.weekly` is a room's or desk's.
    `rules.school` is found by `school_zone` when the rules are read.
    """

    id: str
    venue_id: str
    room_id: str | None = None
    rules: OpeningRules = field(default_factory=OpeningRules)
    school_zone: str = ""
    limits: Limits = field(default_factory=Limits)
    sharing: Sharing = field(default_factory=Sharing)
    needs_approval: bool = False
    room_class: str = ""
    """The class of the tariff grid that a room is in."""
    version: int = 1

    @property
    def is_desk(self) -> bool:
        """Of a venue's reception desk, which is open like its venue or less."""
        return self.id == desk_of(self.venue_id)

    @property
    def is_venue(self) -> bool:
        """Of a whole venue."""
        return self.id == self.venue_id

    @classmethod
    def of_new(cls, venue: Venue) -> PlaceRules:
        """Of a venue whose rules nobody has edited: closed on the public holidays of its place."""
        holidays = HolidayRule(territory_of(venue.postcode))
        return cls(venue.id, venue.id, rules=OpeningRules(holidays=holidays), version=0)


def desk_of(venue_id: str) -> str:
    """The id of a venue's reception desk among the places."""
    return DESK + venue_id


@dataclass(eq=False)
class PriceList:
    """What is charged, by the territory (`venue_id` None) or by one venue for itself."""

    id: str
    venue_id: str | None
    grid: Grid
    cancellation: CancellationRule
    version: int = 1


@dataclass(eq=False)
class Organisation:
    """Who pays for many people: an employer, a federation. One contact, one statement."""

    id: str
    name: str
    address: tuple[str, ...]
    contact: str
    email: str
    phone: str = ""
    account_number: str = ""
    """As the treasury knows it."""
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class Membership:
    """A professional's account: who pays, which row of the grid counts, what is held and used."""

    id: str
    person_id: str
    profile: str
    """Of the tariff grid."""
    books_as: Profile
    organisation_id: str | None = None
    """None: pays alone."""
    standing: Standing = field(default_factory=Standing)
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class RoomBooking:
    """One time in one or several rooms, of one account."""

    id: str
    membership_id: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    created_by: str
    visio: bool = False
    series_id: str | None = None
    version: int = 1


@dataclass(eq=False)
class BookedRoom:
    """One room of a booking: its state, its price, who came."""

    id: str
    booking_id: str
    room_id: str
    venue_id: str
    state: RoomState
    quote: Quote
    cancellation: CancellationRule
    """As it was when the room was booked."""
    checked_in_at: datetime | None = None
    version: int = 1

    @property
    def owner(self) -> Owner:
        """In the table of occupancies."""
        return Owner(OwnerKind.BOOKING, self.id)


@dataclass(eq=False)
class Charged:
    """One line of an account's ledger; negative: given back. Lines are added; their money
    and their day never change."""

    id: str
    membership_id: str
    organisation_id: str | None
    on: date
    venue_id: str | None
    label: str
    amount: Amount
    booked_room_id: str | None = None
    debtor: str = ""
    """The name of who paid alone and was erased since; empty: the account says it."""


@dataclass(eq=False)
class KeyLoan:
    """A key or badge of a venue, handed out; `back_at` None: it is still out."""

    id: str
    venue_id: str
    booked_room_id: str
    name: str
    """As it is written on it: "Badge 4"."""
    out_at: datetime
    out_by: str
    back_at: datetime | None = None
    back_by: str | None = None


def drawn(standing: Standing, draws: Iterable[Draws]) -> Standing:
    """The account after all of these. Raises UnknownPassError."""
    for one in draws:
        standing = standing.take(one)
    return standing


def given_back(standing: Standing, draws: Iterable[Draws]) -> Standing:
    """The account after all of these came back; units of a pass that is gone are lost with it."""
    held = {p.id for p in standing.passes}
    for one in draws:
        units = tuple((i, n) for i, n in one.pass_units if i in held)
        standing = standing.give_back(replace(one, pass_units=units))
    return standing


def drawn_again(standing: Standing, draws: Draws) -> Standing:
    """The account after what came back is used after all; of a pass, what it still has."""
    left = {p.id: p.left for p in standing.passes}
    units = tuple((i, min(n, left[i])) for i, n in draws.pass_units if i in left)
    return standing.take(replace(draws, pass_units=units))
