"""Texts, days and times as people and spreadsheet programs write them."""

from __future__ import annotations

import re
from datetime import date
from unicodedata import category

_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{1,2})[\s./-]+([0-9]{1,2})[\s./-]+([0-9]{4}|[0-9]{2})")
_DIGITS_OF_DAY = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2})\s*[:.hH]\s*([0-9]{2})?")
_DIGITS_OF_TIME = re.compile(r"([0-9]{1,2}?)([0-9]{2})?")


_JOINERS = "\u200c\u200d"
"""Zero width non-joiner and joiner."""
_SIGNS_IN_SIGHT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
"""Arabic and Syriac signs that stand over or under digits: seen, whatever their category."""


def in_sight(text: str) -> str:
    """The text without what cannot be seen (Unicode category Cf, and NUL, which databases do not
    keep): two that look the same are.

    Joiners stay between letters of the scripts that are written with them, from Arabic to the
    Indic ones (Unicode Standard, sections 9.2 and 12.1), and within a picture made of several.
    """
    text = text.replace("\x00", "")
    if text.isascii():
        return text
    return "".join(
        c
        for at, c in enumerate(text)
        if category(c) != "Cf" or c in _SIGNS_IN_SIGHT or (c in _JOINERS and _joins(text, at))
    )


def _joins(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    if len(around) < 2:
        return False
    letters = all("\u0600" <= c < "\u1d00" and category(c)[0] in "LM" for c in around)
    pictures = category(around[1]) == "So" and category(around[0]) in {"So", "Sk", "Mn"}
    return letters or pictures


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
