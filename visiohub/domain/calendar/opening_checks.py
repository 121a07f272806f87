"""What is wrong with opening rules before they are saved, all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.opening import OpeningRules, Ranges
from visiohub.domain.calendar.public_holidays import HolidayRule, public_holidays
from visiohub.domain.calendar.spans import intersect
from visiohub.domain.hours import MIDNIGHT
from visiohub.domain.model import OpeningRange
from visiohub.errors import N_

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class RangeBackwards(Cause):
    """`day` is a weekday (0 is Monday) or a date."""

    day: int | date
    opens: time
    closes: time
    code = "range_backwards"
    says = N_(
        "Une plage ferme à {closes}, avant d’ouvrir à {opens} ({day}). "
        "Corrigez l’une des deux heures."
    )


@dataclass(frozen=True)
class RangesOverlap(Cause):
    """Of one weekday or date."""

    day: int | date
    closes: time
    opens: time
    code = "ranges_overlap"
    says = N_(
        "Une plage ouvre à {opens}, avant que la précédente ferme à {closes} ({day}). "
        "Corrigez l’une d’elles."
    )


@dataclass(frozen=True)
class DayTwice(Cause):
    """Two exceptional days on one date."""

    day: date
    code = "day_twice"
    says = N_("Le {day} a deux horaires exceptionnels. Mettez toutes ses plages dans un seul.")


@dataclass(frozen=True)
class ClosureBackwards(Cause):
    """It ends before it begins, or has no length."""

    reason: str
    code = "closure_backwards"
    says = N_("La fermeture « {reason} » finit avant de commencer. Corrigez ses dates.")


@dataclass(frozen=True)
class OpenInClosure(Cause):
    """An exceptional day has hours, and a closure covers them all: they would never count."""

    day: date
    reason: str
    code = "open_in_closure"
    says = N_(
        "Le {day} a des horaires exceptionnels, mais la fermeture « {reason} » les couvre : "
        "le lieu resterait fermé. Ôtez ce jour, ou partagez la fermeture en deux."
    )


@dataclass(frozen=True)
class NeverWithVenue(Cause):
    """A room's or a desk's week that has nothing in common with its venue's."""

    code = "never_with_venue"
    says = N_(
        "À ces horaires, le lieu lui-même est fermé : ce ne serait jamais ouvert. "
        "Changez ces horaires, ou ceux du lieu."
    )


@dataclass(frozen=True)
class HolidayUnknown(Cause):
    """No public holiday of the territory is called so this year."""

    name: str
    code = "holiday_unknown"
    says = N_("« {name} » n’est pas un jour férié de ce territoire. Choisissez-le dans la liste.")


def problems(rules: OpeningRules, year: int) -> list[Cause]:
    """All of them; `year` is the one whose public holidays are known by name."""
    found: list[Cause] = []
    for weekly in (rules.weekly, rules.in_school_holidays):
        for weekday in range(7):
            found += _of_ranges(weekday, _ranges(weekly or (), weekday))
    for exception in rules.exceptions:
        found += _of_ranges(exception.day, exception.ranges)
    days = Counter(exception.day for exception in rules.exceptions)
    found += [DayTwice(day) for day, count in sorted(days.items()) if count > 1]
    found += [ClosureBackwards(c.reason) for c in rules.closures if c.end <= c.start]
    if rules.holidays:
        found += _of_holidays(rules.holidays, year)
    return found


def hidden(
    rules: OpeningRules, zone: ZoneInfo, venue_week: tuple[OpeningRange, ...] | None = None
) -> list[Cause]:
    """Hours that would never count: covered by a closure, or, with the `venue_week` of a room or
    desk, outside of it on every day."""
    found: list[Cause] = []
    for one in rules.exceptions:
        start, end = hours.day_span(one.day, zone)
        opened = OpeningRules((), exceptions=(one,)).spans(zone, start, end)
        found += [
            OpenInClosure(one.day, closure.reason)
            for closure in rules.closures
            if opened and closure.start <= opened[0][0] and opened[-1][1] <= closure.end
        ]
    if rules.weekly and venue_week is not None:
        monday = datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 1, 8, tzinfo=UTC)
        own, venue = (
            OpeningRules(week).spans(_UTC, *monday) for week in (rules.weekly, venue_week)
        )
        if not intersect(own, venue):
            found.append(NeverWithVenue())
    return found


def _ranges(weekly: tuple[OpeningRange, ...], weekday: int) -> Ranges:
    return tuple((r.opens, r.closes) for r in weekly if r.weekday == weekday)


def _of_ranges(day: int | date, ranges: Ranges) -> Iterator[Cause]:
    for opens, closes in ranges:
        if closes <= opens and closes != MIDNIGHT:
            yield RangeBackwards(day, opens, closes)
    for (_, closes), (opens, _) in pairwise(sorted(ranges)):
        if opens < closes or closes == MIDNIGHT:
            yield RangesOverlap(day, closes, opens)


def _of_holidays(rule: HolidayRule, year: int) -> Iterator[Cause]:
    known = {name for names in public_holidays(rule.territory, year).values() for name in names}
    for name in sorted(rule.others - known):
        yield HolidayUnknown(name)
