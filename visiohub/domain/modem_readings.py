"""How readings of a modem, or days of them, are put together. Pure.

A margin is as good as its worst moment and its worse direction, a rate is the modem's newest word,
seconds and retrains add up; None is not known. A day's rates are means (storage/line_series.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from visiohub.domain.line import DayOfModem, ModemFigures

Readings = Sequence[ModemFigures | DayOfModem]
"""In order of time."""
_HOW: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sync_kbit_s": itemgetter(-1),
    "attainable_kbit_s": itemgetter(-1),
    "snr_db": min,
    "attenuation_db": max,
    "errored_s": sum,
    "severely_errored_s": sum,
    "retrains": sum,
}


def over_time(rows: Readings, field: str) -> float | None:
    """Of a field of theirs, with its direction where it has one: `up_snr_db`, `retrains`."""
    known = [value for row in rows if (value := getattr(row, field)) is not None]
    return _HOW[field.removeprefix("up_").removeprefix("down_")](known) if known else None


def margin(up_snr_db: float | None, down_snr_db: float | None) -> float | None:
    """Of a line whose directions have these."""
    return min((one for one in (up_snr_db, down_snr_db) if one is not None), default=None)
