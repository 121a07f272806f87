"""Figures of lines by time: written once however often they come, read in order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Label,
    Table,
    delete,
    func,
    select,
    type_coerce,
)

from visiohub.domain.line import (
    DayOfModem,
    DayOfTrains,
    Figures,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.storage.line_tables import (
    UnixTime,
    line_days,
    line_minutes,
    line_modem,
    line_modem_days,
    line_quarters,
    line_trains,
)
from visiohub.storage.timed_rows import Columns, TimedRows

T = TypeVar("T")
_DAY = timedelta(days=1)


class Resolution(Enum):
    """How fine a series is."""

    MINUTES = line_minutes
    QUARTERS = line_quarters
    DAYS = line_days
    """Of UTC."""


class LineSeries(TimedRows):
    """All series; `number` is LineState.number, times are from `start` up to `end`."""

    # --- heartbeat ------------------------------------------------------------------------------

    def add_figures(self, rows: Iterable[tuple[int, Figures]], resolution: Resolution) -> int:
        """Keep each (number, figures) that is not there yet, or that has answers where what is
        there has none: of two kiosks at a venue one measured. How many were new."""
        fresh: dict[tuple[int, datetime], Figures] = {}
        for number, one in rows:
            before = fresh.get((number, one.at))
            if before is None or before.lost >= before.sent:
                fresh[number, one.at] = one
        plain = [{"line_number": number} | asdict(one) for (number, _), one in fresh.items()]
        return self._put(resolution.value, plain, _answered_at_last)

    def put_figures(self, rows: Iterable[tuple[int, Figures]], resolution: Resolution) -> None:
        """Keep each, in place of what was there."""
        plain = [{"line_number": n} | asdict(f) for n, f in rows]
        self._put(resolution.value, plain)

    def figures(
        self, number: int, start: datetime, end: datetime, resolution: Resolution
    ) -> Sequence[Figures]:
        """Of one line, in order of time."""
        return self._read(resolution.value, Figures, number, start, end)

    def figures_of_all(
        self, start: datetime, end: datetime, resolution: Resolution, numbers: Collection[int]
    ) -> Mapping[int, Sequence[Figures]]:
        """Of these lines, by number, each in order of time; lines without any are left out."""
        table = resolution.value
        query = (
            select(table)
            .where(table.c.line_number.in_(numbers), table.c.at >= start, table.c.at < end)
            .order_by(table.c.line_number, table.c.at)
        )
        found: dict[int, list[Figures]] = {}
        for row in self._session.execute(query).mappings():
            fields = dict(row)
            found.setdefault(fields.pop("line_number"), []).append(Figures(**fields))
        return found

    def begin(self, number: int) -> datetime | None:
        """When the line was measured first, as far as that is kept; days are of UTC."""
        tables = (line_days, line_quarters, line_minutes, line_trains)
        firsts = [
            self._session.scalar(select(func.min(t.c.at)).where(t.c.line_number == number))
            for t in tables
        ]
        return min((at for at in firsts if at is not None), default=None)

    # --- trains -----------------------------------------------------------------------------------

    def add_trains(self, rows: Iterable[tuple[int, TrainResult]]) -> int:
        """Keep each that is not there yet; how many were new."""
        return self._add(line_trains, [{"line_number": n} | asdict(t) for n, t in rows])

    def trains(self, number: int, start: datetime, end: datetime) -> Sequence[TrainResult]:
        """Of one line, both directions, in order of time."""
        return self._read(line_trains, TrainResult, number, start, end)

    def trains_by_day(self, number: int, start: datetime, end: datetime) -> Sequence[DayOfTrains]:
        """The same, conclusive ones on the idle line, put together by day of UTC."""
        t = line_trains.c
        day = _day(t.at)
        rate = t.kbit_s
        query = (
            select(
                day,
                t.way,
                func.count().label("trains"),
                func.min(rate).label("least_kbit_s"),
                func.avg(rate, type_=rate.type).label("mean_kbit_s"),
                func.max(rate).label("greatest_kbit_s"),
            )
            .where(t.line_number == number, t.at >= start, t.at < end)
            .where(rate.is_not(None), t.in_call.is_(False))
            .group_by(day, t.way)
            .order_by(day, t.way)
        )
        return [_made(DayOfTrains, row) for row in self._session.execute(query).mappings()]

    # --- modem ------------------------------------------------------------------------------------

    def add_modem(self, rows: Iterable[tuple[int, ModemFigures]]) -> int:
        """Keep each reading that is not there yet, and put their days together; how many were
        new."""
        rows = list(rows)
        new = self._add(line_modem, [{"line_number": n} | asdict(m) for n, m in rows])
        days: dict[datetime, set[int]] = {}
        for number, reading in rows:
            days.setdefault(_day_of(reading.at), set()).add(number)
        for day, numbers in days.items():
            found = self.modem_together(day, day + _DAY, numbers)
            put = [{"line_number": n} | asdict(one) | {"at": day} for n, one in found.items()]
            self._put(line_modem_days, put)
        return new

    def modem(self, number: int, start: datetime, end: datetime) -> Sequence[ModemFigures]:
        """Of one line, in order of time."""
        return self._read(line_modem, ModemFigures, number, start, end)

    def retrains(self, number: int, after: datetime, until: datetime) -> int | None:
        """Of readings after the one time and up to the other; None where none knew any."""
        m = line_modem.c
        query = select(func.sum(m.retrains)).where(m.line_number == number)
        summed: int | None = self._session.scalar(query.where(m.at > after, m.at <= until))
        return summed

    def modem_by_day(self, number: int, start: datetime, end: datetime) -> Sequence[DayOfModem]:
        """The same, put together by day of UTC; of each day that begins in that time."""
        return self._read(line_modem_days, DayOfModem, number, start, end)

    def modem_together(
        self, start: datetime, end: datetime, numbers: Collection[int]
    ) -> Mapping[int, DayOfModem]:
        """Each of these lines' readings put together, by number; lines without any are left out."""
        m = line_modem.c
        query = (
            select(m.line_number, func.min(m.at).label("at"), *_SUMMED)
            .where(m.line_number.in_(numbers), m.at >= start, m.at < end)
            .group_by(m.line_number)
        )
        rows = self._session.execute(query).mappings()
        return {row["line_number"]: _made(DayOfModem, row) for row in rows}

    def newest(
        self, start: datetime, end: datetime, numbers: Collection[int]
    ) -> tuple[Mapping[tuple[int, Way], TrainResult], Mapping[int, ModemFigures]]:
        """Of these lines by number: the newest conclusive train of each way on the idle line, the
        newest reading. Lines are named, since the tables are in their order: who asks for a time
        alone reads all that was ever kept."""
        trains: dict[tuple[int, Way], TrainResult] = {}
        modems: dict[int, ModemFigures] = {}
        t, m = line_trains.c, line_modem.c
        query = select(line_trains).where(
            t.line_number.in_(numbers), t.at >= start, t.at < end,
            t.kbit_s.is_not(None), t.in_call.is_(False),
        )  # fmt: skip
        for row in self._session.execute(query.order_by(t.at)).mappings():
            trains[row["line_number"], row["way"]] = _made(TrainResult, row)
        readings = select(line_modem).where(m.line_number.in_(numbers), m.at >= start, m.at < end)
        for row in self._session.execute(readings.order_by(m.at)).mappings():
            modems[row["line_number"]] = _made(ModemFigures, row)
        return trains, modems

    # --- keeping ----------------------------------------------------------------------------------

    def octets(self, number: int, start: datetime, end: datetime) -> tuple[int, int]:
        """What probes put on the line, up and down."""
        m = line_minutes.c
        sums = (func.coalesce(func.sum(m.octets_up), 0), func.coalesce(func.sum(m.octets_down), 0))
        query = select(*sums).where(m.line_number == number, m.at >= start, m.at < end)
        up, down = self._session.execute(query).one()
        return int(up), int(down)

    def forget(self, before: datetime, resolution: Resolution, numbers: Collection[int]) -> int:
        """Erase what is older of these lines, with the days of modems where it is days; how many
        rows. Lines are named for the reason that `newest` tells."""
        days = [line_modem_days] if resolution is Resolution.DAYS else []
        return self._forget(before, numbers, resolution.value, *days)

    def forget_results(self, before: datetime, numbers: Collection[int]) -> int:
        """Erase older trains and readings of modems of these lines; how many rows."""
        return self._forget(before, numbers, line_trains, line_modem)

    def _forget(self, before: datetime, numbers: Collection[int], *tables: Table) -> int:
        return sum(
            self._count(delete(table).where(table.c.line_number.in_(numbers), table.c.at < before))
            for table in tables
        )

    def _read(
        self, table: Table, kind: type[T], number: int, start: datetime, end: datetime
    ) -> list[T]:
        query = (
            select(table)
            .where(table.c.line_number == number, table.c.at >= start, table.c.at < end)
            .order_by(table.c.at)
        )
        return [_made(kind, row) for row in self._session.execute(query).mappings()]


def _summed() -> Iterator[Label[Any]]:
    """The fields of DayOfModem."""
    for way in Way:
        for field, how in _OF_READINGS.items():
            column = line_modem.c[f"{way}_{field}"]
            yield how(column, type_=column.type).label(column.name)
    yield func.sum(line_modem.c.retrains).label("retrains")


_OF_READINGS: Mapping[str, Callable[..., ColumnElement[Any]]] = {
    "sync_kbit_s": func.avg,
    "attainable_kbit_s": func.avg,
    "snr_db": func.min,
    "attenuation_db": func.max,
    "errored_s": func.sum,
    "severely_errored_s": func.sum,
}
_SUMMED = tuple(_summed())


def _answered_at_last(kept: Columns, new: Columns) -> ColumnElement[bool]:
    answered: ColumnElement[bool] = (kept.lost >= kept.sent) & (new.lost < new.sent)
    return answered


def _day(at: ColumnElement[Any]) -> Label[Any]:
    """The begin of the day, of Unix seconds."""
    seconds = type_coerce(at, BigInteger)
    return type_coerce(seconds - seconds % 86_400, UnixTime()).label("at")


def _day_of(at: datetime) -> datetime:
    """The begin of its day of UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _made(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(**{name: value for name, value in row.items() if name != "line_number"})
