"""What the forms of permanences and series say is a rule, and back; nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from visiohub.domain.calendar.rule import parse_rule
from visiohub.web.permanence_turns import AS_KEPT, TURNS, first_on, monthly, rule_of, turn_of


@pytest.mark.parametrize("turn", TURNS)
def test_every_choice_comes_back_as_it_was_made(turn: str) -> None:
    assert turn_of(parse_rule(rule_of(turn, [1, 3]))) == turn


def test_the_first_tuesday_of_the_month() -> None:
    assert rule_of("month 1", [1]) == "FREQ=MONTHLY;BYDAY=1TU"
    assert first_on("month 1", [1], date(2026, 11, 22)) == date(2026, 12, 1)
    assert first_on("month -1", [1], date(2026, 11, 22)) == date(2026, 11, 24)
    assert first_on("month 2 4", [1, 4], date(2026, 11, 22)) == date(2026, 11, 24)
    assert first_on("1", [2], date(2026, 11, 22)) == date(2026, 11, 25)
    assert first_on("2", [2], date(2026, 11, 22)) == date(2026, 11, 22)
    assert rule_of("month 1", []) == ""


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO;COUNT=4",
        "FREQ=MONTHLY;BYMONTHDAY=5",
        "FREQ=MONTHLY;BYDAY=1TU,3TH",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU",
        "FREQ=MONTHLY;BYDAY=TU",
    ],
)
def test_a_rule_that_the_form_cannot_say_stays(rule: str) -> None:
    assert turn_of(parse_rule(rule)) == AS_KEPT


@pytest.mark.parametrize(
    ("day", "month", "last"),
    [
        (date(2026, 11, 10), "FREQ=MONTHLY;BYDAY=2TU", None),
        (date(2026, 11, 24), "FREQ=MONTHLY;BYDAY=4TU", "FREQ=MONTHLY;BYDAY=-1TU"),
        (date(2026, 12, 29), None, "FREQ=MONTHLY;BYDAY=-1TU"),
        (None, None, None),
    ],
)
def test_a_series_each_month_on_the_weekday_of_its_first_day(
    day: date | None, month: str | None, last: str | None
) -> None:
    assert (monthly("month", day), monthly("month last", day)) == (month, last)
