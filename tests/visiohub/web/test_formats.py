"""Dates, hours and numbers as people read them."""

from __future__ import annotations

import pytest

from visiohub.web import formats


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0492510102", "04 92 51 01 02"),
        ("04.92.51.01.02", "04 92 51 01 02"),
        ("04 92 51 01 02", "04 92 51 01 02"),
        ("3939", "3939"),
        ("+33 4 92 51 01 02", "+33 4 92 51 01 02"),
        ("1234 5678", "1234 5678"),
    ],
)
def test_numbers_are_in_pairs_and_on_one_line(typed: str, shown: str) -> None:
    assert formats.unbroken(typed) == shown.replace(" ", formats.NBSP)
