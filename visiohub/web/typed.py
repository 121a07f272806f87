"""Days and times as people type them.

A browser's own date and time fields follow the browser's language, not the page's: a French page in
an American Chromium asks for mm/dd/yyyy and AM. So these are text fields with the order said beside
them. Digits alone are enough, for the keypads of telephones that have no slash and no colon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from visiohub.domain.typed import in_sight as in_sight
from visiohub.domain.typed import read_day as read_day
from visiohub.domain.typed import read_time as read_time


@dataclass(frozen=True)
class TypedDay:
    """A day out of a field, and what the field shows again: what was typed when that is wrong."""

    day: date
    text: str
    wrong: str = ""
    """What is wrong with what was typed, in the reader's language."""


def iso_day(text: str) -> str:
    """As forms want a day that was typed; what is no day is left to be refused by them."""
    day = read_day(text)
    return day.isoformat() if day else text
