"""Recurring times: a rule from a first local time on, as spans of UTC.

A time at 09:00 stays at 09:00 when the clock changes. A start that the clock skips is no
occurrence and is not counted (RFC 5545, section 3.3.10); one that exists twice is its first. Both
edges are local, so that a window to 12:00 ends at 12:00 on every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.domain.calendar.days_in_turn import days_in_turn
from visiohub.domain.calendar.midnights import after_midnight, midnight_of
from visiohub.domain.calendar.rule import Rule
from visiohub.domain.hours import Span
from visiohub.errors import N_

LOOKED_AHEAD = timedelta(days=3660)
"""Where nothing has happened for ten years, nothing will: 29 February comes within eight."""


@dataclass(frozen=True)
class EndsBeforeItStarts(Cause):
    """The first occurrence has no length."""

    code = "ends_before_it_starts"
    says = N_("La fin est avant le début. Corrigez l’heure de fin.")


@dataclass(frozen=True)
class NeverHappens(Cause):
    """The rule names days that never come, or all are excluded."""

    code = "never_happens"
    says = N_("Cette répétition ne tombe jamais. Changez les jours choisis, ou la date de fin.")


@dataclass(frozen=True)
class StartOffRule(Cause):
    """The first day is none of the rule's; `first` is the first that is, local."""

    first: datetime
    code = "start_off_rule"
    says = N_("La première date ne suit pas la répétition. Commencez par exemple le {first}.")


@dataclass(frozen=True)
class Endless(Cause):
    """A series of bookings without an end."""

    code = "endless"
    says = N_("Cette série n’a pas de fin. Donnez une date de fin ou un nombre de fois.")


@dataclass(frozen=True)
class TooMany(Cause):
    """More occurrences than a series may have."""

    most: int
    code = "too_many"
    says = N_(
        "Cette série a plus de {most} dates. Choisissez une fin plus proche, "
        "puis faites une autre série."
    )


@dataclass(frozen=True)
class RunsTooFar(Cause):
    """An occurrence ends after the last instant that may be booked."""

    not_after: datetime
    code = "runs_too_far"
    says = N_("Cette série va trop loin. Choisissez une fin avant le {not_after}.")


@dataclass(frozen=True)
class OverlapsItself(Cause):
    """One occurrence is not over when the next begins."""

    code = "overlaps_itself"
    says = N_(
        "Dans cette série, une date commence avant la fin de la précédente. "
        "Raccourcissez-la, ou espacez la répétition."
    )


@dataclass(frozen=True)
class Recurrence:
    """`starts` and `ends` are the first occurrence, naive local times of `zone` (DTSTART, DTEND).

    `excluded` (EXDATE) holds naive local starts, or days: all that starts on them. Excluded ones
    count for COUNT. RefusedError(EndsBeforeItStarts).
    """

    starts: datetime
    ends: datetime
    zone: ZoneInfo
    rule: Rule
    excluded: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise RefusedError(EndsBeforeItStarts())

    def spans(self, start: datetime, end: datetime) -> sp.Spans:
        """All that happens between two instants, clipped to them, in normal form."""
        return sp.clipped(sp.merged(self.overlapping(start, end)), start, end)

    def overlapping(self, start: datetime, end: datetime) -> list[Span]:
        """The whole occurrences of which some lies between two instants."""
        length = self.ends - self.starts
        low = start.astimezone(self.zone).replace(tzinfo=None) - length
        high = end.astimezone(self.zone).replace(tzinfo=None)
        return [span for span in self.occurrences(low, high) if span[0] < end and start < span[1]]

    def first_start(self) -> datetime | None:
        """The first start, excluded or not, naive local; None: it never happens."""
        found = self._starts(self.starts, self.starts + LOOKED_AHEAD)
        return next((local for local, _ in found), None)

    def occurrences(self, low: datetime, high: datetime) -> Iterator[Span]:
        """Those that start between two naive local times, both included."""
        length = self.ends - self.starts
        for local, start in self._starts(low, high):
            if self.excluded and self.excludes(local):
                continue
            ends = local + length
            midnight = midnight_of(self.zone, ends.date())
            if midnight is not None:
                end = midnight + after_midnight(ends.time())
            else:
                end = hours.edge_instant(ends.date(), ends.time(), self.zone)
            yield start, end

    def cut_by(self, start: datetime) -> hours.LocalTimeMissingError | None:
        """The gap in which the occurrence that starts at this instant would end; None: in none.

        An end at the very beginning of a gap shortens nothing.
        """
        ends = start.astimezone(self.zone).replace(tzinfo=None) + (self.ends - self.starts)
        if midnight_of(self.zone, ends.date()) is not None:
            return None
        try:
            hours.to_instant(ends.date(), ends.time(), self.zone)
        except hours.LocalTimeMissingError as gap:
            return gap if ends.time() > gap.starts else None
        return None

    def excludes(self, local: datetime) -> bool:
        """Whether what would start then is left out."""
        return local in self.excluded or local.date() in self.excluded

    def _starts(self, low: datetime, high: datetime) -> Iterator[tuple[datetime, datetime]]:
        """(local, instant) of each start that the clock knows, within COUNT and UNTIL."""
        until, count = self._until, self.rule.count
        # only COUNT makes it necessary to go through all that was before
        begin = low if count is None else self.starts
        for local, instant in islice(self._known(begin.date(), high.date()), count):
            if local > high or (until is not None and instant > until):
                return
            if local >= low:
                yield local, instant

    def _known(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        at = self.starts.time()
        since_midnight = after_midnight(at)
        for day in days_in_turn(self.rule, self.starts.date(), first, last):
            midnight = midnight_of(self.zone, day)
            if midnight is not None:
                yield datetime.combine(day, at), midnight + since_midnight
                continue
            try:
                yield datetime.combine(day, at), hours.to_instant(day, at, self.zone)
            except hours.LocalTimeMissingError:
                continue

    @cached_property
    def _until(self) -> datetime | None:
        return self.rule.until_instant(self.zone)


def check_start(recurrence: Recurrence) -> None:
    """RefusedError(StartOffRule, NeverHappens) unless it begins with its first occurrence."""
    first = recurrence.first_start()
    if first is None:
        raise RefusedError(NeverHappens())
    if first != recurrence.starts:
        raise RefusedError(StartOffRule(first))


def series(recurrence: Recurrence, most: int, not_after: datetime) -> list[Span]:
    """Every date of a series of bookings, in order.

    One whose end the clock skips is none of them, since it would be shorter than the others, and
    counts for COUNT; calendar.skipped names it.

    RefusedError with Endless, StartOffRule, NeverHappens, TooMany, RunsTooFar or OverlapsItself.
    """
    if recurrence.rule.count is None and recurrence.rule.until is None:
        raise RefusedError(Endless())
    last = not_after.astimezone(recurrence.zone).replace(tzinfo=None)
    if recurrence.starts > last:
        raise RefusedError(RunsTooFar(not_after))
    check_start(recurrence)
    known = recurrence.occurrences(recurrence.starts, last + LOOKED_AHEAD)
    whole = (span for span in known if recurrence.cut_by(span[0]) is None)
    found = list(islice(whole, most + 1))
    if not found:
        raise RefusedError(NeverHappens())
    if len(found) > most:
        raise RefusedError(TooMany(most))
    if found[-1][1] > not_after:
        raise RefusedError(RunsTooFar(not_after))
    if any(one[1] > following[0] for one, following in pairwise(found)):
        raise RefusedError(OverlapsItself())
    return found
