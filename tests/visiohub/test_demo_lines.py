"""The demo's lines stay alive while it runs: those that are heard go on, each by its story."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hub_world import NOW

from visiohub import demo_lines
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.looking import Standing, list_lines
from visiohub.bootstrap import Hub
from visiohub.demo import load_demo
from visiohub.domain.line import ModemFigures
from visiohub.storage.line_series import Resolution
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

MINUTE = timedelta(minutes=1)
STORIES = {
    "Aiguilles": Standing.OUT,
    "Rosans": Standing.BAD,
    "Chorges": Standing.FAIR,
    "L’Argentière-la-Bessée": Standing.NO_DATA,
    "Guillestre": Standing.GOOD,
}


@pytest.fixture
def demo(hub: Hub) -> Hub:
    load_demo(hub, reset=False, now=NOW)
    committed(hub.uow, lambda uow: demo_lines.load(uow, NOW), within_s=10)
    return hub


def standings(hub: Hub) -> dict[str, Standing]:
    with hub.reading() as uow:
        return {row.venue.town: row.standing for row in list_lines(uow) if row.state}


def test_a_demo_that_runs_for_hours_tells_the_same_stories(demo: Hub) -> None:
    assert standings(demo) == STORIES
    graders = Graders()
    now = NOW
    for _ in range(180):
        now += MINUTE
        committed(demo.uow, lambda uow, at=now: demo_lines.go_on(uow, at), within_s=10)
        committed(demo.uow, lambda uow, at=now: grade_lines(uow, at, graders), within_s=10)
        assert standings(demo) == STORIES, now
    with demo.reading() as uow:
        told = {row.venue.town: {a.rule for a in row.alerts} for row in list_lines(uow)}
    for story in demo_lines.STORIES:
        rules = {rule for rule, *_ in story.alerts}
        assert told[story.town] >= rules
        assert told[story.town] == rules or story.noisy_since, story.town


def test_what_was_missed_is_made_up_for_and_nothing_twice(demo: Hub) -> None:
    later = NOW + 90 * MINUTE
    first, _ = committed(demo.uow, lambda uow: demo_lines.go_on(uow, later), within_s=10)
    again, _ = committed(demo.uow, lambda uow: demo_lines.go_on(uow, later), within_s=10)
    assert (first, again) == (3 * 90, 0)
    with demo.reading() as uow:
        venue = uow.venues.list(town="Guillestre")[0]
        line = uow.lines.of_venue(venue.id)
        assert line is not None
        state = uow.linkquality.states.get(line.id)
        series = uow.linkquality.series
        minutes = series.figures(state.number, NOW, later, Resolution.MINUTES)
        quarters = series.figures(state.number, NOW, later, Resolution.QUARTERS)
        readings = series.modem(state.number, NOW - timedelta(hours=2), later)
    assert (state.heard_at, len(minutes), len(quarters)) == (later, 90, 6)
    assert sum(one.sent for one in quarters) == sum(one.sent for one in minutes)
    assert all(grows(*both) for both in pairwise(readings))


def test_a_venue_that_somebody_renamed_ends_nothing(demo: Hub) -> None:
    def rename(uow: UnitOfWork) -> None:
        uow.venues.list(town="Guillestre")[0].town = "Mont-Dauphin"

    later = NOW + 10 * MINUTE
    committed(demo.uow, rename, within_s=10)
    told, _ = committed(demo.uow, lambda uow: demo_lines.go_on(uow, later), within_s=10)
    assert told == 2 * 10


def grows(before: ModemFigures, after: ModemFigures) -> bool:
    """The modem's uptime goes on with the clock."""
    passed = (after.at - before.at).total_seconds()
    return (after.uptime_s or 0) - (before.uptime_s or 0) == pytest.approx(passed)
