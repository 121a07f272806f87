"""Minutes of calls as their two ends reported them, and what those that ended lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from sqlalchemy import delete, func, select

from visiohub.domain.line import CallLoss, CallMinute
from visiohub.storage.line_tables import call_minutes
from visiohub.storage.tables import calls
from visiohub.storage.timed_rows import TimedRows

_MINUTE = timedelta(minutes=1)


class CallMinutes(TimedRows):
    """By call, end (`kiosk` or `agent`) and minute; times are from `start` up to `end`."""

    def of(self, call_id: str, end: str, at: datetime) -> CallMinute | None:
        """What is kept of that minute of the call."""
        c = call_minutes.c
        same = (c.call_id == call_id, c.end == end, c.at == at)
        row = self._session.execute(select(call_minutes).where(*same)).mappings().first()
        return CallMinute(**row) if row else None

    def put(self, minute: CallMinute) -> None:
        """Keep it, in place of what was there."""
        self._put(call_minutes, [asdict(minute)])

    def of_calls(self, call_ids: Collection[str]) -> Sequence[CallMinute]:
        """Of these calls, both ends, in order of time."""
        query = (
            select(call_minutes)
            .where(call_minutes.c.call_id.in_(call_ids))
            .order_by(call_minutes.c.at, call_minutes.c.call_id, call_minutes.c.end)
        )
        return [CallMinute(**row) for row in self._session.execute(query).mappings()]

    def losses(self, start: datetime, end: datetime, least_minutes: int) -> Sequence[CallLoss]:
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

    def forget(self, before: datetime) -> int:
        """Erase what is older; how many rows."""
        return self._count(delete(call_minutes).where(call_minutes.c.at < before))
