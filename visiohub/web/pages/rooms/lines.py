"""Rules of a calendar as lines of text, for forms: days of the week, a week, exceptional days,
closures.

Mercredi, samedi
Lundi 9:00-12:00, 13:30-17:00
24/12/2026 | 9:00-12:00 | Veille de Noël
01/08/2026 | 15/08/2026 | Congés
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, Ranges
from visiohub.domain.model import OpeningRange
from visiohub.errors import N_, FieldError
from visiohub.web.formats import local, typed_day, weekday
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.typed import read_day, read_time

T = TypeVar("T")

_WEEKDAYS = (
    ("lundi", "monday"), ("mardi", "tuesday"), ("mercredi", "wednesday"), ("jeudi", "thursday"),
    ("vendredi", "friday"), ("samedi", "saturday"), ("dimanche", "sunday"),
)  # fmt: skip
DAYS_LINE = later("Mercredi, samedi")
WEEK_LINE = later("Lundi 9:00-12:00, 13:30-17:00")
EXCEPTION_LINE = later("24/12/2026 | 9:00-12:00 | Veille de Noël")
CLOSURE_LINE = later("01/08/2026 | 15/08/2026 | Congés")


class LineUnreadableError(ValueError):
    """A line that cannot be read."""

    def __init__(self, line: str, example: str) -> None:
        super().__init__(line)
        self.line, self.example = line, example

    def of_field(self, name: str) -> FieldError:
        """Which line, and what to write instead."""
        says = N_("« {line} » ne se lit pas. Écrivez comme : {example}.")
        params: dict[str, object] = {"line": self.line[:60], "example": _(self.example)}
        return FieldError(name, "unreadable", says, params)


def write_days(days: Iterable[int]) -> str:
    """Days of the week on one line, in their order."""
    return ", ".join(weekday(day) for day in sorted(days))


def read_days(text: str) -> frozenset[int]:
    """Raises LineUnreadableError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    return frozenset(_day_of_week(name, text, DAYS_LINE) for name in names)


def write_week(ranges: Iterable[OpeningRange]) -> str:
    """A line a day."""
    days: dict[int, list[OpeningRange]] = {}
    for one in sorted(ranges, key=lambda r: (r.weekday, r.opens)):
        days.setdefault(one.weekday, []).append(one)
    return "\n".join(
        f"{weekday(day)} {_write_ranges((r.opens, r.closes) for r in some)}"
        for day, some in days.items()
    )


def read_week(text: str) -> tuple[OpeningRange, ...]:
    """Raises LineUnreadableError."""
    found: list[OpeningRange] = []
    for line in _lines(text):
        name, _space, rest = line.partition(" ")
        day = _day_of_week(name, line, WEEK_LINE)
        found += (OpeningRange(day, *one) for one in _read_ranges(rest, line, WEEK_LINE))
    return tuple(found)


def write_exceptions(days: Iterable[ExceptionalDay]) -> str:
    """A line each; without hours it is closed."""
    return "\n".join(
        " | ".join((typed_day(one.day), _write_ranges(one.ranges), one.label)) for one in days
    )


def read_exceptions(text: str) -> tuple[ExceptionalDay, ...]:
    """Raises LineUnreadableError."""

    def read(line: str, day_text: str, ranges: str, label: str) -> ExceptionalDay:
        read_ranges = _read_ranges(ranges, line, EXCEPTION_LINE) if ranges else ()
        return ExceptionalDay(_day(day_text, line, EXCEPTION_LINE), read_ranges, label)

    return _read_each(text, EXCEPTION_LINE, read)


def write_closures(closures: Iterable[Closure], zone: ZoneInfo) -> str:
    """A line each: whole days without hours."""
    return "\n".join(
        " | ".join(
            (_edge(one.start, zone, ends=False), _edge(one.end, zone, ends=True), one.reason)
        )
        for one in closures
    )


def read_closures(text: str, zone: ZoneInfo) -> tuple[Closure, ...]:
    """Raises LineUnreadableError."""

    def read(line: str, first: str, last: str, reason: str) -> Closure:
        start = _instant(first, zone, line, ends=False)
        return Closure(start, _instant(last or first, zone, line, ends=True), reason)

    return _read_each(text, CLOSURE_LINE, read)


def _read_each(text: str, example: str, read: Callable[[str, str, str, str], T]) -> tuple[T, ...]:
    found = []
    for line in _lines(text):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3:
            raise LineUnreadableError(line, example)
        found.append(read(line, *parts))
    return tuple(found)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _write_ranges(ranges: Iterable[tuple[time, time]]) -> str:
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in ranges)


def _read_ranges(text: str, line: str, example: str) -> Ranges:
    found = []
    for one in text.split(","):
        opens, _dash, closes = (read_time(part) for part in one.partition("-"))
        if not opens or not closes:
            raise LineUnreadableError(line, example)
        found.append((time.fromisoformat(opens), time.fromisoformat(closes)))
    return tuple(found)


def _day_of_week(name: str, line: str, example: str) -> int:
    day = next((n for n, names in enumerate(_WEEKDAYS) if name.casefold() in names), None)
    if day is None:
        raise LineUnreadableError(line, example)
    return day


def _day(text: str, line: str, example: str) -> date:
    day = read_day(text)
    if day is None or day.year not in hours.YEARS_IN_SIGHT:
        raise LineUnreadableError(line, example)
    return day


def _edge(instant: datetime, zone: ZoneInfo, *, ends: bool) -> str:
    here = local(instant, zone.key)
    if here.time() == hours.MIDNIGHT:
        return typed_day(here.date() - timedelta(days=ends))
    return f"{typed_day(here.date())} {here:%H:%M}"


def _instant(text: str, zone: ZoneInfo, line: str, *, ends: bool) -> datetime:
    day_text, _space, at = text.partition(" ")
    day = _day(day_text, line, CLOSURE_LINE)
    if not at:
        return hours.day_span(day, zone)[ends]
    hour = read_time(at)
    if not hour:
        raise LineUnreadableError(line, CLOSURE_LINE)
    return hours.edge_instant(day, time.fromisoformat(hour), zone)
