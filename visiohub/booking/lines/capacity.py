"""What a line carries, as far as it was measured, and what is left of it for calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.domain.line import LineTerms, ModemFigures, TrainResult, Way
from visiohub.domain.model import Line
from visiohub.linkquality.budget import Both, usable
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.linkquality.verdict import settled
from visiohub.storage.uow import UnitOfWork

WEEK = timedelta(days=7)
COUNTERS_OF = timedelta(minutes=5)
_LOW = 0.1
_ENOUGH = 10
"""So many trains of a week have a tenth percentile."""


@dataclass(frozen=True)
class Capacity:
    """Rates on the wire; `measured` per direction, else the contract's stands in."""

    low: Both
    """The tenth percentile of a week."""
    last: Both
    """The median of the last three trains."""
    measured_up: bool
    measured_down: bool
    framing: Framing

    @property
    def measured(self) -> bool:
        """In both directions."""
        return self.measured_up and self.measured_down


def capacity_of(uow: UnitOfWork, line: Line, now: datetime) -> Capacity:
    """Of the last week's conclusive trains on the idle line; the contract's where there is none."""
    framing = uow.linkquality.terms.of(line).wrapping.framing
    state = uow.linkquality.states.find(line.id)
    trains: Sequence[TrainResult] = ()
    if state is not None:
        trains = uow.linkquality.series.trains(state.number, state.known_from(now - WEEK), now)
    return capacity_by(line, framing, trains)


def capacity_by(line: Line, framing: Framing, trains: Sequence[TrainResult]) -> Capacity:
    """The same of a week's trains in order of time."""
    up = _wire(trains, Way.UP, framing)
    down = _wire(trains, Way.DOWN, framing)
    contract = Both(down=line.down_kbit_s, up=line.up_kbit_s)
    return Capacity(
        low=Both(_low(down) or contract.down, _low(up) or contract.up),
        last=Both(settled(down) or contract.down, settled(up) or contract.up),
        measured_up=bool(up),
        measured_down=bool(down),
        framing=framing,
    )


def usable_on(uow: UnitOfWork, line: Line, terms: LineTerms, now: datetime) -> tuple[Both, Framing]:
    """What calls may share where nobody else uses the line, on the wire, and how it wraps that."""
    capacity = capacity_of(uow, line, now)
    left = usable(capacity.low, capacity.last, terms.reserved, used_by_others=Both(0, 0))
    return left, capacity.framing


def others_on(uow: UnitOfWork, line: Line, now: datetime) -> Both:
    """What the modem's counters show of others' traffic now; of a time to come nobody knows it."""
    state = uow.linkquality.states.find(line.id)
    readings: Sequence[ModemFigures] = ()
    if state is not None:
        readings = uow.linkquality.series.modem(state.number, now - COUNTERS_OF, now)
    if not readings:
        return Both(0, 0)
    newest = readings[-1]
    return Both(down=newest.down_others_kbit_s or 0, up=newest.up_others_kbit_s or 0)


def _wire(trains: Sequence[TrainResult], way: Way, framing: Framing) -> list[float]:
    return [
        framing.wire_kbit_s(one.kbit_s, PACKET_OCTETS)
        for one in trains
        if one.way is way and one.kbit_s is not None and not one.in_call
    ]


def _low(rates: Sequence[float]) -> float | None:
    if len(rates) < _ENOUGH:
        return settled(rates)
    return sorted(rates)[int(_LOW * len(rates))]
