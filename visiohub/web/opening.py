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
from visiohub.web.i18n import later
from visiohub.web.words import Word


@dataclass(frozen=True)
class OpeningLine:
    """Some days in a row with the same hours."""

    days: str
    times: str


def times_of(ranges: Sequence[OpeningRange]) -> str:
    """8 h à 12 h et 12 h 30 à 16 h 30; empty when closed."""
    spans = [
        _("%(opens)s à %(closes)s", opens=formats.clock(r.opens), closes=formats.clock(r.closes))
        for r in ranges
    ]
    return _(" et ").join(spans)


def lines(opening: Sequence[OpeningRange]) -> list[OpeningLine]:
    """The week, closed days left out."""
    by_day = [tuple(r for r in opening if r.weekday == day) for day in range(7)]
    week = [
        (number, [(r.opens, r.closes) for r in ranges], ranges)
        for number, ranges in enumerate(by_day)
    ]
    result = []
    for spans, group in groupby(week, key=lambda entry: entry[1]):
        if not spans:
            continue
        days = list(group)
        first, last = formats.weekday(days[0][0]), formats.weekday(days[-1][0])
        name = (
            first
            if len(days) == 1
            else _(
                "%(first)s à %(last)s",
                first=first,
                last=last.lower() if formats.language() == "fr" else last,
            )
        )
        result.append(OpeningLine(name, times_of(days[0][2])))
    return result


OPEN = Word(later("Ouvert"), "disc")
CLOSED = Word(later("Fermé"), "barred")


def now_at(venue: Venue, now: datetime) -> tuple[Word, str]:
    """Whether a venue is open now, and until or from when."""
    zone = hours.zone_of(venue.time_zone)
    today = hours.local_day(now, zone)
    for opens, closes in hours.opening_spans(venue.opening, today, zone):
        if opens <= now < closes:
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
    return CLOSED, _(
        "Ouvre %(day)s à %(hour)s",
        day=formats.weekday(day.weekday()).lower()
        if formats.language() == "fr"
        else formats.weekday(day.weekday()),
        hour=hour,
    )
