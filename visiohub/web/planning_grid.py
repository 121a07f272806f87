"""A planning as a table: a column a room and day, a row every few minutes.

What begins or ends between two rows takes both and says its true times; entries that meet in a
row share a cell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise

from visiohub.booking.planning.views import Entry, Lane, Planning
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.sharing import Profile
from visiohub.web.planning_axis import Axis, axis


@dataclass(frozen=True)
class Ground:
    """What a row of a lane is while nothing lies there."""

    kind: str = "open"
    """open, shut, buffer"""
    first: Profile | None = None
    """Whose window it still is."""
    why: Closed | None = None


@dataclass(frozen=True)
class Cell:
    """`rows` rows of one lane, from row `top` on; local times from `at` to `ends`."""

    lane: int
    top: int
    rows: int
    ground: Ground
    at: time
    ends: time
    entries: tuple[Entry, ...]
    labelled: bool
    """The first of its ground: the one that says what it is."""


@dataclass(frozen=True)
class Grid:
    """The table."""

    lanes: tuple[Lane, ...]
    axis: Axis
    rows: tuple[tuple[Cell, ...], ...]
    """The cells that begin in each row, by lane."""
    folded: bool
    """Hours are open that are not shown."""


def grid(planning: Planning, step: int, now: datetime, *, whole: bool = False) -> Grid:
    """The table with a row every `step` minutes; `whole`: of all hours that are open."""
    rows_of, folded = axis(planning.lanes, step, whole=whole)
    rows: list[list[Cell]] = [[] for _ in range(rows_of.count)]
    for index, lane in enumerate(planning.lanes):
        for cell in _cells(index, lane, rows_of, now):
            rows[cell.top].append(cell)
    return Grid(planning.lanes, rows_of, tuple(tuple(row) for row in rows), folded)


def _cells(index: int, lane: Lane, rows: Axis, now: datetime) -> Iterator[Cell]:
    """One lane's, without a gap: entries, and between them its ground, cut at each hour and where
    what is over ends."""
    ground = _ground(lane, rows)
    taken = list(_clusters(lane, rows))
    edges = {0, rows.count}
    edges |= {edge for cluster, _ in taken for edge in (cluster.start, cluster.stop)}
    edges |= {n for n in range(1, rows.count) if ground[n] != ground[n - 1]}
    inside = {n for cluster, _ in taken for n in cluster[1:]}
    ahead = bisect_left(range(rows.count), now, key=lambda n: lane.begins(rows.at(n)))
    cuts = {ahead, *(n for n in range(rows.count) if rows.on_the_hour(n))}
    edges |= {n for n in cuts if n < rows.count and ground[n].kind == "open"}
    entries = {cluster.start: found for cluster, found in taken}
    before: Ground | None = None
    for top, stop in pairwise(sorted(edges - inside)):
        here = ground[top]
        yield Cell(
            index,
            top,
            stop - top,
            here,
            rows.at(top),
            rows.at(stop),
            entries.get(top, ()),
            labelled=here != before,
        )
        before = here


def _ground(lane: Lane, rows: Axis) -> list[Ground]:
    ground = [Ground()] * rows.count
    painted = [
        *((w.span, Ground(first=w.first)) for w in lane.windows if not w.released),
        *((span, Ground("buffer")) for span in lane.buffers),
        *((shut.span, Ground("shut", why=shut.why)) for shut in lane.shut),
    ]
    for span, what in painted:
        for row in rows.rows(lane, span):
            ground[row] = what
    return ground


def _clusters(lane: Lane, rows: Axis) -> Iterator[tuple[range, tuple[Entry, ...]]]:
    """Entries that meet in a row, together."""
    whole, kept = range(0), list[Entry]()
    for entry in lane.entries:
        taken = rows.rows(lane, (entry.starts_at, entry.ends_at))
        if kept and taken.start < whole.stop:
            whole = range(whole.start, max(whole.stop, taken.stop))
        else:
            if kept:
                yield whole, tuple(kept)
            whole, kept = taken, []
        kept.append(entry)
    if kept:
        yield whole, tuple(kept)
