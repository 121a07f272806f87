"""What can be dialled."""

from __future__ import annotations

import re

_LETTERS = frozenset("0123456789+ .-()")
_LEAST_DIGITS = 4
_FULL = re.compile(r"0\d{9}|(?:\+|00)[1-9]\d{7,14}")
"""From France, or with the country's code (E.164)."""


def is_phone(text: str) -> bool:
    """Digits as people part them, at least four: short numbers such as 3230 are numbers too."""
    return set(text) <= _LETTERS and sum(c.isdigit() for c in text) >= _LEAST_DIGITS


def is_full_phone(text: str) -> bool:
    """A number that somebody can be reached at: no short number is a citizen's."""
    return _FULL.fullmatch(dialled(text)) is not None


def dialled(text: str) -> str:
    """Without what people part it with: 06 12.34 is 061234. The (0) of +33 (0)6 is not dialled."""
    return re.sub(r"[ .\-()]", "", re.sub(r"(?<=\d) ?\(0\)", "", text))
