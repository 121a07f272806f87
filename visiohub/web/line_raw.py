"""Which measurements of a line are given away as they are kept, and with which fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from visiohub.domain.line import CallMinute, Figures, LineCheck, ModemFigures, TrainResult
from visiohub.domain.line_orders import LineSpeed
from visiohub.domain.model import Line
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

MINUTES_UP_TO = timedelta(days=31)
"""Longer times come as quarters of an hour: some forty thousand rows either way."""
CALLS_LAST = timedelta(days=1)
"""At most: what a call of before had within the time is in it."""
_LEFT_OUT = {
    "rtt_counts",  # for adding up: its percentiles stand beside it
    "id", "line_id",
    "appointment_id", "booking_id", "person_id",  # whose visio it was, who ordered
}  # fmt: skip
_KINDS = {
    "delays": Figures,
    "trains": TrainResult,
    "modem": ModemFigures,
    "calls": CallMinute,
    "looks": LineCheck,
    "speeds": LineSpeed,
}
COLUMNS = {
    series: tuple(field.name for field in fields(kind) if field.name not in _LEFT_OUT)
    for series, kind in _KINDS.items()
}
"""By series, in their order."""


def raw_rows(
    uow: UnitOfWork, line: Line, series: str, start: datetime, end: datetime
) -> Sequence[object]:
    """What is kept of that time, in order of time, each with the attributes of COLUMNS; KeyError
    for a series that there is none of."""
    return _READERS[series](uow, line, start, end)


def _number(uow: UnitOfWork, line: Line) -> int:
    state = uow.linkquality.states.find(line.id)
    return state.number if state else 0  # no line has this one


def _delays(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    fine = Resolution.MINUTES if end - start <= MINUTES_UP_TO else Resolution.QUARTERS
    return uow.linkquality.series.figures(_number(uow, line), start, end, fine)


def _trains(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    return uow.linkquality.series.trains(_number(uow, line), start, end)


def _modem(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    return uow.linkquality.series.modem(_number(uow, line), start, end)


def _calls(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
    ids = [call.id for call in uow.calls.between(start - CALLS_LAST, end, kiosk_ids=kiosks)]
    minutes = uow.linkquality.call_minutes.of_calls(ids) if ids else ()
    return [minute for minute in minutes if start <= minute.at < end]


def _looks(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    return uow.linkquality.checks.between(line.id, start, end)


def _speeds(uow: UnitOfWork, line: Line, start: datetime, end: datetime) -> Sequence[object]:
    found = [one for one in uow.linkquality.speeds.since(line.id, start) if one.ordered_at < end]
    return sorted(found, key=lambda one: one.ordered_at)


_READERS = {
    "delays": _delays,
    "trains": _trains,
    "modem": _modem,
    "calls": _calls,
    "looks": _looks,
    "speeds": _speeds,
}
