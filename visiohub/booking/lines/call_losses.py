"""What calls lost on their line: where probes rest, calls speak, as far as the line confirms it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from visiohub.domain.line import CallLoss, ModemFigures, Way
from visiohub.domain.line_figures import together
from visiohub.linkquality.call_loss import Beside, lines_share
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

CALL_MINUTES = 3
"""Shorter calls say little."""


def losses_of_calls(
    uow: UnitOfWork, start: datetime, end: datetime
) -> Mapping[str, Sequence[tuple[datetime, float]]]:
    """Of calls that ended in that time, by line: when, and the share of its packets for which the
    line answers, in the worse direction. A call beside which the line was not measured is left
    out."""
    found: dict[str, list[tuple[datetime, float]]] = {}
    for call in uow.linkquality.call_minutes.losses(start, end, CALL_MINUTES):
        line = uow.lines.of_kiosk(call.kiosk_id)
        state = uow.linkquality.states.find(line.id) if line is not None else None
        lost = _lines_share(uow, state.number, call) if state is not None else None
        if state is not None and lost is not None:
            found.setdefault(state.id, []).append((call.ended_at, lost))
    return found


def _lines_share(uow: UnitOfWork, number: int, call: CallLoss) -> float | None:
    series = uow.linkquality.series
    probes = together(call.begin, series.figures(number, call.begin, call.end, Resolution.MINUTES))
    modem = series.modem(number, call.begin, call.end)
    surely_other = {Way.DOWN: probes.lost_up, Way.UP: probes.lost_down}
    shares = [
        lines_share(lost, Beside(probes.sent, probes.lost - surely_other[way], errored(modem, way)))
        for way, lost in ((Way.DOWN, call.down), (Way.UP, call.up))
        if lost is not None
    ]
    return max((share for share in shares if share is not None), default=None)


def errored(modem: Sequence[ModemFigures], way: Way) -> float | None:
    """The share of seconds with errors between the first and the last of these readings, in order
    of time; None: the modem did not count them."""
    counted: list[int | None] = [getattr(reading, f"{way}_errored_s") for reading in modem[1:]]
    known = [seconds for seconds in counted if seconds is not None]
    if not known or len(known) < len(counted):
        return None
    return min(1.0, sum(known) / (modem[-1].at - modem[0].at).total_seconds())
