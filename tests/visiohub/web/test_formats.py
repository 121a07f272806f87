"""Dates, hours and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from visiohub.web import formats
from visiohub.web.i18n import speak


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


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (42, "42 s"), (60, "1 min"), (3900, "1 h 05")]
)
def test_less_than_a_minute_is_told_in_seconds(seconds: int, shown: str) -> None:
    speak("fr")
    assert formats.span(seconds) == shown.replace(" ", formats.NBSP)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("fr", ("Mardi 1er décembre", "mardi 1er décembre 2026", "mar. 1er déc."), "mer. 2 déc."),
        ("en", ("Tuesday, 1 December", "Tuesday, 1 December 2026", "Tue 1 Dec"), "Wed 2 Dec"),
    ],
)
def test_the_first_of_a_month_is_said_as_people_say_it(
    language: str, first: tuple[str, ...], second: str
) -> None:
    speak(language)
    day = date(2026, 12, 1)
    assert (formats.day(day), formats.long_day(day), formats.short_day(day)) == first
    assert formats.short_day(date(2026, 12, 2)) == second
    speak("fr")


@pytest.mark.parametrize(
    ("end", "day"),
    [((12, 12, 23), date(2026, 12, 12)), ((12, 12, 22), date(2026, 12, 12))],
)
def test_what_ends_at_midnight_ends_on_the_day_before(end: tuple[int, int, int], day: date) -> None:
    month, number, hour = end
    instant = datetime(2026, month, number, hour, tzinfo=UTC)
    assert formats.last_day(instant, "Europe/Paris") == day


def test_what_has_commas_of_its_own_is_told_apart_by_semicolons() -> None:
    rooms = ["Gap, Bureau visio 1", "Serres, Salle 2"]
    speak("en")
    assert formats.semicolon().join(rooms) == "Gap, Bureau visio 1; Serres, Salle 2"
    speak("fr")
    assert formats.semicolon().join(rooms) == "Gap, Bureau visio 1\u202f; Serres, Salle 2"


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        (datetime(2027, 3, 1, 17, tzinfo=UTC), "18 h"),
        (datetime(2027, 3, 1, 23, tzinfo=UTC), "0 h"),
        (datetime(2027, 3, 5, 17, tzinfo=UTC), "ven. 5 mars, 18 h"),
    ],
    ids=str,
)
def test_what_ends_on_another_day_says_which(end: datetime, shown: str) -> None:
    start = datetime(2027, 3, 1, 8, tzinfo=UTC)
    speak("fr")
    assert formats.until(end, start, "Europe/Paris").replace(formats.NBSP, " ") == shown
