"""The coming days of a place as they are, closures and public holidays among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visiohub.domain import hours
from visiohub.domain.calendar.closed import OutsideHours
from visiohub.domain.calendar.opening import OpeningCalendar
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.room_words import cause_sentence

DAYS = 7


@dataclass(frozen=True)
class DayHours:
    """One day: its hours in words, or why it is closed."""

    day: date
    times: str
    unusual: bool = False
    """Closed for another reason than the timetable."""


def week_hours(calendar: OpeningCalendar, today: date) -> list[DayHours]:
    """Today and the six days that follow."""
    return [_day(calendar, today + timedelta(days=n)) for n in range(DAYS)]


def _day(calendar: OpeningCalendar, day: date) -> DayHours:
    zone = calendar.zone
    start, end = hours.day_span(day, zone)
    spans = calendar.spans(start, end)
    if not spans:
        noon = datetime.combine(day, datetime.min.time(), zone) + timedelta(hours=10)
        why = calendar.why_closed(noon)
        usual = why is None or isinstance(why, OutsideHours)
        return DayHours(
            day, _("fermé") if usual or why is None else cause_sentence(why, zone.key), not usual
        )
    if spans == [(start, end)]:
        return DayHours(day, _("jour et nuit"))
    times = [
        _(
            "%(opens)s à %(closes)s",
            opens=formats.hour_at(s, zone.key),
            closes=formats.hour_at(e, zone.key),
        )
        for s, e in spans
    ]
    return DayHours(day, _(" et ").join(times))
