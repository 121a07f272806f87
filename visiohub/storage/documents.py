"""Frozen values of the domain as JSON documents: opening rules, sharing, grids, quotes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from visiohub.domain import hours
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.tariff import quote
from visiohub.domain.tariff.standing import Draws
from visiohub.storage.types import AsJson

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)
"""Made once a type, at its first use."""


def document(kind: Any) -> AsJson:
    """A column for values of this dataclass: decimals as texts, durations as ISO 8601."""
    return AsJson(
        lambda value: _adapter(kind).dump_python(value, mode="json"),
        lambda plain: _adapter(kind).validate_python(plain),
    )


_LINES = {line.__name__: line for line in get_args(quote.Line)}


def _plain_quote(value: quote.Quote) -> object:
    """Lines by name: several kinds have the same fields. The advice is for the moment alone."""
    return {
        "lines": [
            {"line": type(line).__name__, **_adapter(type(line)).dump_python(line, mode="json")}
            for line in value.lines
        ],
        "draws": _adapter(Draws).dump_python(value.draws, mode="json"),
    }


def _quote(plain: dict[str, Any]) -> object:
    lines = (
        _adapter(_LINES[fields["line"]]).validate_python(
            {name: field for name, field in fields.items() if name != "line"}
        )
        for fields in plain["lines"]
    )
    return quote.Quote(tuple(lines), _adapter(Draws).validate_python(plain["draws"]))


def plain_recurrence(value: Recurrence) -> dict[str, object]:
    """Local times, the zone's name, and the rule as RFC 5545 writes it."""
    return {
        "starts": value.starts.isoformat(),
        "ends": value.ends.isoformat(),
        "zone": value.zone.key,
        "rule": value.rule.text(value.zone),
        "excluded": sorted(day.isoformat() for day in value.excluded),
    }


def recurrence(plain: dict[str, Any]) -> Recurrence:
    """Raises RefusedError, KeyError, ValueError when it was not written by `plain_recurrence`."""
    return Recurrence(
        datetime.fromisoformat(plain["starts"]),
        datetime.fromisoformat(plain["ends"]),
        hours.zone_of(plain["zone"]),
        parse_rule(plain["rule"]),
        frozenset(_day_or_start(text) for text in plain["excluded"]),
    )


def _day_or_start(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _plain_sharing(value: Sharing) -> object:
    return [
        {
            "window": plain_recurrence(shared.window),
            "first": shared.first,
            "release_s": None if shared.release is None else shared.release.total_seconds(),
        }
        for shared in value.windows
    ]


def _sharing(rows: list[dict[str, Any]]) -> object:
    return Sharing(
        tuple(
            SharedWindow(
                recurrence(row["window"]), Profile(row["first"]), _duration(row["release_s"])
            )
            for row in rows
        )
    )


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


QuoteJson = AsJson(_plain_quote, _quote)
SharingJson = AsJson(_plain_sharing, _sharing)
