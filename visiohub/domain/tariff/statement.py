"""Monthly statements: one payer for many people in many venues; what is closed never changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from unicodedata import normalize

from visiohub.domain.tariff.money import Amount, Totals, totals
from visiohub.domain.tariff.months import Month


@dataclass(frozen=True)
class Payer:
    """An organisation account, as its statements name it."""

    id: str
    name: str
    address: tuple[str, ...] = ()
    """Lines of the postal address."""


@dataclass(frozen=True)
class Charge:
    """Something an account owes, or, when negative, gets back."""

    id: str
    on: date
    """The day of the booking, venue-local."""
    venue: str
    person: str
    label: str
    """What was used, in the words of the day it was booked."""
    amount: Amount
    corrects: str | None = None
    """The charge of an earlier statement that this one mends."""


@dataclass(frozen=True)
class Subtotal:
    """What one venue, or one person, comes to."""

    name: str
    totals: Totals


@dataclass(frozen=True)
class VatSubtotal:
    """What is taxed at one rate."""

    percent: Decimal
    totals: Totals


@dataclass(frozen=True)
class Statement:
    """What one account owes for one month."""

    payer: Payer
    month: Month
    lines: tuple[Charge, ...]
    by_venue: tuple[Subtotal, ...]
    by_person: tuple[Subtotal, ...]
    by_vat: tuple[VatSubtotal, ...]
    totals: Totals


class NotClosedError(ValueError):
    """A correction mends what a closed statement holds; an open one is simply changed."""


def month_of(charge: Charge, closed: Month | None) -> Month:
    """The statement that a charge goes on: its own month's, or the first that is still open.

    `closed` is the last month whose statement was made.
    """
    own = Month.of(charge.on)
    return own if closed is None else max(own, closed.following())


def correction(
    mended: Charge,
    amount: Amount,
    closed: Month,
    *,
    charge_id: str,
    label: str,
    earlier: Iterable[Charge] = (),
) -> Charge:
    """The charge that brings a closed one to its right amount, in the next statement.

    `earlier` are the corrections that it has had already. Raises NotClosedError; ValueError when
    the VAT rate differs (take all back, charge anew).
    """
    if Month.of(mended.on) > closed:
        raise NotClosedError(f"{mended.id} is of {Month.of(mended.on)}, closed is {closed}")
    for charged in (mended, *earlier):
        amount -= charged.amount
    return replace(mended, id=charge_id, label=label, amount=amount, corrects=mended.id)


def statement(
    payer: Payer, month: Month, charges: Iterable[Charge], closed: Month | None
) -> Statement:
    """The statement of a month from the charges that are on no statement yet.

    Those of other months are left out; what comes late for a closed month is taken in.
    """
    lines = tuple(
        sorted(
            (c for c in charges if month_of(c, closed) == month),
            key=lambda c: (_in_alphabet(c.venue), c.on, _in_alphabet(c.person), c.id),
        )
    )
    rates = sorted({c.amount.vat_percent for c in lines})
    return Statement(
        payer,
        month,
        lines,
        _subtotals(lines, [c.venue for c in lines]),
        _subtotals(lines, [c.person for c in lines]),
        tuple(
            VatSubtotal(rate, totals(c.amount for c in lines if c.amount.vat_percent == rate))
            for rate in rates
        ),
        totals(c.amount for c in lines),
    )


def _subtotals(lines: Sequence[Charge], names: Sequence[str]) -> tuple[Subtotal, ...]:
    amounts: dict[str, list[Amount]] = {}
    for line, name in zip(lines, names, strict=True):
        amounts.setdefault(name, []).append(line.amount)
    return tuple(
        Subtotal(name, totals(amounts[name])) for name in sorted(amounts, key=_in_alphabet)
    )


def _in_alphabet(name: str) -> str:
    """É beside E, capitals beside small letters."""
    return normalize("NFD", name.casefold())
