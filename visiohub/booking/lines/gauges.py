"""The newest figures of all lines at once, for monitoring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.looking import LineRow, list_lines
from visiohub.domain.line import DayOfModem, Figures, ModemFigures, TrainResult, Way
from visiohub.linkquality.cells import Framing
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

TRAINS_OF = timedelta(hours=3)
MODEM_OF = timedelta(minutes=15)
MINUTES_OF = timedelta(minutes=5)
"""What is older is no figure of now."""
SUMS_OF = timedelta(hours=24)


@dataclass(frozen=True)
class LineGauges:
    """One line; None and missing ways are not known now."""

    row: LineRow
    minute: Figures | None
    trains: Mapping[Way, TrainResult]
    modem: ModemFigures | None
    modem_day: DayOfModem | None
    """Of the last 24 hours."""
    framing: Framing
    """How the line wraps packets of IP."""


def line_gauges(uow: UnitOfWork, now: datetime) -> Sequence[LineGauges]:
    """All active lines, in few questions however many there are."""
    rows = list_lines(uow)
    numbers = {row.line.id: row.state.number for row in rows if row.state}
    series = uow.linkquality.series
    asked = list(numbers.values())
    minutes = series.figures_of_all(now - MINUTES_OF, now, Resolution.MINUTES, asked)
    trains, modems = series.newest(now - TRAINS_OF, now, asked)
    sums = series.modem_together(now - SUMS_OF, now, asked)
    terms = uow.linkquality.terms.of_lines([row.line for row in rows])
    found = []
    for row in rows:
        number = numbers.get(row.line.id, 0)  # no line has this one
        known = minutes.get(number, ())
        modem = modems.get(number)
        found.append(
            LineGauges(
                row,
                known[-1] if known else None,
                {way: trains[number, way] for way in Way if (number, way) in trains},
                modem if modem and modem.at >= now - MODEM_OF else None,
                sums.get(number),
                terms[row.line.id].wrapping.framing,
            )
        )
    return found
