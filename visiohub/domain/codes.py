"""Codes that people type, what QRs say, and how likely a guess is."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

ENROLMENT_LETTERS = "BCDFGHJKMNPQRTVWXY2346789"
"""Without vowels (no words by chance) and without 0, 1, 5, L, S and Z, which look like others."""
ENROLMENT_LENGTH = 8
QR_PREFIX = "VH1"


def window(starts_at: datetime, ends_at: datetime, early: timedelta) -> tuple[datetime, datetime]:
    """When a convocation opens: from a while before its appointment to its end, not included."""
    return starts_at - early, ends_at


def digits_of(typed: str) -> str:
    """What was typed, without the spaces, points and dashes that people put between."""
    return "".join(c for c in typed if c not in "  .-")


def spaced(code: str) -> str:
    """As it is printed: groups of four."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def enrolment_code_of(typed: str) -> str:
    """As it was issued: capitals, nothing between."""
    return digits_of(typed).upper()


def qr_text(appointment_id: str, token: str) -> str:
    """What the QR of a convocation says."""
    return f"{QR_PREFIX}.{appointment_id}.{token}"


def is_qr(text: str) -> bool:
    """Is this what a QR says, rather than what a person types?"""
    return text.strip().startswith(f"{QR_PREFIX}.")


def read_qr(text: str) -> tuple[str, str] | None:
    """Appointment id and token; None when it is no convocation of ours."""
    parts = text.strip().split(".")
    if len(parts) != 3 or parts[0] != QR_PREFIX or not all(parts):
        return None
    return parts[1], parts[2]


def live_codes(early: timedelta, shortest_slot: timedelta) -> int:
    """The most codes that can open one kiosk at one instant.

    Slots of one kiosk do not overlap, so those whose window [start - early, end) holds an
    instant start within `early + slot` of each other.
    """
    return math.ceil((early + shortest_slot) / shortest_slot)


def guess_probability(
    *, kiosks: int, wrong_codes_per_day: int, live_codes_per_kiosk: int, code_digits: int
) -> float:
    """Upper bound of the chance that any guess succeeds in a day, on all kiosks together.

    Union bound: every allowed wrong code of every kiosk is one draw against the most codes that
    can be live. A venue's kiosks share their live codes and their count of wrong codes alike, so
    the product over a venue is the same as kiosk by kiosk.
    """
    return kiosks * wrong_codes_per_day * live_codes_per_kiosk / float(10**code_digits)


def is_locked(wrong: int, *, before_lock: int, per_day: int, unlocked: bool) -> bool:
    """No more typed codes today? Reception's unlocking opens the rest of the day's budget."""
    return wrong >= (per_day if unlocked else before_lock)
