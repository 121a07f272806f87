"""A price with how it was made: typed lines, for which the pages find the words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from visiohub.domain.tariff.grid import Unit
from visiohub.domain.tariff.money import Amount, Totals, totals
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.standing import Draws


@dataclass(frozen=True)
class UnitLine:
    """`count` units at `unit_price` each."""

    amount: Amount
    unit: Unit
    count: int
    unit_price: Decimal
    peak: bool


@dataclass(frozen=True)
class PassLine:
    """`count` units taken from a pass; `left` remain on it afterwards."""

    amount: Amount
    pass_id: str
    unit: Unit
    count: int
    left: int


@dataclass(frozen=True)
class QuotaLine:
    """`hours` of this month's quota; `left` remain afterwards."""

    amount: Amount
    month: Month
    hours: int
    left: int


@dataclass(frozen=True)
class FreeWeekdayLine:
    """`count` days of a weekday that costs nothing; 0 is Monday."""

    amount: Amount
    weekday: int
    count: int


@dataclass(frozen=True)
class FirstUseLine:
    """The first hours of a booking that is the `nth` of the `count` first ones."""

    amount: Amount
    nth: int
    count: int
    hours: int


@dataclass(frozen=True)
class SessionLine:
    """What the visio session adds; free is said too."""

    amount: Amount


@dataclass(frozen=True)
class PagesLine:
    """Printed pages: `free` ones within the quota, `charged` at `unit_price` each."""

    amount: Amount
    free: int
    charged: int
    unit_price: Decimal


Line = UnitLine | PassLine | QuotaLine | FreeWeekdayLine | FirstUseLine | SessionLine | PagesLine


@dataclass(frozen=True)
class PassAdvice:
    """Buying this pass first makes this booking cheaper: `total` is then to pay, pass included."""

    offer_id: str
    total: Decimal


@dataclass(frozen=True)
class Quote:
    """What a booking costs, and what it draws from the account."""

    lines: tuple[Line, ...]
    draws: Draws
    advice: PassAdvice | None = None

    @property
    def totals(self) -> Totals:
        """The sum of the lines."""
        return totals(line.amount for line in self.lines)
