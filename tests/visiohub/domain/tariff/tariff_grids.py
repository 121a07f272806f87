"""Grids and wishes that the tests of tariffs share."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from visiohub.domain.tariff.grid import Grid, Rate, Tariff, Unit
from visiohub.domain.tariff.price import Wish

PARIS = ZoneInfo("Europe/Paris")
MONDAY = (2026, 11, 23)


def euros(text: str) -> Decimal:
    return Decimal(text)


def rates(**prices: str) -> tuple[Rate, ...]:
    """`half_day="12"` is a half-day at 12 EUR; `hour="5/8"` has a peak price."""
    listed = []
    for unit, typed in prices.items():
        price, _, peak = typed.partition("/")
        listed.append(Rate(Unit(unit), euros(price), euros(peak) if peak else None))
    return tuple(listed)


def grid(sold: tuple[Rate, ...], *, tariff: dict[str, Any] | None = None, **more: Any) -> Grid:
    """One profile, one class of rooms, no VAT."""
    row = Tariff("pro", "visio", sold, **(tariff or {}))
    return Grid(("pro",), ("visio",), (row,), **{"vat_percent": Decimal(0), **more})


def wish(start: datetime, end: datetime, **more: Any) -> Wish:
    """Of that profile in that class; naive times are those of Paris."""
    zone = more.pop("zone", PARIS)
    return Wish(
        "pro",
        "room-1",
        "visio",
        start if start.tzinfo else start.replace(tzinfo=zone),
        end if end.tzinfo else end.replace(tzinfo=zone),
        zone,
        **more,
    )


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """November 2026 in Paris; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)
