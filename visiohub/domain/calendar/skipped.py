"""Dates of a series of which the clock skips the start or the end: not booked, so named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from visiohub.domain import hours
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.days_in_turn import days_in_turn
from visiohub.domain.calendar.midnights import midnight_of
from visiohub.domain.calendar.recurrence import LOOKED_AHEAD, Recurrence
from visiohub.domain.hours import Span
from visiohub.errors import N_, TimeDoesNotExist


@dataclass(frozen=True)
class Skipped(Cause):
    """One of them: `at` is when it would begin, local; the gap is the clock's that night."""

    at: datetime
    gap_starts: time
    gap_ends: time
    code = TimeDoesNotExist.code
    says = N_(
        "Rien n’est réservé le {at} : l’horloge saute de {gap_starts} à {gap_ends}, "
        "cette heure n’existe pas."
    )


def skipped(recurrence: Recurrence, dates: Sequence[Span]) -> tuple[Skipped, ...]:
    """Those of a series that has these dates, at least one; what is excluded is not wanted."""
    found = [*_starts(recurrence, dates[-1][0]), *_ends(recurrence)]
    return tuple(sorted(found, key=lambda one: one.at))


def _starts(recurrence: Recurrence, last: datetime) -> Iterator[Skipped]:
    zone, at = recurrence.zone, recurrence.starts.time()
    end = recurrence.rule.until_instant(zone) or last
    first = recurrence.starts.date()
    for day in days_in_turn(recurrence.rule, first, first, end.astimezone(zone).date()):
        local = datetime.combine(day, at)
        if midnight_of(zone, day) is not None or recurrence.excludes(local):
            continue
        try:
            hours.to_instant(day, at, zone)
        except hours.LocalTimeMissingError as gap:
            if hours.edge_instant(day, at, zone) <= end:
                yield Skipped(local, gap.starts, gap.ends)


def _ends(recurrence: Recurrence) -> Iterator[Skipped]:
    # COUNT or UNTIL ends it before: a series has one of them
    high = recurrence.starts + LOOKED_AHEAD
    for start, _ in recurrence.occurrences(recurrence.starts, high):
        if gap := recurrence.cut_by(start):
            local = start.astimezone(recurrence.zone).replace(tzinfo=None)
            yield Skipped(local, gap.starts, gap.ends)
