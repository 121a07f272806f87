"""A line's history as columns of numbers, for the plots: a gap is a null, never a zero. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from visiohub.booking.lines.grades import OUTAGE
from visiohub.booking.lines.looking import READING_HOLDS, TRAIN_HOLDS, LineHistory
from visiohub.booking.lines.next_visio import NextVisio
from visiohub.domain.line import (
    DayOfModem,
    Figures,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.domain.line_contract import LineContract, in_force
from visiohub.domain.model import Call
from visiohub.domain.modem_readings import over_time
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.storage.line_series import Resolution
from visiohub.web.i18n import gettext as _
from visiohub.web.line_fault_words import alert_sentence

STEPS = {
    Resolution.MINUTES: timedelta(minutes=1),
    Resolution.QUARTERS: timedelta(minutes=15),
    Resolution.DAYS: timedelta(days=1),
}
READINGS = 500
"""More would not be seen in a plot."""
_MODEM = (
    *(f"{way}_{field}" for field in ("snr_db", "sync_kbit_s", "errored_s") for way in Way),
    "retrains",
)
_BANDS = ("p5", "p25", "p50", "p75", "p95")
Column = list[float | int | None]


def columns(
    contracts: Sequence[LineContract],
    seen: LineHistory,
    names: dict[str, str],
    now: datetime,
    planned: Sequence[NextVisio] = (),
    ahead: timedelta = timedelta(),
) -> dict[str, Any]:
    """For JSON: times in Unix seconds, delays in ms, losses in percent, rates in kbit/s on the
    wire, margins in dB. `contracts` are all of the line, in order of time: each holds while it was
    in force, and `contract` is the one of the end. `names` are the partners' short names by
    service; `planned` begins within `ahead` of the end."""
    step = STEPS[seen.resolution]
    last = in_force(contracts, seen.end)
    return {
        "from": _at(seen.start),
        "to": _at(seen.end + ahead),
        "now": _at(now),
        "step": int(step.total_seconds()),
        "contract": {"up": last.up_kbit_s, "down": last.down_kbit_s},
        "contracts": _agreed(contracts, seen.start, seen.end + ahead),
        "delay": _delay(seen.figures, step, seen.end),
        "up": _rates(seen, contracts, Way.UP),
        "down": _rates(seen, contracts, Way.DOWN),
        "modem": _modem(seen),
        "calls": [_call(call, names, now) for call in reversed(seen.calls)],
        "planned": [
            {"name": one.partner or _("salle"), **_span(one.starts_at, one.ends_at, now)}
            for one in planned
        ],
        "out": [_span(a.raised_at, a.cleared_at, now) for a in seen.alerts if a.rule == OUTAGE],
        "alerts": [
            {"text": alert_sentence(a), **_span(a.raised_at, a.cleared_at, now)}
            for a in seen.alerts
            if a.rule != OUTAGE
        ],
        "works": [_span(m.starts_at, m.ends_at, now) for m in seen.maintenances],
        "notes": [{"at": _at(note.at), "text": note.text} for note in seen.notes],
    }


def _delay(rows: Sequence[Figures], step: timedelta, end: datetime) -> dict[str, Column]:
    found: dict[str, Column] = {name: [] for name in ("at", *_BANDS, "lost", "out")}
    for at, row in _with_gaps([(row.at, row) for row in rows], step, end):
        found["at"].append(_at(at))
        for name in _BANDS:
            value = None if row is None else getattr(row, f"rtt_{name}")
            found[name].append(None if value is None else round(value, 1))
        lost = None if row is None or not row.sent else round(100 * row.lost / row.sent, 1)
        found["lost"].append(lost)
        found["out"].append(None if row is None else round(row.out / max(row.minutes, 1), 2))
    return found


def _agreed(
    contracts: Sequence[LineContract], start: datetime, end: datetime
) -> list[dict[str, int]]:
    """Stretches of one agreed rate; of before all that are known there is none."""
    found: list[dict[str, int]] = []
    for one in contracts:
        begin, until = max(one.since or start, start), min(one.until or end, end)
        if begin >= until:
            continue
        rates = {"up": one.up_kbit_s, "down": one.down_kbit_s}
        if found and rates.items() <= found[-1].items():
            found[-1]["to"] = _at(until)
        else:
            found.append({"from": _at(begin), "to": _at(until), **rates})
    return found


def _rates(seen: LineHistory, contracts: Sequence[LineContract], way: Way) -> dict[str, Column]:
    """By days the mean, with the least and the greatest."""
    found: dict[str, Column] = {name: [] for name in ("at", "rate", "low", "high")}
    if seen.resolution is Resolution.DAYS:
        days = [(day.at, day) for day in seen.trains_by_day if day.way is way]
        for at, day in _with_gaps(days, timedelta(days=1), seen.end):
            found["at"].append(_at(at))
            framing = in_force(contracts, at).wrapping.framing
            for name, field in (("rate", "mean"), ("low", "least"), ("high", "greatest")):
                kbit_s = None if day is None else getattr(day, f"{field}_kbit_s")
                wire = None if kbit_s is None else round(framing.wire_kbit_s(kbit_s, PACKET_OCTETS))
                found[name].append(wire)
        return found
    trains: list[tuple[datetime, TrainResult | None]] = [
        (one.at, one)
        for one in seen.trains
        if one.way is way and one.kbit_s is not None and not one.in_call
    ]
    # what was measured before a cut does not hold while the line is cut
    trains += [(alert.raised_at, None) for alert in seen.alerts if alert.rule == OUTAGE]
    for at, train in _with_gaps(sorted(trains, key=itemgetter(0)), TRAIN_HOLDS, seen.end):
        wire = None
        if train is not None and train.kbit_s is not None:
            framing = in_force(contracts, at).wrapping.framing
            wire = round(framing.wire_kbit_s(train.kbit_s, train.octets))
        found["at"].append(_at(at))
        for name in ("rate", "low", "high"):
            found[name].append(wire)
    return found


def _modem(seen: LineHistory) -> dict[str, Column]:
    found: dict[str, Column] = {name: [] for name in ("at", *_MODEM)}
    by_day = seen.resolution is Resolution.DAYS
    width = timedelta(days=1) if by_day else max((seen.end - seen.start) / READINGS, READING_HOLDS)
    slots: dict[int, list[ModemFigures | DayOfModem]] = {}
    for one in seen.modem_by_day if by_day else seen.modem:
        slots.setdefault((one.at - seen.start) // width, []).append(one)
    readings = [(rows[0].at, rows) for rows in slots.values()]
    for at, together in _with_gaps(readings, width, seen.end):
        found["at"].append(_at(at))
        for name in _MODEM:
            value = over_time(together or (), name)
            found[name].append(None if value is None else round(value, 1))
    return found


def _with_gaps(
    rows: Sequence[tuple[datetime, Any]], holds: timedelta, end: datetime
) -> Iterator[tuple[datetime, Any]]:
    """With a None where a row's time, or all of it, is over and none follows: no plot draws over a
    silence."""
    for n, (at, row) in enumerate(rows):
        yield at, row
        following = rows[n + 1][0] if n + 1 < len(rows) else None
        if following is None or following - at > 1.5 * holds:
            yield min(at + holds, end), None


def _call(call: Call, names: dict[str, str], now: datetime) -> dict[str, Any]:
    begin = call.connected_at or call.admitted_at or call.arrived_at
    broken = call.end_reason in {"line_fault", "kiosk_fault", "agent_lost"}
    room = _("salle") if call.booked_room_id else ""
    return {
        "name": names.get(call.service_id or "", room),
        "broken": broken,
        **_span(begin, call.ended_at, now),
    }


def _span(start: datetime, end: datetime | None, now: datetime) -> dict[str, Any]:
    return {"from": _at(start), "to": _at(end or now)}


def _at(instant: datetime) -> int:
    return int(instant.timestamp())
