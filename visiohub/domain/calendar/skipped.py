"""Dates of a series whose hour the clock skips: none of its occurrences, so they are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from visiohub.domain import hours
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.days_in_turn import days_in_turn
from visiohub.domain.calendar.midnights import midnight_of
from visiohub.domain.calendar.recurrence import Recurrence
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
    return tuple(_skipped(recurrence, dates[-1][0]))


def _skipped(recurrence: Recurrence, last: datetime) -> Iterator[Skipped]:
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
