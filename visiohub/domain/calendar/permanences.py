"""When agents and pooled counters receive, and how many more people they can receive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.hours import Span

Level = tuple[datetime, datetime, int]
"""From, to, how many: lists of them are sorted and disjoint, and nowhere zero."""


@dataclass(frozen=True)
class Permanence:
    """Windows in which an agent (one seat) or a counter with several seats receives by visio."""

    holder_id: str
    windows: tuple[Recurrence, ...]
    service_ids: frozenset[str]
    venue_ids: frozenset[str] = frozenset()
    """For whom; empty: every venue."""
    seats: int = 1

    def serves(self, service_id: str, venue_id: str) -> bool:
        """Whether it receives for this service people who are at this venue."""
        return service_id in self.service_ids and (not self.venue_ids or venue_id in self.venue_ids)

    def spans(self, start: datetime, end: datetime) -> sp.Spans:
        """When it is held between two instants, without absences."""
        return sp.union(*(window.spans(start, end) for window in self.windows))


def levels(weighted: Iterable[tuple[Sequence[Span], int]]) -> list[Level]:
    """The sum of weights at each time; where it is zero or less is left out."""
    changes: dict[datetime, int] = defaultdict(int)
    for spans, weight in weighted:
        for start, end in spans:
            changes[start] += weight
            changes[end] -= weight
    found: list[Level] = []
    level = 0
    for start, end in pairwise(sorted(changes)):
        level += changes[start]
        if level > 0:
            if found and found[-1][1] == start and found[-1][2] == level:
                found[-1] = (found[-1][0], end, level)
            else:
                found.append((start, end, level))
    return found


def at_least(steps: Sequence[Level], seats: int = 1) -> sp.Spans:
    """When there are so many."""
    return sp.merged((start, end) for start, end, level in steps if level >= seats)


def remaining(
    permanences: Iterable[Permanence],
    absences: Mapping[str, Sequence[Span]],
    taken: Mapping[str, Sequence[Span]],
    start: datetime,
    end: datetime,
) -> dict[str, list[Level]]:
    """Free seats by holder: windows without the holder's absences, less what is taken of them.

    `absences` are in normal form; `taken` are the appointments given to each holder, which may
    overlap where there are several seats. Two windows of one holder at once add no seats.
    """
    held: dict[str, list[tuple[sp.Spans, int]]] = defaultdict(list)
    for permanence in permanences:
        spans = permanence.spans(start, end)
        present = sp.subtract(spans, absences.get(permanence.holder_id, ()))
        held[permanence.holder_id].append((present, permanence.seats))
    return {
        holder: levels([*_highest(parts), (sp.clipped(taken.get(holder, ()), start, end), -1)])
        for holder, parts in held.items()
    }


def _highest(parts: list[tuple[sp.Spans, int]]) -> list[tuple[sp.Spans, int]]:
    """Disjoint spans with the most seats of any part at each time."""
    covered: sp.Spans = []
    found = []
    for spans, seats in sorted(parts, key=lambda part: -part[1]):
        found.append((sp.subtract(spans, covered), seats))
        covered = sp.union(covered, spans)
    return found


def bookable(
    by_holder: Mapping[str, Sequence[Level]], unassigned: Sequence[Span]
) -> dict[str, sp.Spans]:
    """When a slot may be offered, by the holder who would take it.

    `unassigned` are appointments whose agent is found later: each takes one seat of them all. A
    slot is offered within one holder's time (`spans.slots_of_one`), since nobody changes agent
    half-way; whether all unassigned ones find somebody is for the assignment to prove.
    """
    seats = [([(s, e)], level) for steps in by_holder.values() for s, e, level in steps]
    enough = at_least(levels([*seats, (unassigned, -1)]))
    return {holder: sp.intersect(at_least(steps), enough) for holder, steps in by_holder.items()}
