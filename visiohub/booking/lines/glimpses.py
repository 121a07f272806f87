"""Lines of the list at a glance: their last day, what they carry, what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from visiohub.booking.lines.faults import FaultBook
from visiohub.booking.lines.looking import LineRow
from visiohub.domain.line import Figures, Way
from visiohub.domain.line_figures import together
from visiohub.linkquality.signatures import Signature
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

SLOTS = 48
SLOT = timedelta(minutes=30)
TRAINS_OF = timedelta(hours=3)
"""What is older is no figure of now."""


@dataclass(frozen=True)
class Glimpse:
    """One line; rates are on the wire."""

    row: LineRow
    day: Sequence[Figures | None]
    """Half hours up to now, the oldest first; None without any measurement."""
    up_kbit_s: float | None
    faults: Sequence[Signature]


def glimpses(
    uow: UnitOfWork, rows: Collection[LineRow], book: FaultBook, now: datetime
) -> Sequence[Glimpse]:
    """Of these lines, in few questions however many there are."""
    numbers = {row.line.id: row.state.number for row in rows if row.state}
    end = _half_hour(now) + SLOT
    start = end - SLOTS * SLOT
    series = uow.linkquality.series
    figures = series.figures_of_all(start, end, Resolution.QUARTERS, list(numbers.values()))
    trains, _modem = series.newest(now - TRAINS_OF, now, list(numbers.values()))
    found = []
    for row in rows:
        number = numbers.get(row.line.id, 0)  # no line has this one
        train = trains.get((number, Way.UP))
        rate = None
        if train is not None and train.kbit_s is not None:
            framing = uow.linkquality.terms.of(row.line).wrapping.framing
            rate = framing.wire_kbit_s(train.kbit_s, train.octets)
        day = _slots(figures.get(number, ()), start)
        found.append(Glimpse(row, day, rate, book.of(uow, row, now)))
    return found


def _slots(rows: Sequence[Figures], start: datetime) -> Sequence[Figures | None]:
    by_slot: dict[int, list[Figures]] = {}
    for row in rows:
        by_slot.setdefault((row.at - start) // SLOT, []).append(row)
    return [together(start + n * SLOT, by_slot[n]) if n in by_slot else None for n in range(SLOTS)]


def _half_hour(at: datetime) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(SLOT.total_seconds()), UTC)
