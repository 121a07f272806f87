"""The price of a wish: the cheapest legal combination for the person, explained line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from visiohub.domain.tariff import quote as said
from visiohub.domain.tariff.cover import Cost, NoCoverError, Piece, Way, cheapest
from visiohub.domain.tariff.grid import PASS_UNITS, FirstUses, Grid, PassOffer, Rate, Tariff, Unit
from visiohub.domain.tariff.money import ZERO, Amount
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.quote import Line, PassAdvice, Quote
from visiohub.domain.tariff.standing import Draws, PassHeld, Standing
from visiohub.domain.tariff.wall import Reach, Wall


class NotSoldError(ValueError):
    """The grid has no price for this; `what` is `room`, `duration`, `session` or `page`."""

    def __init__(self, what: str) -> None:
        super().__init__(f"no price for {what}")
        self.what = what


@dataclass(frozen=True)
class Wish:
    """What somebody wants to book: one room, without a break. Raises ValueError when empty."""

    profile: str
    room_id: str
    room_class: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    visio: bool = False
    uses_passes: bool = True
    """The person may keep a pass for another time."""

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise ValueError(f"no span of time: {self.start} to {self.end}")


@dataclass(frozen=True)
class _FreeDay:
    weekday: int


@dataclass(frozen=True)
class _QuotaHours:
    month: Month
    hours: int


_Kind = Rate | PassHeld | _QuotaHours | _FreeDay | FirstUses


def price(grid: Grid, wish: Wish, standing: Standing) -> Quote:
    """The quote of this wish for this account. Raises NotSoldError."""
    tariff = _tariff(grid, wish)
    quoted = _price(grid, tariff, wish, standing)
    return replace(quoted, advice=_advice(grid, tariff, wish, standing, quoted))


def price_all(grid: Grid, wishes: Iterable[Wish], standing: Standing) -> dict[Wish, Quote]:
    """Several wishes of one account (a series, several rooms), each after the ones before it.

    The earliest draws first from passes, quotas and first uses, whatever the order they come in.
    Raises NotSoldError.
    """
    quotes = {}
    for wish in sorted(wishes, key=lambda w: (w.start, w.end, w.room_id)):
        quotes[wish] = _price(grid, _tariff(grid, wish), wish, standing)
        standing = standing.take(quotes[wish].draws)
    return quotes


def price_pages(
    grid: Grid, tariff: Tariff, pages: int, standing: Standing, day: date
) -> tuple[said.PagesLine, Draws]:
    """What printing costs on this local day. Raises NotSoldError beyond a quota without a price."""
    month = Month.of(day)
    free = min(pages, max(0, tariff.quota.pages - standing.pages_in(month)))
    charged = pages - free
    if charged and tariff.page is None:
        raise NotSoldError("page")
    each = tariff.page or ZERO
    line = said.PagesLine(_amount(grid, each * charged), free, charged, each)
    return line, Draws(pages=((month, pages),))


def _tariff(grid: Grid, wish: Wish) -> Tariff:
    tariff = grid.tariff(wish.profile, wish.room_id, wish.room_class)
    if tariff is None:
        raise NotSoldError("room")
    if wish.visio and tariff.session is None:
        raise NotSoldError("session")
    return tariff


def _amount(grid: Grid, euros: Decimal) -> Amount:
    return Amount.priced(euros, grid.vat_percent, includes_vat=grid.prices_include_vat)


def _price(grid: Grid, tariff: Tariff, wish: Wish, standing: Standing) -> Quote:
    start, end = wish.start.astimezone(UTC), wish.end.astimezone(UTC)
    wall = Wall(grid, wish.zone, start, end)
    ways, stocks = _ways(tariff, wish, standing, wall)
    try:
        pieces = cheapest(start, end, ways, stocks, wall)
    except NoCoverError as error:
        raise NotSoldError("duration") from error
    paid_by = Counter(pieces)
    lines = [_line(grid, tariff, standing, piece, count) for piece, count in paid_by.items()]
    if wish.visio and tariff.session is not None:
        lines.append(said.SessionLine(_amount(grid, tariff.session)))
    draws = Draws(
        uses=1,
        pass_units=tuple((k.id, n) for (k, *_), n in paid_by.items() if isinstance(k, PassHeld)),
        hours=tuple((k.month, k.hours) for k, *_ in paid_by if isinstance(k, _QuotaHours)),
    )
    return Quote(tuple(lines), draws)


def _ways(
    tariff: Tariff, wish: Wish, standing: Standing, wall: Wall
) -> tuple[list[Way[_Kind]], tuple[int, ...]]:
    """Everything that may pay for a part of it, in an order that is the same for equal grids."""
    ways: list[Way[_Kind]] = [
        Way(_FreeDay(d), _only_on(d, wall), Cost(pieces=1)) for d in sorted(tariff.free_weekdays)
    ]
    if tariff.first_uses is not None and standing.uses < tariff.first_uses.count:
        reach = _hours_from(wish.start, tariff.first_uses.hours, wall)
        ways.append(Way(tariff.first_uses, reach, Cost(pieces=1)))
    month = Month.of(wall.day(wish.start))
    for hours in range(1, tariff.quota.hours - standing.hours_in(month) + 1):
        reach = _hours_from(wish.start, hours, wall)
        ways.append(Way(_QuotaHours(month, hours), reach, Cost(quota_hours=hours, pieces=1)))
        if reach(wish.start) >= wish.end:
            break
    held = sorted(
        (p for p in standing.passes if p.left > 0 and p.opens(wish.room_id, wish.room_class)),
        key=lambda p: (p.valid_until, p.id),
    )
    if not wish.uses_passes:
        held = []
    for stock, one in enumerate(held):
        ways.append(Way(one, _until(one, wall), Cost(pass_units=1, pieces=1), stock=stock))
    longest_first = sorted(tariff.rates, key=lambda r: list(Unit).index(r.unit), reverse=True)
    ways.extend(Way(r, wall.reach(r.unit), Cost(r.price, pieces=1), r.peak) for r in longest_first)
    return ways, tuple(p.left for p in held)


def _only_on(weekday: int, wall: Wall) -> Reach:
    day_end = wall.reach(Unit.DAY)
    return lambda at: day_end(at) if wall.day(at).weekday() == weekday else at


def _hours_from(start: datetime, hours: int, wall: Wall) -> Reach:
    """Only from the booking's own beginning."""
    hour = wall.reach(Unit.HOUR)
    return lambda at: at + hours * (hour(at) - at) if at == start else at


def _until(held: PassHeld, wall: Wall) -> Reach:
    unit = wall.reach(held.unit)
    return lambda at: unit(at) if wall.day(at) <= held.valid_until else at


def _line(grid: Grid, tariff: Tariff, standing: Standing, piece: Piece[_Kind], count: int) -> Line:
    amount = _amount(grid, piece.price * count)
    match piece.kind:
        case Rate(unit=unit):
            return said.UnitLine(amount, unit, count, piece.price, piece.peak)
        case PassHeld(id=pass_id, unit=unit, left=left):
            return said.PassLine(amount, pass_id, unit, count, left - count)
        case _QuotaHours(month=month, hours=hours):
            left = tariff.quota.hours - standing.hours_in(month) - hours
            return said.QuotaLine(amount, month, hours, left)
        case _FreeDay(weekday=weekday):
            return said.FreeWeekdayLine(amount, weekday, count)
        case FirstUses(count=first, hours=hours):
            return said.FirstUseLine(amount, standing.uses + 1, first, hours)


def _advice(
    grid: Grid, tariff: Tariff, wish: Wish, standing: Standing, quoted: Quote
) -> PassAdvice | None:
    """The pass on sale that makes this booking cheaper still, if there is one."""
    if not wish.uses_passes or quoted.draws.pass_units:
        return None  # who has a pass that serves is not sold another
    found = []
    for offer in grid.passes:
        if offer.unit in PASS_UNITS and _may_buy(offer, wish):
            fresh = PassHeld.bought(offer, f"+{offer.id}", wish.start.astimezone(wish.zone).date())
            held = replace(standing, passes=(*standing.passes, fresh))
            total = _price(grid, tariff, wish, held).totals.total
            total += _amount(grid, offer.price).total
            if total < quoted.totals.total:
                found.append(PassAdvice(offer.id, total))
    return min(found, key=lambda a: (a.total, a.offer_id), default=None)


def _may_buy(offer: PassOffer, wish: Wish) -> bool:
    return (not offer.profiles or wish.profile in offer.profiles) and (
        not offer.rooms or not offer.rooms.isdisjoint({wish.room_id, wish.room_class})
    )
