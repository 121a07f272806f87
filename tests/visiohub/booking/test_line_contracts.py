"""A line's former contracts: kept as they change, and each day is held against its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import territory
from visiohub.booking.forms import LineForm
from visiohub.booking.lines.contracts import contracts_of
from visiohub.booking.lines.reporting import line_month
from visiohub.booking.lines.terms import LineTermsForm, version_of, write_terms
from visiohub.domain.line import TrainResult, Way, Wrapping
from visiohub.domain.model import LineKind
from visiohub.domain.tariff.months import Month

pytestmark = on_both_databases
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Line:
    """The world's line, which is measured."""

    def __init__(self, world: World) -> None:
        self.world = world

        def known(uow: Any) -> tuple[str, int]:
            line = uow.lines.of_venue(world.venue.id)
            return line.id, uow.linkquality.states.of(line.id).number

        self.id, self.number = world.do(known)

    def edit(self, now: datetime, **facts: Any) -> None:
        """What an administrator types of the line."""

        def change(uow: Any) -> None:
            kept = uow.lines.get(self.id)
            values = {name: getattr(kept, name) for name in LineForm.model_fields} | facts
            territory.update(uow, self.id, LineForm(**values), kept.version, None, now)

        self.world.do(change)

    def agree(self, now: datetime, **facts: Any) -> None:
        """What is typed of its terms."""
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
    begin = NOW - 10 * DAY
    line.agree(begin - DAY, guaranteed_down_kbit_s=6000)
    line.trains(begin, 48, 5000.0)
    line.agree(begin + 2 * DAY, guaranteed_down_kbit_s=4000)
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
    line.agree(NOW + 20 * DAY, restoration_hours=8)
    found = line.contracts()
    assert [(one.since, one.until) for one in found] == [
        (None, NOW), (NOW, NOW + 20 * DAY), (NOW + 20 * DAY, None),
    ]  # fmt: skip
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
