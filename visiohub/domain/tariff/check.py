"""What is wrong with a tariff grid that a person typed in: each fault names its field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from visiohub.domain.hours import MIDNIGHT
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import PASS_UNITS, Grid, PassOffer, Rate, Tariff
from visiohub.domain.tariff.money import HUNDRED, ZERO, cents

MOST_EUROS = Decimal(100_000)
"""Dearer is a slip of the hand."""
MOST_HOURS = 744
"""Of a month of 31 days."""
MOST_PAGES = 100_000
MOST_DAYS = 3660
"""A pass is good for ten years at most."""


class Cause(StrEnum):
    """Why a field cannot be accepted; the form finds the words."""

    EMPTY = "empty"
    """A list that needs at least one entry has none."""
    NEGATIVE_PRICE = "negative_price"
    NOT_CENTS = "not_cents"
    """Not a number of whole cents."""
    TOO_DEAR = "too_dear"
    """Above MOST_EUROS."""
    TWICE = "twice"
    """The same profile, room, unit or pass is given a second time."""
    UNKNOWN_PROFILE = "unknown_profile"
    GAP = "gap"
    """A profile has no price for a class of rooms; `profile` and `room` say which."""
    PEAK_ORDER = "peak_order"
    """A peak window ends before it begins."""
    PEAK_OVERLAP = "peak_overlap"
    """A peak window begins before the one before it has ended."""
    PEAK_BELOW = "peak_below"
    """The peak price is lower than the ordinary one."""
    PEAK_NEVER = "peak_never"
    """There is a peak price, and no peak window."""
    IMPOSSIBLE_QUOTA = "impossible_quota"
    """Less than none, or more than a month holds (`most`)."""
    IMPOSSIBLE_COUNT = "impossible_count"
    """Not at least one, or more than `most`."""
    WEEKDAY = "weekday"
    """Not 0 (Monday) to 6."""
    PERCENT = "percent"
    """Not between 0 and 100, or of more than two decimals."""
    UNIT = "unit"
    """Passes are made of half-days or days."""
    MIDDAY = "midday"
    """At midnight there is no morning."""
    LATE_ABOVE_NO_SHOW = "late_above_no_show"
    """Saying so late would cost more than saying nothing."""


@dataclass(frozen=True)
class Fault:
    """One field (`tariffs.0.rates.1.price`), why, and what the words about it need."""

    field: str
    cause: Cause
    params: tuple[tuple[str, object], ...] = ()


def faults(grid: Grid) -> tuple[Fault, ...]:
    """Everything that is wrong with a grid; empty: it can be used."""
    return (
        *_frame(grid),
        *_peaks(grid),
        *_gaps(grid),
        *(f for n, t in enumerate(grid.tariffs) for f in _tariff(f"tariffs.{n}", t, grid)),
        *(f for n, p in enumerate(grid.passes) for f in _pass(f"passes.{n}", p, grid)),
    )


def rule_faults(rule: CancellationRule) -> tuple[Fault, ...]:
    """Everything that is wrong with a cancellation rule."""
    found = [*_count("free_hours", rule.free_hours, 0, MOST_DAYS * 24, Cause.IMPOSSIBLE_COUNT)]
    found += _percent("late_percent", rule.late_percent)
    found += _percent("no_show_percent", rule.no_show_percent)
    if not found and rule.late_percent > rule.no_show_percent:
        found.append(Fault("late_percent", Cause.LATE_ABOVE_NO_SHOW))
    return tuple(found)


def _frame(grid: Grid) -> Iterator[Fault]:
    yield from _percent("vat_percent", grid.vat_percent)
    if grid.midday == MIDNIGHT:
        yield Fault("midday", Cause.MIDDAY)
    if not grid.tariffs:
        yield Fault("tariffs", Cause.EMPTY)
    yield from _twice("profiles.{}", grid.profiles)
    yield from _twice("room_classes.{}", grid.room_classes)
    yield from _twice("tariffs.{}.room", [(t.profile, t.room) for t in grid.tariffs])
    yield from _twice("passes.{}.id", [p.id for p in grid.passes])


def _peaks(grid: Grid) -> Iterator[Fault]:
    for n, window in enumerate(grid.peak):
        if not 0 <= window.weekday <= 6:
            yield Fault(f"peak.{n}.weekday", Cause.WEEKDAY)
        if window.closes != MIDNIGHT and window.closes <= window.opens:
            yield Fault(f"peak.{n}.closes", Cause.PEAK_ORDER)
    in_order = sorted(enumerate(grid.peak), key=lambda e: (e[1].weekday, e[1].opens, e[0]))
    for (_, before), (n, after) in pairwise(in_order):
        ends = time.max if before.closes == MIDNIGHT else before.closes
        if before.weekday == after.weekday and after.opens < ends:
            yield Fault(f"peak.{n}.opens", Cause.PEAK_OVERLAP)


def _gaps(grid: Grid) -> Iterator[Fault]:
    priced = {(t.profile, t.room) for t in grid.tariffs}
    for profile in grid.profiles:
        for room in grid.room_classes:
            if grid.tariffs and (profile, room) not in priced:
                yield Fault("tariffs", Cause.GAP, (("profile", profile), ("room", room)))


def _tariff(field: str, tariff: Tariff, grid: Grid) -> Iterator[Fault]:
    if tariff.profile not in grid.profiles:
        yield Fault(f"{field}.profile", Cause.UNKNOWN_PROFILE)
    if not tariff.rates:
        yield Fault(f"{field}.rates", Cause.EMPTY)
    yield from _twice(f"{field}.rates.{{}}.unit", [r.unit for r in tariff.rates])
    for n, rate in enumerate(tariff.rates):
        yield from _rate(f"{field}.rates.{n}", rate, grid)
    yield from _euros(f"{field}.session", tariff.session)
    yield from _euros(f"{field}.page", tariff.page)
    if any(not 0 <= day <= 6 for day in tariff.free_weekdays):
        yield Fault(f"{field}.free_weekdays", Cause.WEEKDAY)
    if tariff.first_uses is not None:
        count, hours = tariff.first_uses.count, tariff.first_uses.hours
        yield from _count(f"{field}.first_uses.count", count, 1, 1000, Cause.IMPOSSIBLE_COUNT)
        yield from _count(f"{field}.first_uses.hours", hours, 1, MOST_HOURS, Cause.IMPOSSIBLE_COUNT)
    hours, pages = tariff.quota.hours, tariff.quota.pages
    yield from _count(f"{field}.quota.hours", hours, 0, MOST_HOURS, Cause.IMPOSSIBLE_QUOTA)
    yield from _count(f"{field}.quota.pages", pages, 0, MOST_PAGES, Cause.IMPOSSIBLE_QUOTA)


def _rate(field: str, rate: Rate, grid: Grid) -> Iterator[Fault]:
    wrong = [*_euros(f"{field}.price", rate.price), *_euros(f"{field}.peak", rate.peak)]
    yield from wrong
    if rate.peak is None or wrong:
        return
    if rate.peak < rate.price:
        yield Fault(f"{field}.peak", Cause.PEAK_BELOW)
    if not grid.peak:
        yield Fault(f"{field}.peak", Cause.PEAK_NEVER)


def _pass(field: str, offer: PassOffer, grid: Grid) -> Iterator[Fault]:
    if offer.unit not in PASS_UNITS:
        yield Fault(f"{field}.unit", Cause.UNIT)
    yield from _euros(f"{field}.price", offer.price)
    yield from _count(f"{field}.count", offer.count, 1, 1000, Cause.IMPOSSIBLE_COUNT)
    yield from _count(f"{field}.valid_days", offer.valid_days, 1, MOST_DAYS, Cause.IMPOSSIBLE_COUNT)
    if not offer.profiles <= set(grid.profiles):
        yield Fault(f"{field}.profiles", Cause.UNKNOWN_PROFILE)


def _euros(field: str, price: Decimal | None) -> Iterator[Fault]:
    if price is None:
        return
    if not price.is_finite():
        yield Fault(field, Cause.NOT_CENTS)
    elif price < ZERO:
        yield Fault(field, Cause.NEGATIVE_PRICE)
    elif price > MOST_EUROS:
        yield Fault(field, Cause.TOO_DEAR, (("most", MOST_EUROS),))
    elif price != cents(price):
        yield Fault(field, Cause.NOT_CENTS)


def _percent(field: str, percent: Decimal) -> Iterator[Fault]:
    if not percent.is_finite() or not 0 <= percent <= HUNDRED or percent != cents(percent):
        yield Fault(field, Cause.PERCENT)


def _count(field: str, number: int, least: int, most: int, cause: Cause) -> Iterator[Fault]:
    if not least <= number <= most:
        yield Fault(field, cause, (("least", least), ("most", most)))


def _twice(field: str, keys: Iterable[object]) -> Iterator[Fault]:
    """Faults of those that were there before; `field` has a place for their position."""
    seen: set[object] = set()
    for n, key in enumerate(keys):
        if key in seen:
            yield Fault(field.format(n), Cause.TWICE)
        seen.add(key)
