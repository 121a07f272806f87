"""Numbers that can be dialled, and those that reach a citizen."""

from __future__ import annotations

import pytest

from visiohub.domain.phone import is_full_phone, is_phone


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0465712005",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+376 312 345",
        "+262 692-12-34-56",
    ],
)
def test_a_whole_number_reaches_somebody(text: str) -> None:
    assert is_phone(text)
    assert is_full_phone(text)


@pytest.mark.parametrize(
    "text", ["0612", "3230", "06 12 34 56", "06 12 34 56 789", "612345678", "+33", "+1234567", "+0"]
)
def test_a_short_number_is_a_venues_alone(text: str) -> None:
    assert not is_full_phone(text)


def test_short_numbers_go_on_being_numbers() -> None:
    assert is_phone("3230")
    assert is_phone("36 46")
