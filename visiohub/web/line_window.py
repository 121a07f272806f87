"""The stretch of time that a line's page shows: from a year to a minute. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later

SPANS = {
    "hour": (timedelta(hours=1), later("1 h")),
    "day": (timedelta(days=1), later("24 h")),
    "week": (timedelta(days=7), later("7 jours")),
    "month": (timedelta(days=30), later("30 jours")),
    "year": (timedelta(days=365), later("1 an")),
}
USUAL = "day"
WITH_PLANNED = {"hour", "day", "week"}
AHEAD_PART = 12
LEAST = timedelta(minutes=1)
"""The finest that is kept."""
WHOLE_UP_TO = timedelta(hours=1)
"""So short a time begins and ends with a minute: nothing would stand in a part of one."""
MOST = timedelta(days=366)
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """From `start` up to `end`; `name` is of SPANS where it follows the present, else empty."""

    start: datetime
    end: datetime
    name: str = ""

    @property
    def span(self) -> timedelta:
        """Its length."""
        return self.end - self.start

    @property
    def ahead(self) -> timedelta:
        """So much of what is planned stands behind the figures, where they follow the present."""
        return self.span / AHEAD_PART if self.name in WITH_PLANNED else timedelta()

    @property
    def query(self) -> str:
        """As the address has it."""
        if self.name:
            return f"span={self.name}"
        return f"from={int(self.start.timestamp())}&to={int(self.end.timestamp())}"

    def moves(self, now: datetime) -> dict[str, Window]:
        """Where one can go from here: in, out, earlier, later; each only if there is more."""
        middle, half = self.start + self.span / 2, self.span / 2
        step = max(half, LEAST)
        found = {}
        if self.span > LEAST:
            found["in"] = within(middle - half / 2, middle + half / 2, now)
        if self.span < MOST:
            found["out"] = within(middle - 2 * half, middle + 2 * half, now)
        if self.start > EARLIEST:
            found["earlier"] = within(self.start - step, self.end - step, now)
        later = within(self.start + step, self.end + step, now)
        if later.end > self.end:
            found["later"] = later
        return found


def within(start: datetime, end: datetime, now: datetime) -> Window:
    """So much of it as there can be something in: at least LEAST, at most MOST, up to `now`."""
    span = min(max(end - start, LEAST), MOST)
    if span <= WHOLE_UP_TO:
        span = round(span / LEAST) * LEAST
        end, now = _minute(start) + span, _minute(now)
    end = max(min(end, now), EARLIEST + span)
    return Window(_seconds(end - span), _seconds(end))


def window_of(query: Mapping[str, str], now: datetime) -> Window:
    """What an address asks for; what makes no sense means the last day."""
    start, end = _instant(query.get("from", "")), _instant(query.get("to", ""))
    if start is not None and end is not None and start < end:
        return within(start, end, now)
    name = query.get("span", USUAL)
    name = name if name in SPANS else USUAL
    return Window(_seconds(now - SPANS[name][0]), _seconds(now), name)


def span_names() -> list[tuple[str, str]]:
    """Names and words of the spans, the shortest first."""
    return [(name, _(text)) for name, (_span, text) in SPANS.items()]


def _instant(text: str) -> datetime | None:
    """Unix seconds."""
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)
