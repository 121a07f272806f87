"""What a stranger's iCalendar file says of when somebody is taken. Pure.

Files come from anywhere: what cannot be read is left out and counted, and every event costs a
bounded time. Of a repetition that is not taken (domain.calendar.rule) the first time alone counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import RefusedError
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.hours import Span

MOST_EVENTS = 20_000
MOST_OCCURRENCES = 50_000
MOST_COUNTED = 200_000
"""Sum of all COUNT: such a repetition is gone through from its beginning."""
LONGEST = timedelta(days=400)
_NAMES = re.compile(
    r"(BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|EXDATE|RDATE|RECURRENCE-ID|STATUS|TRANSP|"
    r"X-MICROSOFT-CDO-BUSYSTATUS|FREEBUSY)[;:]",
    re.IGNORECASE,
)
_TIME = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_DURATION = re.compile(
    r"\+?P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?",
    re.ASCII,
)
_FREE = {"FREE", "WORKINGELSEWHERE"}

Parameters = dict[str, str]


class NoCalendarError(Exception):
    """It is something else, or has too many events."""


@dataclass(frozen=True)
class Reading:
    """`busy` is in normal form; `skipped` counts events that were left out, or not repeated."""

    busy: sp.Spans
    skipped: int


@dataclass
class _Entry:
    """One VEVENT's lines, as written."""

    lines: dict[str, list[tuple[Parameters, str]]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.lines[name][0][1] if name in self.lines else ""


def read(
    content: bytes, start: datetime, end: datetime, zone: ZoneInfo, is_own: Callable[[str], bool]
) -> Reading:
    """When its owner is taken between two instants. `zone` is for times that name none.

    Events of which `is_own` (by UID) are left out: they are ours, come back. Raises
    NoCalendarError.
    """
    entries, busy = _entries(content, zone)
    skipped = 0
    moved: dict[str, set[datetime]] = {}
    readable: list[tuple[_Entry, Span, ZoneInfo]] = []
    for entry in entries:
        try:
            found = _time_of(entry, zone)
            if "RECURRENCE-ID" in entry.lines:
                original = _instant(*entry.lines["RECURRENCE-ID"][0], zone)
                moved.setdefault(entry.text("UID"), set()).add(original)
            if _takes(entry) and not is_own(entry.text("UID")):
                readable.append((entry, found, _own_zone(entry, zone)))
        except (ValueError, OverflowError):
            skipped += 1
    if sum(_count(entry) for entry, _, _ in readable) > MOST_COUNTED:
        raise NoCalendarError(f"more than {MOST_COUNTED} repetitions to be counted")
    for entry, span, of in readable:
        spans, whole = _occurrences(
            entry, span, of, moved.get(entry.text("UID"), set()), start, end
        )
        busy += spans
        skipped += not whole
        if len(busy) > MOST_OCCURRENCES:
            raise NoCalendarError(f"more than {MOST_OCCURRENCES} times")
    return Reading(sp.clipped(sp.merged(busy), start, end), skipped)


def _entries(content: bytes, zone: ZoneInfo) -> tuple[list[_Entry], list[Span]]:
    """The events, and what VFREEBUSY says; unfolded (RFC 5545 section 3.1)."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff \r\n")
    if not text[:15].upper().startswith("BEGIN:VCALENDAR"):
        raise NoCalendarError("does not begin with BEGIN:VCALENDAR")
    entries: list[_Entry] = []
    busy: list[Span] = []
    inside: list[str] = []
    for name, parameters, value in _lines(re.sub(r"\r?\n[ \t]", "", text)):
        match name:
            case "BEGIN":
                inside.append(value.upper())
                if inside[-1] == "VEVENT":
                    entries.append(_Entry())
                if len(entries) > MOST_EVENTS or len(inside) > 10:
                    raise NoCalendarError(f"more than {MOST_EVENTS} events")
            case "END":
                del inside[-1:]
            case "FREEBUSY" if inside[-1:] == ["VFREEBUSY"]:
                if parameters.get("FBTYPE", "BUSY").upper() != "FREE":
                    busy += _periods(value, zone)
            case _ if inside[-1:] == ["VEVENT"]:
                entries[-1].lines.setdefault(name, []).append((parameters, value))
    return entries, busy


def _lines(text: str) -> Iterator[tuple[str, Parameters, str]]:
    for line in re.split(r"\r?\n", text):
        if len(line) > 10_000 or not _NAMES.match(line):
            continue
        try:
            name, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]  # its own affair
        except ValueError:
            continue
        plain = {key.upper(): str(one) for key, one in parameters.items()}
        yield name.upper(), plain, value.strip()


def _count(entry: _Entry) -> int:
    found = re.search(r"COUNT=(\d{1,6})", entry.text("RRULE").upper(), re.ASCII)
    return int(found[1]) if found else 0


def _takes(entry: _Entry) -> bool:
    return (
        entry.text("STATUS").upper() != "CANCELLED"
        and entry.text("TRANSP").upper() != "TRANSPARENT"
        and entry.text("X-MICROSOFT-CDO-BUSYSTATUS").upper() not in _FREE
    )


def _time_of(entry: _Entry, zone: ZoneInfo) -> Span:
    """Raises ValueError for what has no time that can be."""
    if "DTSTART" not in entry.lines:
        raise ValueError("no DTSTART")
    parameters, value = entry.lines["DTSTART"][0]
    begins = _instant(parameters, value, zone)
    if "DTEND" in entry.lines:
        ends = _instant(*entry.lines["DTEND"][0], zone)
    elif "DURATION" in entry.lines:
        ends = begins + _duration(entry.text("DURATION"))
    elif len(value) == 8:
        ends = hours.day_span(date.fromisoformat(value), _zone_of(parameters, zone))[1]
    else:
        ends = begins
    if ends < begins or ends - begins > LONGEST:
        raise ValueError("no such time")
    return begins, ends


def _occurrences(
    entry: _Entry, span: Span, zone: ZoneInfo, moved: set[datetime], start: datetime, end: datetime
) -> tuple[list[Span], bool]:
    """Its times between two instants, and whether all of it was understood."""
    begins, ends = span
    if begins == ends or "RECURRENCE-ID" in entry.lines:
        return [span], True
    whole = True
    left_out = set(moved)
    found: list[Span] = []
    for parameters, values in entry.lines.get("EXDATE", []):
        left_out |= {_instant(parameters, one, zone) for one in _readable(values)}
    if "RRULE" in entry.lines:
        try:
            found = _repeated(entry.text("RRULE"), span, zone).overlapping(start, end)
        except (RefusedError, ValueError, OverflowError):
            whole, found = False, [span]
    else:
        found = [span]
    for parameters, values in entry.lines.get("RDATE", []):
        added = [_instant(parameters, one, zone) for one in _readable(values)]
        found += [(one, one + (ends - begins)) for one in added]
    return [one for one in found if one[0] not in left_out], whole


def _readable(values: str) -> list[str]:
    return [one for one in values.split(",") if _TIME.fullmatch(one)]


def _repeated(rule: str, span: Span, zone: ZoneInfo) -> Recurrence:
    begins, ends = (edge.astimezone(zone).replace(tzinfo=None) for edge in span)
    return Recurrence(begins, ends, zone, parse_rule(_simpler(rule, begins)))


def _simpler(rule: str, begins: datetime) -> str:
    """The same rule in the parts that are taken: what comes once a year comes every twelve months,
    and the n-th of one weekday is written with it. As Outlook and Google write them."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";") if part)
    if parts.get("FREQ") == "YEARLY" and parts.get("BYMONTH", str(begins.month)) == str(
        begins.month
    ):
        parts.pop("BYMONTH", None)
        parts |= {"FREQ": "MONTHLY", "INTERVAL": str(12 * int(parts.get("INTERVAL", "1")))}
    position, day = parts.get("BYSETPOS", ""), parts.get("BYDAY", "")
    if parts.get("FREQ") == "MONTHLY" and position and len(day) == 2:
        del parts["BYSETPOS"]
        parts["BYDAY"] = position + day
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _periods(value: str, zone: ZoneInfo) -> Iterator[Span]:
    for period in value.split(","):
        first, _, last = period.partition("/")
        try:
            begins = _instant({}, first, zone)
            ends = begins + _duration(last) if "P" in last else _instant({}, last, zone)
        except (ValueError, OverflowError):
            continue
        if timedelta() < ends - begins <= LONGEST:
            yield begins, ends


def _instant(parameters: Parameters, value: str, zone: ZoneInfo) -> datetime:
    """A day is its beginning. Raises ValueError."""
    found = _TIME.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is no time")
    day = date.fromisoformat(found[1])
    if not 1970 <= day.year < 2200:
        raise ValueError(f"{value!r} is too far away")
    of = _zone_of(parameters, zone)
    if found[2] is None:
        return hours.day_span(day, of)[0]
    local = datetime.strptime(f"{found[1]}{found[2]}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - zone below
    if found[3]:
        return local.replace(tzinfo=UTC)
    return hours.edge_instant(local.date(), local.time(), of)


def _duration(value: str) -> timedelta:
    found = _DURATION.fullmatch(value.upper())
    if found is None:
        raise ValueError(f"{value!r} is no duration")
    weeks, days, h, m, s = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=h, minutes=m, seconds=s)


def _own_zone(entry: _Entry, zone: ZoneInfo) -> ZoneInfo:
    """In which it is repeated."""
    parameters, value = entry.lines["DTSTART"][0]
    return hours.zone_of("UTC") if value.endswith("Z") else _zone_of(parameters, zone)


def _zone_of(parameters: Parameters, otherwise: ZoneInfo) -> ZoneInfo:
    """By IANA's name, also behind a path as some write it, or by Windows'."""
    name = parameters.get("TZID", "").strip('"')
    for known in (name, WINDOWS_TO_OLSON.get(name, ""), "/".join(name.split("/")[-2:])):
        if known in hours.zone_names():
            return hours.zone_of(known)
    return otherwise
