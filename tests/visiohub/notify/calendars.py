"""Readings of calendars by vobject, which is not what writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import vobject

from visiohub.domain.calendar.rule import parse_rule
from visiohub.notify.ics import Event, Override

PARIS = ZoneInfo("Europe/Paris")
CHANGED = datetime(2026, 11, 23, 8, tzinfo=UTC)


def wall(day: int, month: int = 11, hour: int = 9) -> datetime:
    """A local time of 2026."""
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - local, as events have them


def event(starts: datetime, **fields: Any) -> Event:
    return Event(
        **{
            "uid": "a1@visio.example.fr",
            "sequence": 1,
            "changed_at": CHANGED,
            "starts": starts,
            "ends": starts.replace(hour=starts.hour + 1),
            "zone": PARIS,
            "summary": "Visio-rendez-vous",
            **fields,
        }
    )


def series(**fields: Any) -> Event:
    """Mondays at 9:00 over two changes of the clock; one left out, one moved, one cancelled."""
    return event(
        wall(2, 3),
        rule=parse_rule("FREQ=WEEKLY;COUNT=40"),
        excluded=(wall(16, 3),),
        overrides=(Override(wall(23, 3), *(wall(24, 3, h) for h in (14, 15))),),
        **fields,
    )


def read(text: bytes) -> Any:
    return vobject.readOne(text.decode("utf-8"))


def lines(component: Any) -> Iterator[tuple[str, ...]]:
    """Every property below, with its place, its parameters and its value, in no order."""
    for child in component.getChildren():
        if isinstance(child, vobject.base.Component):
            for line in lines(child):
                yield (component.name, *line)
        else:
            params = sorted((k, tuple(v)) for k, v in child.params.items() if k[:2] != "X-")
            yield component.name, child.name, str(params), str(child.value)
