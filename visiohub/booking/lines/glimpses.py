"""Lines of the list at a glance: their last day, what they carry, what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from visiohub.booking.lines.faults import FaultBook
from visiohub.booking.lines.looking import LineRow, Standing
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
    rates = rates_now(uow, rows, now)
    found = []
    for row, faults in zip(rows, book.of_all(uow, rows, now), strict=True):
        day = _slots(figures.get(numbers.get(row.line.id, 0), ()), start)  # no line has number 0
        found.append(Glimpse(row, day, rates.get((row.line.id, Way.UP)), faults))
    return found


def rates_now(
    uow: UnitOfWork, rows: Collection[LineRow], now: datetime
) -> Mapping[tuple[str, Way], float]:
    """By line and way: the newest conclusive train's, on the wire; nothing where there is none, and
    of a line that is cut or silent: what it carried before is no figure of now."""
    silent = {Standing.OUT, Standing.NO_DATA}
    numbers = {
        row.line.id: row.state.number for row in rows if row.state and row.standing not in silent
    }
    trains, _modem = uow.linkquality.series.newest(now - TRAINS_OF, now, list(numbers.values()))
    terms = uow.linkquality.terms.of_lines([row.line for row in rows])
    return {
        (line_id, way): terms[line_id].wrapping.framing.wire_kbit_s(train.kbit_s, train.octets)
        for line_id, number in numbers.items()
        for way in Way
        if (train := trains.get((number, way))) is not None and train.kbit_s is not None
    }


def _slots(rows: Sequence[Figures], start: datetime) -> Sequence[Figures | None]:
    by_slot: dict[int, list[Figures]] = {}
    for row in rows:
        by_slot.setdefault((row.at - start) // SLOT, []).append(row)
    return [together(start + n * SLOT, by_slot[n]) if n in by_slot else None for n in range(SLOTS)]


def _half_hour(at: datetime) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(SLOT.total_seconds()), UTC)
