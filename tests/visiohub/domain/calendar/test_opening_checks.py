"""What is refused before it is saved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from visiohub.domain.calendar import opening_checks as checks
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.model import OpeningRange

GOOD = (OpeningRange(0, time(9), time(12)), OpeningRange(0, time(12), time(0)))
DAY = date(2026, 12, 24)


def test_nothing_is_wrong() -> None:
    alsace = HolidayRule(Territory.ALSACE_MOSELLE, others=frozenset({"Vendredi saint"}))
    assert checks.problems(OpeningRules(weekly=GOOD, holidays=alsace), 2026) == []
    assert checks.problems(OpeningRules(), 2026) == []


def test_everything_is_wrong() -> None:
    instant = datetime(2026, 12, 1, tzinfo=UTC)
    rules = OpeningRules(
        weekly=(*GOOD, OpeningRange(0, time(11), time(13)), OpeningRange(1, time(9), time(8))),
        in_school_holidays=(OpeningRange(2, time(9), time(0)), OpeningRange(2, time(10), time(11))),
        holidays=HolidayRule(Territory.METROPOLE, others=frozenset({"Vendredi saint"})),
        exceptions=(
            ExceptionalDay(DAY, ((time(9), time(9)),), "veille de Noël"),
            ExceptionalDay(DAY, (), "veille de Noël"),
        ),
        closures=(Closure(instant, instant, "travaux"),),
    )
    found = checks.problems(rules, 2026)
    assert found == [
        checks.RangesOverlap(0, time(12), time(11)),
        checks.RangesOverlap(0, time(13), time(12)),
        checks.RangeBackwards(1, time(9), time(8)),
        checks.RangesOverlap(2, time(0), time(10)),
        checks.RangeBackwards(DAY, time(9), time(9)),
        checks.DayTwice(DAY),
        checks.ClosureBackwards("travaux"),
        checks.HolidayUnknown("Vendredi saint"),
    ]
    for cause in found:
        assert cause.says.format(**cause.params)
