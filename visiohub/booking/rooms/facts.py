"""What the audit keeps of rules, accounts and prices: plain values that JSON holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo


def plain(entity: object, leave: Collection[str] = ()) -> dict[str, object]:
    """The fields of a dataclass but for those to `leave`; empty ones are left out inside."""
    if not is_dataclass(entity):
        raise TypeError(f"{entity!r} is no dataclass")
    return {f.name: _plain(getattr(entity, f.name)) for f in fields(entity) if f.name not in leave}


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case date() | time():
            return value.isoformat()
        case timedelta() | Decimal() | ZoneInfo():
            return str(value)
        case frozenset():
            return sorted(str(_plain(one)) for one in value)
        case tuple():
            return [_plain(one) for one in value]
        case _:
            held = plain(value)
            return {name: one for name, one in held.items() if one not in (None, [], "")}
