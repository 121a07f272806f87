"""The days that a checked rule names, in order, between two days: RFC 5545, section 3.3.10.

In whole days, without COUNT and UNTIL. It begins at the period in which the first asked day lies
and ends after the last, so that what a question costs depends on its length alone, also for a
rule that never happens.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from visiohub.domain.calendar.rule import Frequency, Rule

_DAY = timedelta(days=1)


def days_in_turn(rule: Rule, start: date, low: date, high: date) -> Iterator[date]:
    """Days named by `rule` with DTSTART on `start`, from `low` to `high`, both included."""
    low = max(low, start)
    match rule.frequency:
        case Frequency.DAILY:
            found = _daily(rule, start, low, high)
        case Frequency.WEEKLY:
            found = _weekly(rule, start, low, high)
        case Frequency.MONTHLY:
            found = _monthly(rule, start, low, high)
    return (day for day in found if low <= day <= high)


def _daily(rule: Rule, start: date, low: date, high: date) -> Iterator[date]:
    weekdays = {weekday for _, weekday in rule.by_day}
    day = start + (low - start).days // rule.interval * rule.interval * _DAY
    while day <= high:
        if (not weekdays or day.weekday() in weekdays) and (
            not rule.by_month_day or day.day in _month_days(rule, day.year, day.month)
        ):
            yield day
        day += rule.interval * _DAY


def _weekly(rule: Rule, start: date, low: date, high: date) -> Iterator[date]:
    by_day = rule.by_day or ((0, start.weekday()),)
    offsets = sorted({(weekday - rule.week_start) % 7 for _, weekday in by_day})
    first_week = start - (start.weekday() - rule.week_start) % 7 * _DAY
    step = 7 * rule.interval
    week = first_week + (low - first_week).days // step * step * _DAY
    while week <= high:
        for offset in offsets:
            yield week + offset * _DAY
        week += step * _DAY


def _monthly(rule: Rule, start: date, low: date, high: date) -> Iterator[date]:
    origin = start.year * 12 + start.month - 1
    behind = low.year * 12 + low.month - 1 - origin
    month = origin + behind // rule.interval * rule.interval
    while month <= high.year * 12 + high.month - 1:
        year, index = divmod(month, 12)
        for day in sorted(_named(rule, start, year, index + 1)):
            yield date(year, index + 1, day)
        month += rule.interval


def _named(rule: Rule, start: date, year: int, month: int) -> set[int]:
    """Days of a month; a part that is there narrows, without either it is the start's day."""
    if rule.by_day and rule.by_month_day:
        return _month_days(rule, year, month) & _weekdays(rule, year, month)
    if rule.by_day:
        return _weekdays(rule, year, month)
    if rule.by_month_day:
        return _month_days(rule, year, month)
    return {start.day} & set(range(1, monthrange(year, month)[1] + 1))


def _month_days(rule: Rule, year: int, month: int) -> set[int]:
    length = monthrange(year, month)[1]
    days = (n if n > 0 else length + 1 + n for n in rule.by_month_day)
    return {day for day in days if 1 <= day <= length}


def _weekdays(rule: Rule, year: int, month: int) -> set[int]:
    first_weekday, length = monthrange(year, month)
    found: set[int] = set()
    for n, weekday in rule.by_day:
        those = range(1 + (weekday - first_weekday) % 7, length + 1, 7)
        if n == 0:
            found.update(those)
        elif abs(n) <= len(those):
            found.add(those[n - 1 if n > 0 else n])
    return found
