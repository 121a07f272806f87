"""Algebra of times: sorted lists of disjoint half-open (start, end) spans, UTC.

Every function but `merged` takes lists in that normal form and gives one back, in one pass over
its arguments: O(n + m).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

from visiohub.domain.hours import Span

Spans = list[Span]


def merged(spans: Iterable[Span]) -> Spans:
    """Normal form of any spans: sorted, those that touch or overlap made one, empty ones left."""
    whole: Spans = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if whole and start <= whole[-1][1]:
            if end > whole[-1][1]:
                whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def clipped(spans: Sequence[Span], start: datetime, end: datetime) -> Spans:
    """What of them lies between two instants."""
    return [(max(s, start), min(e, end)) for s, e in spans if s < end and start < e]


def union(*lists: Sequence[Span]) -> Spans:
    """In at least one of the lists."""
    return merged(chain.from_iterable(lists))


def intersect(one: Sequence[Span], other: Sequence[Span]) -> Spans:
    """In both."""
    common: Spans = []
    i = j = 0
    while i < len(one) and j < len(other):
        s1, e1 = one[i]
        s2, e2 = other[j]
        start = max(s1, s2)
        if e1 < e2:
            i, end = i + 1, e1
        else:
            j, end = j + 1, e2
        if start < end:
            common.append((start, end))
    return common


def subtract(spans: Sequence[Span], taken: Sequence[Span]) -> Spans:
    """In the first list and not in the second."""
    if not taken:
        return list(spans)
    left: Spans = []
    j = 0
    for start, end in spans:
        while j < len(taken) and taken[j][1] <= start:
            j += 1
        k = j
        while k < len(taken) and taken[k][0] < end:
            if start < taken[k][0]:
                left.append((start, taken[k][0]))
            start = taken[k][1]
            k += 1
        if start < end:
            left.append((start, end))
    return left


def common_free(resources: Iterable[tuple[Sequence[Span], Sequence[Span]]]) -> Spans:
    """When all of them are open and none is taken; each resource is (open, taken).

    Without any resource nothing is free.
    """
    parts = list(resources)
    if not parts:
        return []
    free = list(parts[0][0])
    for opened, _ in parts[1:]:
        free = intersect(free, opened)
    return subtract(free, union(*(taken for _, taken in parts)))


def widened(spans: Sequence[Span], before: timedelta, after: timedelta) -> Spans:
    """Each one made longer on both sides: what a booking with its buffers keeps."""
    return merged((start - before, end + after) for start, end in spans)


def span_at(spans: Sequence[Span], instant: datetime) -> Span | None:
    """The one that holds this instant."""
    i = bisect_right(spans, instant, key=itemgetter(0)) - 1
    return spans[i] if i >= 0 and instant < spans[i][1] else None


def covers(spans: Sequence[Span], start: datetime, end: datetime) -> bool:
    """Whether one span holds all of (start, end)."""
    whole = span_at(spans, start)
    return whole is not None and end <= whole[1]


def next_start(spans: Sequence[Span], now: datetime) -> datetime | None:
    """`now` when it is in a span, else the next start; None: there is none."""
    i = bisect_right(spans, now, key=itemgetter(1))
    return max(now, spans[i][0]) if i < len(spans) else None


def slots(
    opened: Sequence[Span],
    free: Sequence[Span],
    duration: timedelta,
    step: timedelta,
    not_before: datetime,
) -> Iterator[Span]:
    """Slots of a duration that fit into `free`, in order, from `not_before` on.

    They begin every `step` of elapsed time from the start of each `opened` span, as on the grid
    of hours.free_starts: a booking that ends off the grid shifts nothing. `free` lies within
    `opened`. Lazily: itertools.islice takes the first k.
    """
    j = 0
    for opens, closes in opened:
        while j < len(free) and free[j][1] <= opens:
            j += 1
        while j < len(free) and free[j][0] < closes:
            begins, ends = free[j]
            if begins < not_before:
                begins = not_before
            start = opens - (opens - begins) // step * step  # the first of the grid from `begins`
            while start + duration <= ends:
                yield start, start + duration
                start += step
            j += 1


def slots_of_one(
    opened: Sequence[Span],
    free: Sequence[Span],
    holders: Sequence[Sequence[Span]],
    duration: timedelta,
    step: timedelta,
    not_before: datetime,
) -> Iterator[Span]:
    """Slots that fit into `free` and into the whole of one holder's spans: nobody takes over.

    It is quicker with a `free` that lies within the union of the holders.
    """
    for start, end in slots(opened, free, duration, step, not_before):
        if any(covers(spans, start, end) for spans in holders):
            yield start, end
