"""Days to come, whatever day it is when the tests run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice

from visiohub.domain.calendar.public_holidays import Territory, public_holidays


def is_workday(day: date) -> bool:
    """Whether venues without rules of their own are open: no weekend, no public holiday."""
    return day.weekday() < 5 and day not in public_holidays(Territory.METROPOLE, day.year)


def workdays(after: date, how_many: int) -> list[date]:
    """The first so many after a day."""
    return list(islice(_since(after + timedelta(days=1)), how_many))


def first_workday(weekday: int, since: date) -> date:
    """The first of this weekday (Monday is 0) from that day on."""
    return next(day for day in _since(since) if day.weekday() == weekday)


def jump_after(day: date) -> date:
    """The last Sunday of the next March, on which clocks go forward."""
    end = date(day.year + (day.month > 2), 3, 31)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def _since(first: date) -> Iterator[date]:
    return filter(is_workday, (first + timedelta(days=n) for n in count()))
