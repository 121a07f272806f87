"""What can be dialled."""

from __future__ import annotations

_LETTERS = frozenset("0123456789+ .-()")
_LEAST_DIGITS = 4


def is_phone(text: str) -> bool:
    """Digits as people part them, at least four: short numbers such as 3230 are numbers too."""
    return set(text) <= _LETTERS and sum(c.isdigit() for c in text) >= _LEAST_DIGITS
