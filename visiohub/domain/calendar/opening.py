"""When a venue, room or desk is open, as spans of UTC, and why it is closed when it is.

A calendar is one layer of local rules (the venue), narrowed by a second (the room or desk). In
each layer, from the strongest: a closure; an exception, which replaces the day; a public holiday;
the timetable of school holidays; the weekly timetable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.closed import (
    Closed,
    ForClosure,
    InSchoolHolidays,
    OnExceptionalDay,
    OnPublicHoliday,
    OutsideHours,
)
from visiohub.domain.calendar.midnights import DAY, after_midnight, days_between
from visiohub.domain.calendar.public_holidays import HolidayRule, closed_days
from visiohub.domain.calendar.school_holidays import SchoolZone
from visiohub.domain.hours import MIDNIGHT, Span
from visiohub.domain.model import OpeningRange

Ranges = tuple[tuple[time, time], ...]
"""Open from and to, local; a range that ends at 00:00 runs to the day's end."""
_INSTANT = timedelta.resolution
_Compiled = tuple[tuple[timedelta, timedelta, time, time], ...]
"""A day's ranges, in order: from and to after midnight, and the same as local times."""


@dataclass(frozen=True)
class ExceptionalDay:
    """What is open on one day instead of the usual; no ranges: closed. `label` is shown."""

    day: date
    ranges: Ranges
    label: str


@dataclass(frozen=True)
class Closure:
    """Closed from one instant to another, whatever else is said; `reason` is shown."""

    start: datetime
    end: datetime
    reason: str

    @classmethod
    def of_days(cls, first: date, last: date, zone: ZoneInfo, reason: str) -> Closure:
        """Whole local days, both included."""
        return cls(hours.day_span(first, zone)[0], hours.day_span(last, zone)[1], reason)


@dataclass(frozen=True)
class OpeningRules:
    """One layer. `weekly` None: no timetable of its own, open all day (a room like its venue)."""

    weekly: tuple[OpeningRange, ...] | None = None
    in_school_holidays: tuple[OpeningRange, ...] | None = None
    """The timetable instead of `weekly` in the school holidays of `school`; None: the same."""
    school: SchoolZone | None = None
    holidays: HolidayRule | None = None
    exceptions: tuple[ExceptionalDay, ...] = ()
    closures: tuple[Closure, ...] = ()

    @cached_property
    def _week(self) -> tuple[_Compiled, ...]:
        return _week(self.weekly)

    @cached_property
    def _school_week(self) -> tuple[_Compiled, ...]:
        return _week(self.in_school_holidays)

    @cached_property
    def _usual(self) -> OpeningRules:
        return OpeningRules(weekly=self.weekly)

    @cached_property
    def _exceptional_days(self) -> Mapping[date, _Compiled]:
        return {e.day: _compiled(e.ranges) for e in reversed(self.exceptions)}

    @cached_property
    def closed(self) -> sp.Spans:
        """What its closures cover together."""
        return sp.merged((c.start, c.end) for c in self.closures)

    def shut(self, zone: ZoneInfo) -> sp.Spans:
        """Its closures, and the exceptional days on which nothing is open."""
        days = (hours.day_span(e.day, zone) for e in self.exceptions if not e.ranges)
        return sp.union(self.closed, sp.merged(days))

    @cached_property
    def _school_days(self) -> Mapping[date, str]:
        kept = self.school is not None and self.in_school_holidays is not None
        return self.school.days if kept and self.school else {}

    def public_holidays(self, first: date, last: date) -> Mapping[date, str]:
        """Days on which a public holiday closes, in the years of these two days."""
        return closed_days(self.holidays, first.year, last.year) if self.holidays else {}

    def spans(self, zone: ZoneInfo, start: datetime, end: datetime) -> sp.Spans:
        """When this layer is open between two instants."""
        first, last = hours.local_day(start, zone), hours.local_day(end, zone)
        exceptional, closed = self._exceptional_days, self.public_holidays(first, last)
        school, week, school_week = self._school_days, self._week, self._school_week
        found: sp.Spans = []
        for day, weekday, midnight in days_between(zone, first, last):
            if day in exceptional:
                ranges = exceptional[day]
            elif day in closed:
                continue
            else:
                ranges = (school_week if day in school else week)[weekday]
            for opens, closes, *local in ranges:
                if midnight is not None:
                    span = (midnight + opens, midnight + closes)
                else:  # 23 or 25 hours
                    span = _edges(day, local[0], local[1], zone)
                if found and found[-1][1] >= span[0]:
                    found[-1] = (found[-1][0], max(found[-1][1], span[1]))
                elif span[0] < span[1]:  # a range may fall into a gap as a whole
                    found.append(span)
        return sp.subtract(sp.clipped(found, start, end), self.closed)

    def why_closed(self, zone: ZoneInfo, instant: datetime) -> Closed | None:
        """The strongest reason why this layer is closed; None: it is open."""
        if closed := sp.span_at(self.closed, instant):
            reason = next(c.reason for c in self.closures if c.start <= instant < c.end)
            return ForClosure(reason, closed[1])
        if self.spans(zone, instant, instant + _INSTANT):
            return None
        day = hours.local_day(instant, zone)
        for exception in self.exceptions:
            if exception.day == day:
                return OnExceptionalDay(exception.label)
        if name := self.public_holidays(day, day).get(day):
            return OnPublicHoliday(name)
        if day in self._school_days and self._usual.spans(zone, instant, instant + _INSTANT):
            return InSchoolHolidays(self._school_days[day])
        return OutsideHours()


@dataclass(frozen=True)
class OpeningCalendar:
    """The hours of a place: its venue's, in the venue's zone, and what narrows them (a room)."""

    zone: ZoneInfo
    venue: OpeningRules
    own: OpeningRules | None = None

    def spans(self, start: datetime, end: datetime) -> sp.Spans:
        """When it is open between two instants."""
        return self.narrowed(self.venue.spans(self.zone, start, end), start, end)

    def narrowed(self, venue_spans: sp.Spans, start: datetime, end: datetime) -> sp.Spans:
        """The same, from the venue's spans: they are found once for all its rooms."""
        if self.own is None:
            return venue_spans
        return sp.intersect(venue_spans, self.own.spans(self.zone, start, end))

    def why_closed(self, instant: datetime) -> Closed | None:
        """Why it is closed at an instant, the venue's reason before the room's; None: open."""
        closed = self.venue.why_closed(self.zone, instant)
        if closed is None and self.own is not None:
            return self.own.why_closed(self.zone, instant)
        return closed

    def closure_between(self, start: datetime, end: datetime) -> Closed | None:
        """The first closure of the venue, or else of the room, or whole day that is closed as an
        exception, between two instants, be they in open hours or not."""
        for layer in (self.venue, self.own):
            if layer and (shut := sp.clipped(layer.shut(self.zone), start, end)):
                return layer.why_closed(self.zone, shut[0][0])
        return None

    def opens_again(self, instant: datetime, within: timedelta) -> datetime | None:
        """`instant` itself when it is open, else the next opening; None: not within that time."""
        return sp.next_start(self.spans(instant, instant + within), instant)


@lru_cache(maxsize=1024)
def _week(weekly: tuple[OpeningRange, ...] | None) -> tuple[_Compiled, ...]:
    """From Monday on; no timetable is open all day."""
    if weekly is None:
        return (_compiled(((MIDNIGHT, MIDNIGHT),)),) * 7
    return tuple(
        _compiled(tuple((r.opens, r.closes) for r in weekly if r.weekday == weekday))
        for weekday in range(7)
    )


def _compiled(ranges: Ranges) -> _Compiled:
    return tuple(
        (after_midnight(opens), after_midnight(closes) or DAY, opens, closes)
        for opens, closes in sorted(ranges)
    )


def _edges(day: date, opens: time, closes: time, zone: ZoneInfo) -> Span:
    return (
        hours.edge_instant(day, opens, zone),
        hours.edge_instant(day + DAY * (closes == MIDNIGHT), closes, zone),
    )
