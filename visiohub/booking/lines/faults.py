"""What is wrong with a line, told by its figures: linkquality's signatures, from what is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from visiohub.booking.lines.capacity import WEEK, capacity_by
from visiohub.booking.lines.looking import LineRow, Standing
from visiohub.domain import hours
from visiohub.domain.line import LineState, ModemFigures, TrainResult, Way
from visiohub.domain.model import Line
from visiohub.domain.modem_readings import margin
from visiohub.linkquality.budget import Both
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.signatures import (
    BelowContract,
    LineFull,
    MinuteUse,
    ModemReading,
    Signature,
    below_contract,
    line_full,
    may_fill,
    snr_fell,
)
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

MODEM_OF = timedelta(hours=48)
"""A fall of the margin is seen against the 24 hours before it."""
FULL_OF = timedelta(hours=24)
CONTRACT_OF = timedelta(days=14)
AGAIN_AFTER = timedelta(minutes=5)
"""Signatures change with windows of this length (grades.WINDOW)."""
WELL_AGAIN_AFTER = timedelta(hours=1)
"""Of a line that needs nobody: some 20 ms each, of up to 300."""
_READING_COVERS = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)


_Versions = tuple[int, int]


@dataclass
class FaultBook:
    """Signatures by line, with the versions of the line and of its terms, worked out anew when they
    are old, or the contract is another; the hub keeps one while it runs."""

    known: dict[str, tuple[datetime, _Versions, Sequence[Signature]]] = field(default_factory=dict)

    def of(self, uow: UnitOfWork, row: LineRow, now: datetime) -> Sequence[Signature]:
        """The line's, whatever its grade says: below its contract, or full for an hour of each day,
        a line may be as good as it usually is. None where it was never measured, or during works:
        nothing is judged then."""
        return self.of_all(uow, [row], now)[0]

    def of_all(
        self, uow: UnitOfWork, rows: Collection[LineRow], now: datetime
    ) -> Sequence[Sequence[Signature]]:
        """Each line's, in the order of the rows."""
        terms = uow.linkquality.terms.by_ids([row.line.id for row in rows])
        versions = {one.id: one.version for one in terms.values()}
        return [self._of(uow, row, versions.get(row.line.id, 0), now) for row in rows]

    def _of(
        self, uow: UnitOfWork, row: LineRow, terms_version: int, now: datetime
    ) -> Sequence[Signature]:
        if row.state is None or row.standing is Standing.MAINTENANCE:
            return ()
        present = row.line.version, terms_version
        at, version, found = self.known.get(row.line.id, (None, present, ()))
        again = AGAIN_AFTER if row.standing.needs_somebody else WELL_AGAIN_AFTER
        old = at is None or not timedelta(0) <= now - at < again
        if old or version != present:
            found = faults_of(uow, row.line, row.state, row.venue.time_zone, now)
            self.known[row.line.id] = (now, present, found)
        return found


def faults_of(
    uow: UnitOfWork, line: Line, state: LineState, time_zone: str, now: datetime
) -> Sequence[Signature]:
    """What the figures of the last days show, the surest first; of a line that became another, what
    they show since."""
    number = state.number
    modem = uow.linkquality.series.modem(number, state.known_from(now - MODEM_OF), now)
    found: list[Signature] = []
    fell = snr_fell(
        [ModemReading(m.at, margin(m.up_snr_db, m.down_snr_db), m.retrains) for m in modem]
    )
    found += [fell] if fell else []
    framing = uow.linkquality.terms.of(line).wrapping.framing
    trains = uow.linkquality.series.trains(number, state.known_from(now - CONTRACT_OF), now)
    found += _below_contract(line, framing, trains, hours.zone_of(time_zone))
    week = [train for train in trains if train.at >= now - WEEK]
    found += _full(uow, line, number, modem, capacity_by(line, framing, week).last, now)
    return found


def _below_contract(
    line: Line, framing: Framing, trains: Sequence[TrainResult], zone: ZoneInfo
) -> Iterator[BelowContract]:
    by_day: dict[Way, dict[date, list[float]]] = {way: {} for way in Way}
    for train in trains:
        if train.kbit_s is not None and not train.in_call:
            rate = framing.wire_kbit_s(train.kbit_s, train.octets)
            by_day[train.way].setdefault(hours.local_day(train.at, zone), []).append(rate)
    for way, contract in ((Way.DOWN, line.down_kbit_s), (Way.UP, line.up_kbit_s)):
        days = [(day, median(rates)) for day, rates in sorted(by_day[way].items())]
        low = below_contract(days, contract, "down" if way is Way.DOWN else "up")
        if low:
            yield low


def _full(
    uow: UnitOfWork,
    line: Line,
    number: int,
    modem: Sequence[ModemFigures],
    capacity: Both,
    now: datetime,
) -> Iterator[LineFull]:
    """The newest stretch of each direction; only a modem that counts octets can tell."""
    start = now - FULL_OF
    recent = [one for one in modem if one.at > start]
    most = {"up": capacity.up, "down": capacity.down}
    if not any(may_fill(kbit_s, most[way]) for way in most for _, kbit_s in _others(recent, way)):
        return
    minutes = uow.linkquality.series.figures(number, start, now, Resolution.MINUTES)
    probes = {m.at: (m.octets_up * 8 / 60_000, m.octets_down * 8 / 60_000) for m in minutes}
    calls: dict[datetime, tuple[float, float]] = {}
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
    ids = [call.id for call in uow.calls.between(start - FULL_OF, now, kiosk_ids=kiosks)]
    for one in uow.linkquality.call_minutes.of_calls(ids) if ids else ():
        if one.end == "kiosk":
            up, down = calls.get(one.at, (0.0, 0.0))
            calls[one.at] = (up + one.sent_kbit_s, down + one.received_kbit_s)
    for place, way in enumerate(most):
        used = []
        for at, others in _others(recent, way):
            ours = probes.get(at, (0.0, 0.0))[place] + calls.get(at, (0.0, 0.0))[place]
            used.append(MinuteUse(at, others + ours, ours))
        yield from line_full(used, most[way], "up" if way == "up" else "down")[-1:]


def _others(modem: Sequence[ModemFigures], way: str) -> Iterator[tuple[datetime, float]]:
    """Each minute with what others used: a reading speaks for the time since the one before."""
    before: datetime | None = None
    for reading in modem:
        end = reading.at.replace(second=0, microsecond=0)
        begin = end - _READING_COVERS if before is None else max(before, end - _READING_COVERS)
        before = end
        others = getattr(reading, f"{way}_others_kbit_s")
        at = begin
        while others is not None and at < end:
            yield at, others
            at += _MINUTE
