"""Opening hours in words: days with the same hours are said together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from visiohub.domain import hours
from visiohub.domain.model import OpeningRange, Venue
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later
from visiohub.web.words import Word


@dataclass(frozen=True)
class OpeningLine:
    """Some days in a row with the same hours."""

    days: str
    times: str


OPEN = Word(later("Ouvert"), "disc")
CLOSED = Word(later("Fermé"), "barred")


def times_of(ranges: Sequence[OpeningRange]) -> str:
    """8 h à 12 h et 12 h 30 à 16 h 30; empty when closed."""
    if any(_all_day(r) for r in ranges):
        return _("jour et nuit")
    spans = [
        _("%(opens)s à %(closes)s", opens=formats.clock(r.opens), closes=formats.clock(r.closes))
        for r in ranges
    ]
    return _(" et ").join(spans)


def lines(opening: Sequence[OpeningRange]) -> list[OpeningLine]:
    """The week, closed days left out."""
    week = [(day, _on(opening, day)) for day in range(7)]
    result = []
    for _hours, group in groupby(week, key=lambda entry: [(r.opens, r.closes) for r in entry[1]]):
        days = list(group)
        if not days[0][1]:
            continue
        name = formats.weekday(days[0][0])
        if len(days) > 1:
            name = _("%(first)s à %(last)s", first=name, last=_day_name(days[-1][0]))
        result.append(OpeningLine(name, times_of(days[0][1])))
    return result


def _on(opening: Sequence[OpeningRange], weekday: int) -> list[OpeningRange]:
    return [r for r in opening if r.weekday == weekday]


def _all_day(one: OpeningRange) -> bool:
    return one.opens == one.closes == hours.MIDNIGHT


def _day_name(weekday: int) -> str:
    """Inside a sentence French writes days small."""
    name = formats.weekday(weekday)
    return name.lower() if language() == "fr" else name


def now_at(venue: Venue, now: datetime) -> tuple[Word, str]:
    """Whether a venue is open now, and until or from when."""
    zone = hours.zone_of(venue.time_zone)
    today = hours.local_day(now, zone)
    for opens, closes in hours.opening_spans(venue.opening, today, zone):
        if opens <= now < closes:
            if all(any(_all_day(r) for r in _on(venue.opening, weekday)) for weekday in range(7)):
                return OPEN, _("Ouvert jour et nuit")
            return OPEN, _("Ouvert jusqu’à %(hour)s", hour=formats.hour_at(closes, venue.time_zone))
    opens_at = hours.next_opening(venue.opening, now, zone)
    if opens_at is None:
        return CLOSED, _("Fermé")
    hour = formats.hour_at(opens_at, venue.time_zone)
    day = hours.local_day(opens_at, zone)
    if day == today:
        return CLOSED, _("Ouvre à %(hour)s", hour=hour)
    if day == today + timedelta(days=1):
        return CLOSED, _("Ouvre demain à %(hour)s", hour=hour)
    return CLOSED, _("Ouvre %(day)s à %(hour)s", day=_day_name(day.weekday()), hour=hour)
