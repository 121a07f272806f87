"""The cheapest way to cover a span of time with what is sold and what is held.

Passes hold half-days and days, so one that pays from within a half-day may as well pay from its
beginning: passes are tried between middays and midnights only, and what is sold is searched
between those.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Generic, NamedTuple, TypeVar

from visiohub.domain.tariff.money import ZERO
from visiohub.domain.tariff.wall import Reach, Wall

K = TypeVar("K")


class NoCoverError(ValueError):
    """Nothing that is sold or held goes from the start to the end."""


class Cost(NamedTuple):
    """What is least first: euros, then what the person may use another time."""

    price: Decimal = ZERO
    pass_units: int = 0
    quota_hours: int = 0
    pieces: int = 0

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.price + other.price,
            self.pass_units + other.pass_units,
            self.quota_hours + other.quota_hours,
            self.pieces + other.pieces,
        )


@dataclass(frozen=True)
class Way(Generic[K]):
    """One way to pay for time; `kind` comes back with each piece that it pays for."""

    kind: K
    reach: Reach
    """An instant no later than the beginning: not usable from there."""
    cost: Cost
    peak: Decimal | None = None
    """The price of a piece that touches a peak, when it is another; never a lower one."""
    stock: int | None = None
    """Which of the stocks it draws one from."""


class Piece(NamedTuple, Generic[K]):
    """A part of the span, and what pays for it."""

    kind: K
    price: Decimal
    peak: bool
    """Charged at the peak price."""


_Pieces = tuple[Piece[K], ...]


def cheapest(
    start: datetime, end: datetime, ways: Sequence[Way[K]], stocks: tuple[int, ...], wall: Wall
) -> tuple[Piece[K], ...]:
    """The pieces that cost least; of equals the first in the order of Cost.

    Raises NoCoverError.
    """
    sold = [way for way in ways if way.stock is None]
    held = [way for way in ways if way.stock is not None]
    nodes = [start, *(wall.half_days(start, end) if held else ()), end]
    best: dict[datetime, dict[tuple[int, ...], tuple[Cost, _Pieces[K]]]]
    best = {node: {} for node in nodes}
    best[start][stocks] = (Cost(), ())

    for n, node in enumerate(nodes[:-1]):
        onward: list[tuple[datetime, int | None, Cost, _Pieces[K]]] = [
            (to, None, cost, pieces)
            for to, (cost, pieces) in _cheapest_sold(node, nodes[n + 1 :], sold, wall).items()
        ]
        onward.extend(
            (min(way.reach(node), end), way.stock, way.cost, (Piece(way.kind, ZERO, False),))
            for way in held
            if way.reach(node) > node
        )
        for left, (cost, pieces) in best[node].items():
            for to, stock, more, following in onward:
                fewer = left if stock is None else _drawn(left, stock)
                if fewer is not None:
                    paid = cost.plus(more)
                    known = best[to].get(fewer)
                    if known is None or paid < known[0]:
                        best[to][fewer] = (paid, pieces + following)
    return min(best[end].values(), key=lambda found: found[0])[1]


def _cheapest_sold(
    start: datetime, goals: Sequence[datetime], ways: Sequence[Way[K]], wall: Wall
) -> dict[datetime, tuple[Cost, _Pieces[K]]]:
    """What it costs at least to come to each goal, in their order, or beyond.

    Dijkstra's search; every way reaches at least as far from a later instant, so a path that is no
    further than one that cost less leads to nothing. Raises NoCoverError.
    """
    turn = count()
    heap: list[tuple[Cost, int, datetime, _Pieces[K]]] = [(Cost(), next(turn), start, ())]
    found: dict[datetime, tuple[Cost, _Pieces[K]]] = {}
    furthest = None
    while heap:
        cost, _, at, pieces = heapq.heappop(heap)
        if furthest is not None and at <= furthest:
            continue
        furthest = at
        for goal in goals[len(found) :]:
            if goal > at:
                break
            found[goal] = (cost, pieces)
        if len(found) == len(goals):
            return found
        for way in ways:
            for ends, price, peak in _pieces(way, at, goals[-1], wall):
                if ends > furthest:
                    paid = cost.plus(way.cost._replace(price=price))
                    onward = (*pieces, Piece(way.kind, price, peak))
                    heapq.heappush(heap, (paid, next(turn), ends, onward))
    raise NoCoverError(f"nothing that is sold goes on from {furthest}")


def _drawn(held: tuple[int, ...], stock: int) -> tuple[int, ...] | None:
    """One less of this stock; None when there is none."""
    if not held[stock]:
        return None
    return (*held[:stock], held[stock] - 1, *held[stock + 1 :])


def _pieces(
    way: Way[K], at: datetime, end: datetime, wall: Wall
) -> Iterator[tuple[datetime, Decimal, bool]]:
    """What this way can pay for from here: its full length, or only until a dearer peak begins."""
    ends = min(way.reach(at), end)
    if ends <= at:
        return
    if way.peak is None or not wall.is_peak(at, ends):
        yield ends, way.cost.price, False
        return
    yield ends, way.peak, True
    begins = wall.next_peak(at)
    if begins is not None and begins < ends and not wall.is_peak(at, begins):
        yield begins, way.cost.price, False
