"""Figures of lines by time: written once however often they come, read in order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Delete,
    Label,
    Table,
    delete,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.line import (
    CallLoss,
    CallMinute,
    DayOfModem,
    DayOfTrains,
    Figures,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.storage.line_tables import (
    UnixTime,
    call_minutes,
    line_days,
    line_minutes,
    line_modem,
    line_quarters,
    line_trains,
)
from visiohub.storage.tables import calls

T = TypeVar("T")
_MINUTE = timedelta(minutes=1)


class Resolution(Enum):
    """How fine a series is."""

    MINUTES = line_minutes
    QUARTERS = line_quarters
    DAYS = line_days
    """Of UTC."""


class LineSeries:
    """All series; `number` is LineState.number, times are from `start` up to `end`."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    # --- heartbeat ------------------------------------------------------------------------------

    def add_figures(self, rows: Iterable[tuple[int, Figures]], resolution: Resolution) -> int:
        """Keep each (number, figures) that is not there yet, or that has answers where what is
        there has none: of two kiosks at a venue one measured. How many were new."""
        fresh: dict[tuple[int, datetime], Figures] = {}
        for number, one in rows:
            before = fresh.get((number, one.at))
            if before is None or before.lost >= before.sent:
                fresh[number, one.at] = one
        table = resolution.value
        new = self._insert(table).excluded
        unanswered = (table.c.lost >= table.c.sent) & (new.lost < new.sent)
        plain = [{"line_number": number} | asdict(one) for (number, _), one in fresh.items()]
        return self._put(table, plain, unanswered)

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
        """Keep each reading that is not there yet; how many were new."""
        return self._add(line_modem, [{"line_number": n} | asdict(m) for n, m in rows])

    def modem(self, number: int, start: datetime, end: datetime) -> Sequence[ModemFigures]:
        """Of one line, in order of time."""
        return self._read(line_modem, ModemFigures, number, start, end)

    def modem_by_day(self, number: int, start: datetime, end: datetime) -> Sequence[DayOfModem]:
        """The same, put together by day of UTC."""
        m = line_modem.c
        day = _day(m.at)
        query = (
            select(day, *_SUMMED)
            .where(m.line_number == number, m.at >= start, m.at < end)
            .group_by(day)
            .order_by(day)
        )
        return [_made(DayOfModem, row) for row in self._session.execute(query).mappings()]

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

    # --- calls ------------------------------------------------------------------------------------

    def call_minute(self, call_id: str, end: str, at: datetime) -> CallMinute | None:
        """What is kept of that minute of the call."""
        c = call_minutes.c
        same = (c.call_id == call_id, c.end == end, c.at == at)
        row = self._session.execute(select(call_minutes).where(*same)).mappings().first()
        return CallMinute(**row) if row else None

    def put_call_minute(self, minute: CallMinute) -> None:
        """Keep it, in place of what was there."""
        self._put(call_minutes, [asdict(minute)])

    def call_minutes(self, call_ids: Collection[str]) -> Sequence[CallMinute]:
        """Of these calls, both ends, in order of time."""
        query = (
            select(call_minutes)
            .where(call_minutes.c.call_id.in_(call_ids))
            .order_by(call_minutes.c.at, call_minutes.c.call_id, call_minutes.c.end)
        )
        return [CallMinute(**row) for row in self._session.execute(query).mappings()]

    def losses_of_calls(
        self, start: datetime, end: datetime, least_minutes: int
    ) -> Sequence[CallLoss]:
        """Calls that ended then, in order of time, of which an end reported on so many minutes."""
        c, m = calls.c, call_minutes.c
        query = (
            select(
                c.id,
                c.kiosk_id,
                c.ended_at,
                m.end,
                func.avg(m.loss_ratio, type_=m.loss_ratio.type).label("lost"),
                func.min(m.at, type_=m.at.type).label("first"),
                func.max(m.at, type_=m.at.type).label("last"),
            )
            .join_from(calls, call_minutes, m.call_id == c.id)
            .where(c.ended_at >= start, c.ended_at < end)
            .group_by(c.id, c.kiosk_id, c.ended_at, m.end)
            .having(func.count() >= least_minutes)
            .order_by(c.ended_at, c.id)
        )
        found = []
        for _, ends in groupby(self._session.execute(query), key=itemgetter(0)):
            rows = list(ends)
            lost = {row.end: row.lost for row in rows}
            found.append(
                CallLoss(
                    rows[0].kiosk_id,
                    min(row.first for row in rows),
                    max(row.last for row in rows) + _MINUTE,
                    rows[0].ended_at,
                    down=lost.get("kiosk"),
                    up=lost.get("agent"),
                )
            )
        return found

    # --- keeping ----------------------------------------------------------------------------------

    def octets(self, number: int, start: datetime, end: datetime) -> tuple[int, int]:
        """What probes put on the line, up and down."""
        m = line_minutes.c
        sums = (func.coalesce(func.sum(m.octets_up), 0), func.coalesce(func.sum(m.octets_down), 0))
        query = select(*sums).where(m.line_number == number, m.at >= start, m.at < end)
        up, down = self._session.execute(query).one()
        return int(up), int(down)

    def forget(self, before: datetime, resolution: Resolution) -> int:
        """Erase what is older; how many rows."""
        return self._count(delete(resolution.value).where(resolution.value.c.at < before))

    def forget_results(self, before: datetime) -> int:
        """Erase older trains, readings of modems, and calls' minutes; how many rows."""
        return sum(
            self._count(delete(table).where(table.c.at < before))
            for table in (line_trains, line_modem, call_minutes)
        )

    # --- in common --------------------------------------------------------------------------------

    def _read(
        self, table: Table, kind: type[T], number: int, start: datetime, end: datetime
    ) -> list[T]:
        query = (
            select(table)
            .where(table.c.line_number == number, table.c.at >= start, table.c.at < end)
            .order_by(table.c.at)
        )
        return [_made(kind, row) for row in self._session.execute(query).mappings()]

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> int:
        if not rows:
            return 0
        kept = self._insert(table).on_conflict_do_nothing().returning(table.c.at)
        return len(self._session.connection().execute(kept, rows).all())

    def _put(
        self, table: Table, rows: list[dict[str, Any]], where: ColumnElement[bool] | None = None
    ) -> int:
        """In place of what is there, if that is as `where` says; how many were put."""
        if not rows:
            return 0
        insert = self._insert(table)
        keys = [column.name for column in table.primary_key]
        fresh = {c.name: insert.excluded[c.name] for c in table.c if c.name not in keys}
        put = insert.on_conflict_do_update(index_elements=keys, set_=fresh, where=where)
        kept = put.returning(table.c.at)
        return len(self._session.connection().execute(kept, rows).all())

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        named = self._session.get_bind().dialect.name
        return sqlite.insert(table) if named == "sqlite" else postgresql.insert(table)

    def _count(self, statement: Delete) -> int:
        result = self._session.connection().execute(statement)
        return cast("CursorResult[Any]", result).rowcount


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


def _day(at: ColumnElement[Any]) -> Label[Any]:
    """The begin of the day, of Unix seconds."""
    seconds = type_coerce(at, BigInteger)
    return type_coerce(seconds - seconds % 86_400, UnixTime()).label("at")


def _made(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(**{name: value for name, value in row.items() if name != "line_number"})
