"""Opening hours and local days: rules in the venue's local time, instants in UTC.

Two local times a year are special. In the gap (clocks go forward) a time does not exist: asked
for by a person it is refused; as an edge of opening hours it means the moment the gap ends. In
the fold (clocks go back) a time exists twice: an appointment is not made then, as its paper could
not say when it is; in a rule it means the first of the two (PEP 495, fold=0).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from visiohub.domain.model import OpeningRange

MIDNIGHT = time(0)
BOOKABLE_AHEAD = timedelta(days=730)
"""Appointments are made for at most so long after today."""
YEARS_IN_SIGHT = range(2000, 2200)
"""Of days that people type or send: far from the calendar's ends, where sums overflow."""
Span = tuple[datetime, datetime]


class LocalTimeMissingError(ValueError):
    """The clock skips this local time; `starts` and `ends` are the edges of the gap, local."""

    def __init__(self, starts: time, ends: time) -> None:
        super().__init__(f"the clock jumps from {starts} to {ends}")
        self.starts = starts
        self.ends = ends


@cache
def zone_names() -> frozenset[str]:
    """The IANA time zones that a place can be in."""
    aside = ("posix", "right/")  # the same zones again, with other seconds
    places = {n for n in available_timezones() if not n.startswith(aside)}
    return frozenset(places - {"Factory", "localtime"})  # no place, and this machine's own


@cache
def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone of this name."""
    return ZoneInfo(name)


def to_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time; the first of two in a fold.

    Raises LocalTimeMissingError in a gap.
    """
    first = datetime.combine(day, at.replace(fold=0), zone)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != first.replace(tzinfo=None):
        gap = _gap_around(first, zone)
        raise LocalTimeMissingError(gap[0], gap[1])
    return instant


def happens_twice(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether the clock shows this local time again, an hour later as a rule: a fold."""
    first, second = (
        datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
    )
    return first < second


@lru_cache(maxsize=8192)  # a search asks it of each slot, and venues have the same ones
def shown_twice(instant: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock's local time at this instant is that of another instant, too."""
    local = instant.astimezone(zone)
    return happens_twice(local.date(), local.time(), zone)


def edge_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """As to_instant, for a rule: a time in a gap is the moment at which the gap ends."""
    try:
        return to_instant(day, at, zone)
    except LocalTimeMissingError as gap:
        return datetime.combine(day, gap.ends, zone).astimezone(UTC)


def _gap_around(missing: datetime, zone: ZoneInfo) -> tuple[time, time]:
    """Edges of the gap that holds `missing`: PEP 495 puts both offsets at its two folds."""
    before = missing.replace(fold=0).utcoffset() or timedelta()
    after = missing.replace(fold=1).utcoffset() or timedelta()
    low = missing.replace(tzinfo=None) - before - (after - before)  # before the jump, UTC
    high = missing.replace(tzinfo=None) - before  # after it, UTC
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.replace(tzinfo=UTC).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return (high + before).time(), (high + after).time()


@lru_cache(maxsize=8192)
def day_span(day: date, zone: ZoneInfo) -> Span:
    """From local midnight to the next: 23, 24 or 25 hours."""
    return (
        edge_instant(day, MIDNIGHT, zone),
        edge_instant(day + timedelta(days=1), MIDNIGHT, zone),
    )


def days_span(first: date, days: int, zone: ZoneInfo) -> Span:
    """So many local days from `first` on: no multiple of 24 hours where the clocks change."""
    return day_span(first, zone)[0], day_span(first + timedelta(days=days), zone)[0]


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the venue's wall at this instant."""
    return instant.astimezone(zone).date()


def opening_spans(opening: Sequence[OpeningRange], day: date, zone: ZoneInfo) -> list[Span]:
    """When it is open on this local day. A range that closes at 00:00 runs to the day's end."""
    spans = []
    for rule in sorted(opening, key=lambda r: r.opens):
        if rule.weekday == day.weekday():
            closing_day = day + timedelta(days=rule.closes == MIDNIGHT)
            span = (
                edge_instant(day, rule.opens, zone),
                edge_instant(closing_day, rule.closes, zone),
            )
            if span[0] < span[1]:  # a range may fall into a gap as a whole
                spans.append(span)
    return spans


def is_open_during(
    opening: Sequence[OpeningRange], start: datetime, end: datetime, zone: ZoneInfo
) -> bool:
    """Open from `start` to `end` without a break, over midnight too."""
    reached = start
    day = local_day(start, zone) - timedelta(days=1)
    while day <= local_day(end, zone):
        for opens, closes in opening_spans(opening, day, zone):
            if opens <= reached < closes:
                reached = closes
        day += timedelta(days=1)
    return reached >= end


def is_open_at(opening: Sequence[OpeningRange], instant: datetime, zone: ZoneInfo) -> bool:
    """Open at this instant."""
    return any(o <= instant < c for o, c in opening_spans(opening, local_day(instant, zone), zone))


def next_opening(opening: Sequence[OpeningRange], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next instant at which it opens, within a week and a day; None: never."""
    for ahead in range(9):
        day = local_day(now, zone) + timedelta(days=ahead)
        for opens, _ in opening_spans(opening, day, zone):
            if opens > now:
                return opens
    return None


def free_starts(
    open_spans: Sequence[Span],
    taken: Sequence[Span],
    duration: timedelta,
    step: timedelta,
    not_before: datetime,
) -> list[datetime]:
    """Starts, every `step` from each opening, of slots that fit and touch nothing taken."""
    starts = []
    for opens, closes in open_spans:
        start = opens
        while start + duration <= closes:
            fits = all(start + duration <= began or ended <= start for began, ended in taken)
            if fits and start >= not_before:
                starts.append(start)
            start += step
    return starts


def starts_around(
    open_spans: Sequence[Span], instant: datetime, step: timedelta
) -> tuple[datetime, datetime] | None:
    """The starts before and after an instant that is none of them (every `step` from each
    opening); None when it is one, or outside the spans."""
    for opens, closes in open_spans:
        if opens <= instant < closes and (past := (instant - opens) % step):
            return instant - past, instant - past + step
    return None


def minutes(spans: Sequence[Span]) -> int:
    """Whole minutes in all of them."""
    return int(sum(((end - start) for start, end in spans), timedelta()) / timedelta(minutes=1))
