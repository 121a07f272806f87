"""A tariff grid: what a stay costs by profile, room and duration. Values alone; no arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from visiohub.domain.model import OpeningRange


class Unit(StrEnum):
    """What time is sold by.

    Hours are started hours of elapsed time. The others follow the venue's wall clock: a half-day
    ends at the grid's `midday` or at midnight, a day at midnight, a week after seven dates, a
    month before the same date of the next month.
    """

    HOUR = "hour"
    TWO_HOURS = "two_hours"
    HALF_DAY = "half_day"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


PASS_UNITS = frozenset({Unit.HALF_DAY, Unit.DAY})
"""What passes are made of."""


@dataclass(frozen=True)
class Rate:
    """The price of one unit in euros; `peak`, when there is one, as soon as it touches a peak."""

    unit: Unit
    price: Decimal
    peak: Decimal | None = None


@dataclass(frozen=True)
class FirstUses:
    """The first `count` bookings of an account are free, each for its first `hours`."""

    count: int
    hours: int


@dataclass(frozen=True)
class Quota:
    """What a profile has in every calendar month without paying: started hours, printed pages.

    The hours pay for the beginning of a booking, and count for the month in which it begins.
    """

    hours: int = 0
    pages: int = 0


@dataclass(frozen=True)
class Tariff:
    """One row of the grid: what a profile pays for a room, or for a class of rooms."""

    profile: str
    room: str
    """A class of rooms, or the id of one room, which goes before its class."""
    rates: tuple[Rate, ...]
    session: Decimal | None = None
    """What a visio session adds to a booking, in euros; 0: free; None: not sold here."""
    page: Decimal | None = None
    """One printed page beyond the quota, in euros; None: no printing here."""
    free_weekdays: frozenset[int] = frozenset()
    """0 is Monday."""
    first_uses: FirstUses | None = None
    quota: Quota = Quota()


@dataclass(frozen=True)
class PassOffer:
    """A pass on sale: `count` units, to be used within `valid_days` of the day it is bought."""

    id: str
    unit: Unit
    count: int
    price: Decimal
    valid_days: int
    profiles: frozenset[str] = frozenset()
    """Who may buy it; empty: everybody."""
    rooms: frozenset[str] = frozenset()
    """Rooms or classes it opens; empty: all."""


@dataclass(frozen=True)
class Grid:
    """Everything that a territory, or one venue, charges for its rooms."""

    profiles: tuple[str, ...]
    room_classes: tuple[str, ...]
    tariffs: tuple[Tariff, ...]
    vat_percent: Decimal
    """0 where no VAT is charged."""
    prices_include_vat: bool = True
    passes: tuple[PassOffer, ...] = ()
    peak: tuple[OpeningRange, ...] = ()
    """Weekly windows, venue-local; one that closes at 00:00 runs to the day's end."""
    midday: time = time(13)
    """Where the venue's day falls into two half-days."""

    def tariff(self, profile: str, room_id: str, room_class: str) -> Tariff | None:
        """The row that counts: the room's own, else that of its class."""
        rows = {t.room: t for t in self.tariffs if t.profile == profile}
        return rows.get(room_id) or rows.get(room_class)
