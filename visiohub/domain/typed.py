"""Days and times as people and spreadsheet programs write them."""

from __future__ import annotations

import re
from datetime import date

_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{1,2})[\s./-]+([0-9]{1,2})[\s./-]+([0-9]{4}|[0-9]{2})")
_DIGITS_OF_DAY = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2})\s*[:.hH]\s*([0-9]{2})?")
_DIGITS_OF_TIME = re.compile(r"([0-9]{1,2}?)([0-9]{2})?")


def read_day(text: str) -> date | None:
    """21/11/2026, 21.11.26, 21112026 or ISO 8601 2026-11-21; None when it is no day."""
    text = text.strip()
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.fullmatch(text) or _DIGITS_OF_DAY.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> str | None:
    """HH:MM out of 8 h 30, 8h, 8:30, 8.30, 830 or 8; None when it is no time."""
    text = text.strip()
    found = _TIME.fullmatch(text) or _DIGITS_OF_TIME.fullmatch(text)
    if found is None or not found[1]:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
