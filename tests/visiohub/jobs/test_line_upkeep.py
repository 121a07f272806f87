from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import territory
from visiohub.booking.forms import LineForm
from visiohub.domain.line import Figures, ModemFigures, TrainResult, Way
from visiohub.domain.model import LineKind
from visiohub.jobs import line_upkeep
from visiohub.jobs.line_upkeep import forget_figures, roll_days
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases
DAY = timedelta(days=1)
EVER = (NOW - 1000 * DAY, NOW + 1000 * DAY)


@pytest.fixture
def numbers(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Three lines with a minute, a quarter of an hour, a train and a reading of yesterday; two
    are done at a time."""
    monkeypatch.setattr(line_upkeep, "LINES_AT_A_TIME", 2)
    monkeypatch.setattr(line_upkeep, "PAUSE_S", 0.0)
    at = NOW - DAY
    train = TrainResult(at, Way.UP, 700.0, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
    where = {"venue_id": world.elsewhere.id, "kind": LineKind.ADSL}

    def fill(uow: UnitOfWork) -> list[int]:
        series, found = uow.linkquality.series, []
        for up_kbit_s in (600, 800, 900):
            form = LineForm(**where, up_kbit_s=up_kbit_s, down_kbit_s=9000)
            line = territory.create(uow, form, world.admin, NOW)
            found.append(uow.linkquality.states.of(line.id).number)
        for resolution in (Resolution.MINUTES, Resolution.QUARTERS):
            figures = [(number, Figures(at, minutes=1, sent=20)) for number in found]
            series.add_figures(figures, resolution)
        series.add_trains([(number, train) for number in found])
        series.add_modem([(number, ModemFigures(at, "adsl", up_snr_db=9.5)) for number in found])
        return found

    made: list[int] = world.do(fill)
    return made


def kept(world: World, number: int) -> tuple[int, ...]:
    """How many minutes, quarters, days, trains, readings, and days of readings."""

    def count(uow: UnitOfWork) -> tuple[int, ...]:
        series = uow.linkquality.series
        figures = (len(series.figures(number, *EVER, resolution)) for resolution in Resolution)
        others = (series.trains, series.modem, series.modem_by_day)
        return (*figures, *(len(read(number, *EVER)) for read in others))

    found: tuple[int, ...] = world.see(count)
    return found


def test_days_are_put_together_of_all_lines(world: World, numbers: list[int]) -> None:
    assert roll_days(world.hub, lambda: False) == 3
    assert [kept(world, number) for number in numbers] == [(1, 1, 1, 1, 1, 1)] * 3


def test_each_kind_is_kept_for_its_time(world: World, numbers: list[int]) -> None:
    roll_days(world.hub, lambda: False)
    for days, left in (
        (29, (1, 1, 1, 1, 1, 1)),
        (31, (0, 1, 1, 1, 1, 1)),
        (398, (0, 1, 1, 1, 1, 1)),
        (400, (0, 0, 1, 0, 0, 1)),
        (1828, (0, 0, 1, 0, 0, 1)),
        (1830, (0, 0, 0, 0, 0, 0)),
    ):
        world.hub.clock = lambda days=days: NOW + days * DAY
        assert forget_figures(world.hub, lambda: False) == 3
        assert [kept(world, number) for number in numbers] == [left] * 3


def test_a_hub_that_stops_waits_for_a_few_lines_alone(world: World, numbers: list[int]) -> None:
    stopped = iter([False, True])
    assert roll_days(world.hub, lambda: next(stopped)) == 2
    days = [kept(world, number)[2] for number in numbers]
    assert days == [1, 1, 0]
