"""The venue's wall clock as tariffs need it: where units end, where peaks lie. Instants in UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.domain.hours import MIDNIGHT, edge_instant, local_day, opening_spans
from visiohub.domain.tariff.grid import Grid, Unit
from visiohub.domain.tariff.months import month_later

Reach = Callable[[datetime], datetime]
"""Until when a unit lasts that begins at this instant; later beginnings never end sooner."""
ONE_HOUR = timedelta(hours=1)


class Wall:
    """The clock of one venue, from `start` to `end`."""

    def __init__(self, grid: Grid, zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self._zone = zone
        self._midday = grid.midday
        days = (local_day(end, zone) - local_day(start, zone)).days
        first = local_day(start, zone)
        self._peaks = sorted(
            span
            for ahead in range(days + 1)
            for span in opening_spans(grid.peak, first + timedelta(days=ahead), zone)
        )

    def day(self, at: datetime) -> date:
        """The date on the wall."""
        return local_day(at, self._zone)

    def midnight(self, day: date) -> datetime:
        """The instant at which this date begins."""
        return edge_instant(day, MIDNIGHT, self._zone)

    def reach(self, unit: Unit) -> Reach:
        """How far one of this unit goes."""
        match unit:
            case Unit.HOUR:
                return lambda at: at.astimezone(UTC) + ONE_HOUR
            case Unit.TWO_HOURS:
                return lambda at: at.astimezone(UTC) + 2 * ONE_HOUR
            case Unit.HALF_DAY:
                return self._half_day
            case Unit.DAY:
                return lambda at: self.midnight(self.day(at) + timedelta(days=1))
            case Unit.WEEK:
                return lambda at: self.midnight(self.day(at) + timedelta(days=7))
            case Unit.MONTH:
                return lambda at: self.midnight(month_later(self.day(at)))

    def _half_day(self, at: datetime) -> datetime:
        midday = edge_instant(self.day(at), self._midday, self._zone)
        return midday if at < midday else self.midnight(self.day(at) + timedelta(days=1))

    def half_days(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The middays and midnights between."""
        at = self._half_day(start)
        while at < end:
            yield at
            at = self._half_day(at)

    def is_peak(self, start: datetime, end: datetime) -> bool:
        """Does this span touch a peak?"""
        return any(began < end and start < ended for began, ended in self._peaks)

    def next_peak(self, after: datetime) -> datetime | None:
        """Where the next peak begins."""
        return min((began for began, _ in self._peaks if began > after), default=None)
