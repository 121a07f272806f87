"""Dates, hours, durations and numbers as people read them; Babel knows the words."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name
from babel.numbers import format_decimal

from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, ngettext

NBSP = "\u00a0"


def local(instant: datetime, zone: str) -> datetime:
    """An instant on the wall clock of a place."""
    return instant.astimezone(ZoneInfo(zone))


def clock(hour: time) -> str:
    """9 h 45, 9 h; in English 9:45, 9:00."""
    if language() == "en":
        return f"{hour.hour}:{hour.minute:02}"
    minutes = f"{NBSP}{hour.minute:02}" if hour.minute else ""
    return f"{hour.hour}{NBSP}h{minutes}"


def hour_at(instant: datetime, zone: str) -> str:
    """The hour of an instant at a place."""
    return clock(local(instant, zone).time())


def last_day(end: datetime, zone: str) -> date:
    """The day that ends there, or in which it lies: midnight is the end of the day before."""
    return local(end - timedelta(microseconds=1), zone).date()


def until(end: datetime, start: datetime, zone: str) -> str:
    """18 h; with its day where it ends on another one than it starts: ven. 6 mars, 18 h."""
    hour = hour_at(end, zone)
    if last_day(end, zone) == local(start, zone).date():
        return hour
    return f"{short_day(local(end, zone).date())}, {hour}"


def _pattern(days: str, value: date) -> str:
    """With English's comma, and French's 1er."""
    if language() != "fr":
        return days.replace("EEEE", "EEEE,")
    return days.replace(" d ", " d'er' ") if value.day == 1 else days


def day(value: date) -> str:
    """Vendredi 20 novembre; with the year when it is another one than now is for the reader."""
    text = format_date(value, _pattern("EEEE d MMMM", value), locale=language())
    return text[0].upper() + text[1:]


def long_day(value: date) -> str:
    """vendredi 20 novembre 2026."""
    return format_date(value, _pattern("EEEE d MMMM y", value), locale=language())


def short_day(value: date) -> str:
    """ven. 20 nov."""
    return format_date(value, _pattern("EEE d MMM", value), locale=language())


def typed_day(value: date) -> str:
    """21/11/2026, as it stands in fields (typed.py reads it)."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def day_at(instant: datetime, zone: str) -> str:
    """The day of an instant at a place."""
    return day(local(instant, zone).date())


def moment(instant: datetime, zone: str) -> str:
    """20/11/2026 9 h 45, for lists and histories."""
    here = local(instant, zone)
    return f"{typed_day(here.date())} {clock(here.time())}"


def zone_name(instant: datetime, zone: str) -> str:
    """heure normale d’Europe centrale; what a convocation says beside the hour."""
    return get_timezone_name(local(instant, zone), width="long", locale=language())


def weekday(number: int) -> str:
    """Lundi for 0."""
    text = format_date(date(2024, 1, 1) + timedelta(days=number), "EEEE", locale=language())
    return text[0].upper() + text[1:]


def minutes(value: float) -> str:
    """30 min, 1 h, 1 h 30."""
    whole = round(value)
    if whole < 60:
        return f"{whole}{NBSP}min"
    hours, rest = divmod(whole, 60)
    if language() == "en":
        return f"{hours}{NBSP}h{NBSP}{rest}{NBSP}min" if rest else f"{hours}{NBSP}h"
    return f"{hours}{NBSP}h{NBSP}{rest:02}" if rest else f"{hours}{NBSP}h"


def span(seconds: float) -> str:
    """42 s; from one minute on as `minutes` says it."""
    return minutes(seconds / 60) if seconds >= 60 else f"{seconds:.0f}{NBSP}s"


def ago(span: timedelta) -> str:
    """Since how long, coarse: 7 min, 2 h, 3 jours."""
    if span < timedelta(minutes=1):
        return _("moins d’une minute")
    if span < timedelta(days=1):
        return minutes(span.total_seconds() // 60)
    return ngettext("%(n)s jour", "%(n)s jours", span.days)


def number(value: float, digits: int = 0) -> str:
    """1 234,5 in French, 1,234.5 in English."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=language())


def rate(kbit_s: float) -> str:
    """0,9 Mbit/s or 640 kbit/s."""
    if kbit_s < 1000:
        return f"{number(kbit_s)}{NBSP}kbit/s"
    return f"{number(kbit_s / 1000, 0 if kbit_s % 1000 == 0 else 1)}{NBSP}Mbit/s"


def semicolon() -> str:
    """Between things that have commas of their own; French has a narrow space before it."""
    return "; " if language() == "en" else "\u202f; "


def unbroken(text: str) -> str:
    """A telephone number or code that no line end cuts in two.

    Ten digits are a French number, written in pairs.
    """
    if re.fullmatch(r"0\d([ .-]?\d\d){4}", text):
        digits = re.sub(r"\D", "", text)
        text = " ".join(digits[n : n + 2] for n in range(0, 10, 2))
    return text.replace(" ", NBSP)


ALL = {
    "clock": clock,
    "hour_at": hour_at,
    "day": day,
    "long_day": long_day,
    "short_day": short_day,
    "day_at": day_at,
    "moment": moment,
    "zone_name": zone_name,
    "weekday": weekday,
    "minutes": minutes,
    "span": span,
    "ago": ago,
    "number": number,
    "rate": rate,
    "unbroken": unbroken,
    "local": local,
    "last_day": last_day,
    "until": until,
}
"""Filters that every template has."""
