"""Two at one time, and more than a line carries: within the table, and with what is booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.booking.lines.ahead import LinesAhead
from visiohub.domain.csv_table import Row
from visiohub.domain.occupancy import Occupancy, Resource
from visiohub.storage.availability import VisioOnLine
from visiohub.storage.uow import UnitOfWork

_AT_ONCE = 500
"""Resources asked for in one query: SQLite takes so many parameters."""


@dataclass(frozen=True)
class Clash:
    """`row` wants what `other` has, a line of the table or (None) a booking in the database."""

    row: Row
    resource: Resource
    other: int | None


def clashes(uow: UnitOfWork, wanted: Iterable[tuple[Row, Occupancy]]) -> Iterator[Clash]:
    """Of two lines the second is to blame; of each line and resource one clash is told."""
    by_resource: dict[Resource, list[tuple[Row, Occupancy]]] = defaultdict(list)
    for row, occupancy in wanted:
        by_resource[occupancy.resource].append((row, occupancy))
    held = _held(uow, by_resource)
    for resource, rows in by_resource.items():
        taken = iter(held.get(resource, ()))
        kept = next(taken, None)
        before: tuple[Row, Occupancy] | None = None
        for row, occupancy in sorted(rows, key=lambda one: (one[1].starts_at, one[0].line)):
            while kept is not None and kept.ends_at <= occupancy.starts_at:
                kept = next(taken, None)
            if kept is not None and kept.starts_at < occupancy.ends_at:
                yield Clash(row, resource, None)
            elif before is not None and occupancy.starts_at < before[1].ends_at:
                later, earlier = sorted((row, before[0]), key=lambda r: r.line, reverse=True)
                yield Clash(later, resource, earlier.line)
            if before is None or occupancy.ends_at > before[1].ends_at:
                before = row, occupancy


def beyond_lines(
    uow: UnitOfWork, wanted: Sequence[tuple[Row, VisioOnLine]], now: datetime
) -> Iterator[Row]:
    """Lines of the table whose visio its venue's line does not carry beside what is booked, and
    what stands above in the table."""
    if not wanted:
        return
    lines = LinesAhead(uow, {visio.venue_id for _, visio in wanted}, now)
    lines.read(min(v.starts_at for _, v in wanted), max(v.ends_at for _, v in wanted))
    for row, visio in wanted:
        if lines.refuses(visio.venue_id, visio.starts_at, visio.ends_at):
            yield row
        else:
            lines.add(visio)


def _held(
    uow: UnitOfWork, by_resource: dict[Resource, list[tuple[Row, Occupancy]]]
) -> dict[Resource, list[Occupancy]]:
    found: dict[Resource, list[Occupancy]] = defaultdict(list)
    resources = list(by_resource)
    if not resources:
        return found
    everything = [o for rows in by_resource.values() for _, o in rows]
    start: datetime = min(o.starts_at for o in everything)
    end: datetime = max(o.ends_at for o in everything)
    for at in range(0, len(resources), _AT_ONCE):
        for occupancy in uow.occupancies.between(resources[at : at + _AT_ONCE], start, end):
            found[occupancy.resource].append(occupancy)
    return found
