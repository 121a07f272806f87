"""VTIMEZONE of an IANA zone, its rules read from zoneinfo (RFC 5545 section 3.6.5). Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from visiohub.domain.calendar.rule import WEEKDAYS

PATTERN_YEARS = 12
"""So long a pattern is looked for: within it, "the fourth Sunday" and "the last" part ways."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Onset:
    """A change of the clock; `local` is what the wall showed when it came (DTSTART)."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def vtimezone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """The zone for instants of these years, both included; where its changes follow one yearly
    rule, for all later years too."""
    component = Timezone()
    component.add("tzid", zone.key)
    first = first_year - 1  # the rule that holds on 1 January began in the year before
    last = max(last_year, first + PATTERN_YEARS)
    onsets = changes(zone, first, last)
    kinds = {(o.before, o.after, o.name, o.summer) for o in onsets}
    series = [[o for o in onsets if (o.before, o.after, o.name, o.summer) == k] for k in kinds]
    rules = [_yearly(one, first, last) for one in series]
    if onsets and all(rules):
        observed = [(one[0], rule) for one, rule in zip(series, rules, strict=True)]
    else:  # one by one: some readers pass over RDATE here
        observed = [(one, None) for one in (_from_the_start(zone, first), *onsets)]
    for onset, rule in sorted(observed, key=lambda pair: pair[0].local):
        component.add_component(_observance(onset, rule))
    return component


@cache
def changes(zone: ZoneInfo, first_year: int, last_year: int) -> tuple[Onset, ...]:
    """The changes of offset or name in these years, both included."""
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    days = (datetime(last_year + 1, 1, 1, tzinfo=UTC) - start).days
    edges = (start + _DAY * n for n in range(days + 1))
    return tuple(
        _onset(zone, low, high)
        for low, high in pairwise(edges)
        if _shown(zone, low) != _shown(zone, high)
    )


def _shown(zone: ZoneInfo, instant: datetime) -> tuple[timedelta, str, bool]:
    local = instant.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or "", bool(local.dst())


def _onset(zone: ZoneInfo, low: datetime, high: datetime) -> Onset:
    before = _shown(zone, low)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _shown(zone, middle) == before:
            low = middle
        else:
            high = middle
    after, name, summer = _shown(zone, high)
    return Onset((high + before[0]).replace(tzinfo=None), before[0], after, name, summer)


def _from_the_start(zone: ZoneInfo, year: int) -> Onset:
    offset, name, summer = _shown(zone, datetime(year, 1, 1, tzinfo=UTC))
    return Onset(datetime(year, 1, 1), offset, offset, name, summer)  # noqa: DTZ001 - local


def _yearly(onsets: Sequence[Onset], first: int, last: int) -> str | None:
    """The rule that all of them follow, once a year; None: there is none."""
    if [o.local.year for o in onsets] != list(range(first, last + 1)):
        return None
    if len({(o.local.month, o.local.weekday(), o.local.time()) for o in onsets}) > 1:
        return None
    nth = {(o.local.day + 6) // 7 for o in onsets}
    final = all(o.local.day + 7 > monthrange(o.local.year, o.local.month)[1] for o in onsets)
    if len(nth) > 1 and not final:
        return None
    which = -1 if final else nth.pop()
    local = onsets[0].local
    return f"FREQ=YEARLY;BYMONTH={local.month};BYDAY={which}{WEEKDAYS[local.weekday()]}"


def _observance(onset: Onset, rule: str | None) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if onset.summer else TimezoneStandard()
    component.add("dtstart", onset.local)
    component.add("tzoffsetfrom", onset.before)
    component.add("tzoffsetto", onset.after)
    component.add("tzname", onset.name)
    if rule:
        component.add("rrule", vRecur.from_ical(rule))
    return component
