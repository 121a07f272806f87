"""What a modem counted of others' traffic, less the calls of the venue's other kiosks.

The kiosk that reads the modem takes off what it sent and received itself. A call of another kiosk
is still in that, and it is counted as a call besides (capacity.py, shares.py, faults.py): it would
take the line twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from visiohub.domain.line import CallMinute, ModemFigures
from visiohub.domain.model import Line
from visiohub.linkquality.budget import AUDIO_KBIT_S, Both, cost_of
from visiohub.linkquality.cells import Encapsulation
from visiohub.storage.uow import UnitOfWork

_READ_EVERY = timedelta(minutes=4)
"""Where the reading before is not known (PROTOCOL.md §10.6)."""
_LONGEST = timedelta(minutes=15)
_CAME_WITHIN = timedelta(hours=12)
"""Before the reading: who waits and talks for longer is let go."""
_MINUTE = timedelta(minutes=1)
_REPORT_EVERY = timedelta(seconds=10)
"""Of a kiosk (PROTOCOL.md §8.8)."""


def without_calls(
    uow: UnitOfWork, line: Line, number: int, kiosk_id: str, readings: Sequence[ModemFigures]
) -> Sequence[ModemFigures]:
    """Readings that this kiosk told, in order of time; the line's others without its calls."""
    told = [one for one in readings if _tells(one)]
    beside = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)] if told else []
    beside = [kiosk for kiosk in beside if kiosk != kiosk_id]
    if not beside:
        return readings
    first, last = told[0].at, told[-1].at
    calls = uow.calls.between(first - _CAME_WITHIN, last, kiosk_ids=beside)
    ids = [call.id for call in calls]
    kept = uow.linkquality.call_minutes.of_calls(ids) if ids else ()
    minutes = [one for one in kept if one.end == "kiosk"]
    if not minutes:
        return readings
    known = uow.linkquality.series.modem(number, first - _LONGEST, first)
    before = known[-1].at if known else first - _READ_EVERY
    found = []
    for reading in readings:
        taken = _taken(minutes, max(before, reading.at - _LONGEST), reading.at)
        found.append(_less(reading, taken))
        before = reading.at
    return found


def _tells(reading: ModemFigures) -> bool:
    return reading.up_others_kbit_s is not None or reading.down_others_kbit_s is not None


def _less(reading: ModemFigures, taken: Both) -> ModemFigures:
    up, down = reading.up_others_kbit_s, reading.down_others_kbit_s
    return replace(
        reading,
        up_others_kbit_s=None if up is None else max(0.0, up - taken.up),
        down_others_kbit_s=None if down is None else max(0.0, down - taken.down),
    )


def _taken(minutes: Sequence[CallMinute], begin: datetime, end: datetime) -> Both:
    """Of IP, on the mean of that time: a modem counts that much at least."""
    taken = Both(0, 0)
    for one in minutes:
        overlap = min(one.at + _MINUTE, end) - max(one.at, begin)
        share = min(overlap, one.reports * _REPORT_EVERY) / (end - begin)
        if share > 0:
            taken += Both(
                down=share * _with_headers(one.received_kbit_s),
                up=share * _with_headers(one.sent_kbit_s),
            )
    return taken


def _with_headers(kbit_s: float) -> float:
    if kbit_s <= 0:
        return 0.0
    picture = max(0.0, kbit_s - AUDIO_KBIT_S)
    return cost_of(kbit_s - picture, picture, Encapsulation.NONE.value).up
