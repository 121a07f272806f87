"""Euros as Decimals of whole cents, never as floats; VAT is rounded once per line, half up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)
_TYPED = re.compile(r"-?\d{1,9}([.,]\d{1,2})?")


class PriceUnreadableError(ValueError):
    """What was typed is no price in euros and cents."""


def cents(amount: Decimal) -> Decimal:
    """To the cent, a half away from zero; minus nothing is nothing."""
    return amount.quantize(CENT, ROUND_HALF_UP) + 0


def read_price(typed: str) -> Decimal:
    """`12`, `12,5`, `12.50`, `1 200,00 €` as euros; a minus sign is read too, check.py judges it.

    Raises PriceUnreadableError.
    """
    text = "".join(typed.split()).removesuffix("€").removesuffix("EUR")
    if not text.isascii() or not _TYPED.fullmatch(text):
        raise PriceUnreadableError(typed)
    return cents(Decimal(text.replace(",", ".")))


@dataclass(frozen=True)
class Amount:
    """One line's money: before tax, VAT and total, each in whole cents.

    Raises ValueError when the three do not add up.
    """

    before_tax: Decimal
    vat_percent: Decimal
    vat: Decimal
    total: Decimal

    def __post_init__(self) -> None:
        if self.before_tax + self.vat != self.total:
            raise ValueError(f"{self.before_tax} + {self.vat} is not {self.total}")

    @classmethod
    def priced(cls, price: Decimal, vat_percent: Decimal, *, includes_vat: bool) -> Amount:
        """The money of a price that is said with or without its VAT."""
        price = cents(price)
        if includes_vat:
            vat = cents(price * vat_percent / (HUNDRED + vat_percent))
            return cls(price - vat, vat_percent, vat, price)
        vat = cents(price * vat_percent / HUNDRED)
        return cls(price, vat_percent, vat, price + vat)

    def share(self, percent: Decimal) -> Amount:
        """So much of it: nothing at 0, itself at 100. The total, which people are told, is rounded
        first: half of 10.00 is 5.00."""
        total = cents(self.total * percent / HUNDRED)
        vat = cents(self.vat * percent / HUNDRED)
        return Amount(total - vat, self.vat_percent, vat, total)

    def __sub__(self, other: Amount) -> Amount:
        if self.vat_percent != other.vat_percent:
            raise ValueError(f"VAT of {self.vat_percent} and of {other.vat_percent} are two lines")
        return Amount(
            self.before_tax - other.before_tax,
            self.vat_percent,
            self.vat - other.vat,
            self.total - other.total,
        )


@dataclass(frozen=True)
class Totals:
    """The sum of lines, whatever their rates: exactly what the lines add up to."""

    before_tax: Decimal
    vat: Decimal
    total: Decimal


def totals(amounts: Iterable[Amount]) -> Totals:
    """The sum of these lines."""
    listed = tuple(amounts)
    return Totals(
        sum((a.before_tax for a in listed), ZERO),
        sum((a.vat for a in listed), ZERO),
        sum((a.total for a in listed), ZERO),
    )
