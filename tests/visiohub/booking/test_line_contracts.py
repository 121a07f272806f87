"""A line's former contracts: kept as they change, and each day is held against its own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import territory
from visiohub.booking.forms import LineForm
from visiohub.booking.lines.contracts import contracts_of
from visiohub.booking.lines.grades import OUTAGE
from visiohub.booking.lines.reporting import line_month
from visiohub.booking.lines.terms import LineTermsForm, in_force_from, version_of, write_terms
from visiohub.domain.line import Figures, LineAlert, TrainResult, Way, Wrapping
from visiohub.domain.model import LineKind
from visiohub.domain.tariff.months import Month
from visiohub.errors import InvalidForm
from visiohub.linkquality.grading import Level
from visiohub.storage.line_series import Resolution

pytestmark = on_both_databases
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = timedelta(hours=9)
"""Before NOW, in Paris."""


class Line:
    """The world's line, which is measured."""

    def __init__(self, world: World) -> None:
        self.world = world

        def known(uow: Any) -> tuple[str, int]:
            line = uow.lines.of_venue(world.venue.id)
            return line.id, uow.linkquality.states.of(line.id).number

        self.id, self.number = world.do(known)
        self.measured(NOW - 40 * DAY)

    def edit(self, now: datetime, **facts: Any) -> None:
        """What an administrator types of the line."""

        def change(uow: Any) -> None:
            kept = uow.lines.get(self.id)
            values = {name: getattr(kept, name) for name in LineForm.model_fields} | facts
            territory.update(uow, self.id, LineForm(**values), kept.version, None, now)

        self.world.do(change)

    def measured(self, at: datetime) -> None:
        """For an hour, from then on."""
        rows = [(self.number, Figures(at + n * QUARTER, minutes=15)) for n in range(4)]
        self.world.do(lambda uow: uow.linkquality.series.put_figures(rows, Resolution.QUARTERS))

    def out(self, begin: datetime, end: datetime) -> None:
        alert = LineAlert(f"out {begin}", self.id, OUTAGE, Level.ALARM, 0.0, begin, end, end)
        self.world.do(lambda uow: uow.linkquality.alerts.add(alert))

    @property
    def since(self) -> date | None:
        """What the form shows."""
        day: date | None = self.world.see(lambda uow: in_force_from(uow, uow.lines.get(self.id)))
        return day

    def agree(self, now: datetime, **facts: Any) -> None:
        """What is typed of its terms; the day stays unless it is typed."""
        facts = {"in_force_from": self.since} | facts
        form = LineTermsForm(wrapping=Wrapping.NONE, **facts)
        version = self.world.see(version_of, self.id)
        self.world.do(write_terms, self.id, form, version, self.world.admin, now)

    def trains(self, begin: datetime, count: int, kbit_s: float) -> None:
        """Down the line, one an hour."""
        rows = [
            TrainResult(
                begin + n * HOUR, Way.DOWN, kbit_s, None, 0.01, 0, 40, 1228, 40, 0, in_call=False
            )
            for n in range(count)
        ]
        self.world.do(
            lambda uow: uow.linkquality.series.add_trains([(self.number, row) for row in rows])
        )

    def contracts(self) -> list[Any]:
        return list(self.world.see(lambda uow: contracts_of(uow, uow.lines.get(self.id))))


@pytest.fixture
def line(world: World) -> Line:
    return Line(world)


def test_each_day_of_a_month_is_held_against_its_own_guarantee(line: Line) -> None:
    begin = NOW - MIDNIGHT - 10 * DAY
    line.agree(begin - DAY, guaranteed_down_kbit_s=6000)
    line.trains(begin, 48, 5000.0)
    line.agree(NOW, guaranteed_down_kbit_s=4000, in_force_from=(NOW - 8 * DAY).date())
    line.trains(begin + 2 * DAY, 48, 5000.0)
    made = line.world.see(line_month, line.id, Month.of(NOW.date()), NOW)
    before, after = (part.report.down for part in made.parts)
    assert (before.guaranteed_kbit_s, before.trains, before.kept) == (6000, 48, 0.0)
    assert (after.guaranteed_kbit_s, after.trains, after.kept) == (4000, 48, 1.0)
    assert len(before.days_below) >= 2
    assert made.since is None


def test_what_was_in_force_is_known_from_when_to_when(line: Line) -> None:
    line.edit(NOW, kind=LineKind.SDSL, up_kbit_s=2000, down_kbit_s=2000)
    line.agree(NOW + 10 * DAY, restoration_hours=4)  # written for the first time: it was so before
    line.agree(NOW + 20 * DAY, restoration_hours=8, in_force_from=(NOW + 20 * DAY).date())
    found = line.contracts()
    begun = NOW - MIDNIGHT + 20 * DAY
    assert [(one.since, one.until) for one in found] == [(None, NOW), (NOW, begun), (begun, None)]
    assert [one.kind for one in found] == [LineKind.ADSL, LineKind.SDSL, LineKind.SDSL]
    assert [(one.up_kbit_s, one.restoration_hours) for one in found] == [
        (900, None), (2000, 4), (2000, 8),
    ]  # fmt: skip
    # nobody had written how it wraps: as ADSL does
    assert [one.wrapping for one in found[:2]] == [Wrapping.PPPOE_LLC, Wrapping.NONE]


def test_what_is_changed_again_within_a_day_is_one_change(line: Line) -> None:
    line.agree(NOW - 30 * DAY, guaranteed_down_kbit_s=6000)
    line.edit(NOW, down_kbit_s=20_000, operator="Un autre")
    line.agree(NOW + HOUR, guaranteed_down_kbit_s=15_000)
    line.edit(NOW + 2 * HOUR, down_kbit_s=18_000)
    former, present = line.contracts()
    assert (former.until, former.down_kbit_s, former.guaranteed_down_kbit_s) == (NOW, 9000, 6000)
    assert (present.since, present.down_kbit_s, present.guaranteed_down_kbit_s) == (
        NOW, 18_000, 15_000,
    )  # fmt: skip


def test_on_the_day_that_it_shows_a_contract_is_put_right_later_days_begin_another(
    line: Line,
) -> None:
    line.agree(NOW, restoration_hours=40)
    line.agree(NOW + 30 * DAY, restoration_hours=4)  # it was a slip all the time
    assert [(one.since, one.restoration_hours) for one in line.contracts()] == [(None, 4)]
    day = (NOW + 20 * DAY).date()
    line.agree(NOW + 30 * DAY, restoration_hours=88, in_force_from=day)
    line.agree(NOW + 60 * DAY, restoration_hours=8)
    begun = NOW - MIDNIGHT + 20 * DAY
    assert [(one.since, one.until, one.restoration_hours) for one in line.contracts()] == [
        (None, begun, 4), (begun, None, 8),
    ]  # fmt: skip


def test_a_begin_that_was_typed_wrong_moves_both_ways(line: Line) -> None:
    line.agree(NOW, restoration_hours=4)
    line.agree(NOW, restoration_hours=8, in_force_from=(NOW - 5 * DAY).date())
    for days in (9, 2):
        line.agree(NOW, restoration_hours=8, in_force_from=(NOW - days * DAY).date())
        begun = NOW - MIDNIGHT - days * DAY
        assert [(one.until, one.restoration_hours) for one in line.contracts()] == [
            (begun, 4), (None, 8),
        ]  # fmt: skip
        assert line.since == (NOW - days * DAY).date()


@pytest.mark.parametrize("since", [None, (NOW - 300 * DAY).date()])
def test_a_rate_that_was_typed_wrong_for_months_leaves_no_contract(
    line: Line, since: date | None
) -> None:
    """Typed in the line's own form, and put right there; then its first day is said."""
    line.edit(NOW, down_kbit_s=90_000)
    line.edit(NOW + 10 * DAY, down_kbit_s=9000)
    assert len(line.contracts()) == 3
    line.agree(NOW + 10 * DAY, in_force_from=since)
    (only,) = line.contracts()
    assert (only.since, only.until, only.down_kbit_s, line.since) == (None, None, 9000, None)


def test_of_two_that_follow_each_other_the_wrong_one_is_replaced(line: Line) -> None:
    line.edit(NOW, operator="Un autre", down_kbit_s=2000)
    line.edit(NOW + 10 * DAY, down_kbit_s=20_000)
    line.agree(NOW + 10 * DAY, in_force_from=NOW.date())
    former, present = line.contracts()
    assert (former.until, former.down_kbit_s) == (NOW - MIDNIGHT, 9000)
    assert (present.since, present.down_kbit_s) == (NOW - MIDNIGHT, 20_000)
    known = line.world.see(lambda uow: uow.linkquality.states.get(line.id).known_since)
    assert known == NOW - MIDNIGHT


def test_a_line_that_is_new_has_no_contract_but_its_own(line: Line) -> None:
    """Measured since two hours, when the slip of the day is seen."""
    line.world.do(lambda uow: uow.linkquality.series.forget(NOW, Resolution.QUARTERS, [1]))
    line.measured(NOW)
    line.edit(NOW + 2 * HOUR, down_kbit_s=20_000)
    (only,) = line.contracts()
    assert (only.since, only.down_kbit_s) == (None, 20_000)


def test_a_rate_typed_after_the_day_of_its_contract_is_another_lines(line: Line) -> None:
    """The terms in the morning, the rates in the afternoon: one contract, known by what comes."""
    line.agree(NOW, restoration_hours=4)
    line.agree(NOW, restoration_hours=8, in_force_from=NOW.date())
    line.edit(NOW + 5 * HOUR, down_kbit_s=2000)
    former, present = line.contracts()
    assert (former.until, former.down_kbit_s) == (NOW - MIDNIGHT, 9000)
    assert (present.since, present.down_kbit_s) == (NOW - MIDNIGHT, 2000)
    known = line.world.see(lambda uow: uow.linkquality.states.get(line.id).known_since)
    assert known == NOW + 5 * HOUR


def test_no_contract_begins_in_days_to_come(line: Line) -> None:
    with pytest.raises(InvalidForm) as caught:
        line.agree(NOW, restoration_hours=4, in_force_from=(NOW + DAY).date())
    assert [one.field for one in caught.value.errors] == ["in_force_from"]
    assert [one.restoration_hours for one in line.contracts()] == [None]


def test_an_outage_over_the_change_counts_whole_by_what_was_promised_first(line: Line) -> None:
    change = NOW - MIDNIGHT - 5 * DAY
    line.agree(NOW - 20 * DAY, restoration_hours=4)
    line.agree(NOW, restoration_hours=10, in_force_from=(NOW - 5 * DAY).date())
    line.out(change - 2 * HOUR, change + 3 * HOUR)
    line.out(change + 10 * HOUR, change + 15 * HOUR)
    made = line.world.see(line_month, line.id, Month.of(NOW.date()), NOW)
    before, after = (part.report for part in made.parts)
    assert [(one.lasted, one.too_long) for one in before.outages] == [(5 * HOUR, True)]
    assert [(one.lasted, one.too_long) for one in after.outages] == [
        (5 * HOUR, True), (5 * HOUR, False),
    ]  # fmt: skip
    assert (before.out, after.out) == (2 * HOUR, 8 * HOUR)


def test_what_is_no_matter_of_the_operator_makes_no_contract(line: Line) -> None:
    line.agree(NOW, guaranteed_down_kbit_s=6000)
    line.agree(NOW + 5 * DAY, guaranteed_down_kbit_s=6000, reserved_up_kbit_s=64)
    line.edit(NOW + 9 * DAY)
    assert len(line.contracts()) == 1


def test_a_line_that_was_never_measured_has_no_former_contract(world: World) -> None:
    def change(uow: Any) -> int:
        kept = uow.lines.of_venue(world.venue.id)
        values = {name: getattr(kept, name) for name in LineForm.model_fields}
        form = LineForm(**values | {"down_kbit_s": 20_000})
        territory.update(uow, kept.id, form, kept.version, None, NOW)
        return len(contracts_of(uow, kept))

    assert world.do(change) == 1


def test_open_pages_of_lines_hear_of_another_contract(line: Line) -> None:
    line.edit(NOW, down_kbit_s=20_000)
    assert "lines" in line.world.topics
    line.agree(NOW + DAY, restoration_hours=4)
    assert "lines" in line.world.topics
