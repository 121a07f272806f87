"""Recurrence rules as text: the part of RFC 5545 section 3.3.10 that people need, checked.

FREQ=DAILY, WEEKLY or MONTHLY with INTERVAL, BYDAY, BYMONTHDAY, WKST and COUNT or UNTIL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.errors import N_

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "WKST", "COUNT", "UNTIL")
_LARGEST_INTERVAL = {"DAILY": 366, "WEEKLY": 53, "MONTHLY": 12}
"""Largest INTERVAL: what comes less than once a year is no habit, and rather a typing error."""
_LARGEST_COUNT = 9999
_YEARS = range(1970, 2201)
"""Of UNTIL: the end of the last day that people type may be in the next year, in UTC."""
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")


@dataclass(frozen=True)
class RuleUnreadable(Cause):
    """Not NAME=VALUE parts between semicolons, or a part twice."""

    text: str
    code = "rule_unreadable"
    says = N_("La règle de répétition « {text} » n’est pas lisible. Choisissez-la dans la liste.")


@dataclass(frozen=True)
class PartUnsupported(Cause):
    """A part of RFC 5545 that is not taken, or a frequency."""

    part: str
    code = "part_unsupported"
    says = N_(
        "La répétition « {part} » n’est pas prise en charge. "
        "Choisissez par jour, par semaine ou par mois."
    )


@dataclass(frozen=True)
class ValueWrong(Cause):
    """A part whose value cannot be."""

    part: str
    value: str
    code = "value_wrong"
    says = N_("Dans la répétition, {part} ne peut pas valoir « {value} ». Corrigez cette valeur.")


@dataclass(frozen=True)
class TwoEnds(Cause):
    """COUNT and UNTIL exclude each other."""

    code = "two_ends"
    says = N_(
        "La répétition a un nombre de fois et une date de fin. Gardez l’un des deux seulement."
    )


@dataclass(frozen=True)
class PartMisplaced(Cause):
    """A part that its frequency excludes: 2TU without MONTHLY, BYMONTHDAY in WEEKLY."""

    part: str
    code = "part_misplaced"
    says = N_(
        "Dans la répétition, « {part} » ne va qu’avec une répétition par mois. "
        "Choisissez « par mois », ou ôtez-le."
    )


class Frequency(StrEnum):
    """FREQ."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True)
class Rule:
    """A checked rule: make it with `parse_rule`."""

    frequency: Frequency
    interval: int = 1
    by_day: tuple[tuple[int, int], ...] = ()
    """(n, weekday): the n-th of the month, from its end when negative; 0: each. 0 is Monday."""
    by_month_day: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | datetime | None = None
    """A day or a naive time are local and an aware time is an instant; each is included."""

    def until_instant(self, zone: ZoneInfo) -> datetime | None:
        """The last instant at which an occurrence may start."""
        match self.until:
            case datetime(tzinfo=None) as local:
                return hours.edge_instant(local.date(), local.time(), zone)
            case datetime() as instant:
                return instant
            case date() as day:
                return hours.day_span(day, zone)[1] - timedelta(seconds=1)
            case _:
                return None

    def text(self, zone: ZoneInfo) -> str:
        """As RFC 5545 wants it beside a DTSTART with TZID: UNTIL is in UTC."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.by_day:
            days = (f"{n or ''}{WEEKDAYS[weekday]}" for n, weekday in self.by_day)
            parts.append(f"BYDAY={','.join(days)}")
        if self.by_month_day:
            parts.append(f"BYMONTHDAY={','.join(map(str, self.by_month_day))}")
        if self.week_start:
            parts.append(f"WKST={WEEKDAYS[self.week_start]}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if until := self.until_instant(zone):
            parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")
        return ";".join(parts)


@lru_cache(maxsize=1024)
def parse_rule(text: str) -> Rule:
    """The rule that an RRULE value says; RefusedError with the cause when it is not taken."""
    parts = _split(text)
    if "COUNT" in parts and "UNTIL" in parts:
        raise RefusedError(TwoEnds())
    try:
        frequency = Frequency(parts.get("FREQ", ""))
    except ValueError:
        raise RefusedError(PartUnsupported(f"FREQ={parts.get('FREQ', '')}")) from None
    rule = Rule(
        frequency,
        interval=_number(parts, "INTERVAL", _LARGEST_INTERVAL[frequency]) or 1,
        by_day=_by_day(parts["BYDAY"]) if "BYDAY" in parts else (),
        by_month_day=_by_month_day(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else (),
        week_start=_week_start(parts.get("WKST", "MO")),
        count=_number(parts, "COUNT", _LARGEST_COUNT),
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )
    if frequency is not Frequency.MONTHLY and any(n for n, _ in rule.by_day):
        raise RefusedError(PartMisplaced(f"BYDAY={parts['BYDAY']}"))
    if frequency is Frequency.WEEKLY and rule.by_month_day:
        raise RefusedError(PartMisplaced(f"BYMONTHDAY={parts['BYMONTHDAY']}"))
    return rule


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise RefusedError(RuleUnreadable(text))
        if name not in _PARTS:
            raise RefusedError(PartUnsupported(name))
        parts[name] = value
    return parts


def _number(parts: dict[str, str], name: str, largest: int) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:5]) <= largest):
        raise RefusedError(ValueWrong(name, value))
    return int(value)


def _by_day(value: str) -> tuple[tuple[int, int], ...]:
    found = []
    for one in value.split(","):
        match = _BY_DAY.fullmatch(one)
        if match is None:
            raise RefusedError(ValueWrong("BYDAY", one))
        found.append((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(found)


def _by_month_day(value: str) -> tuple[int, ...]:
    found = []
    for one in value.split(","):
        if not re.fullmatch(r"[+-]?\d{1,2}", one, re.ASCII) or not 1 <= abs(int(one)) <= 31:
            raise RefusedError(ValueWrong("BYMONTHDAY", one))
        found.append(int(one))
    return tuple(found)


def _week_start(value: str) -> int:
    if value not in WEEKDAYS:
        raise RefusedError(ValueWrong("WKST", value))
    return WEEKDAYS.index(value)


def _until(value: str) -> date | datetime:
    if not _UNTIL.fullmatch(value):
        raise RefusedError(ValueWrong("UNTIL", value))
    try:  # the three forms are also of ISO 8601
        day = date.fromisoformat(value[:8])
        local = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        raise RefusedError(ValueWrong("UNTIL", value)) from None
    if day.year not in _YEARS:
        raise RefusedError(ValueWrong("UNTIL", value))
    if "T" not in value:
        return day
    return local.replace(tzinfo=UTC) if value.endswith("Z") else local
