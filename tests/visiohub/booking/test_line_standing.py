"""How a line stands: the worse of its grade and of its alerts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import NOW, World

from signaling.protocol.line_cards import VoiceCard
from visiohub.booking.lines import checks
from visiohub.booking.lines.looking import LineRow, Standing, list_lines
from visiohub.domain.line import LineAlert, LineState
from visiohub.linkquality.grading import Grade, Level


@pytest.fixture
def row(world: World) -> LineRow:
    found: LineRow = world.see(list_lines)[0]
    return found


@pytest.mark.parametrize(
    ("grade", "levels", "standing"),
    [
        (Grade.GOOD, [], Standing.GOOD),
        (Grade.GOOD, [Level.WARNING], Standing.FAIR),
        (Grade.GOOD, [Level.WARNING, Level.ALARM], Standing.BAD),
        (Grade.BAD, [Level.WARNING], Standing.BAD),
        (Grade.FAIR, [Level.ALARM], Standing.BAD),
        (Grade.UNKNOWN, [], Standing.UNKNOWN),
        (Grade.UNKNOWN, [Level.WARNING], Standing.FAIR),
        (Grade.NO_DATA, [Level.WARNING], Standing.NO_DATA),
        (Grade.NO_DATA, [Level.ALARM], Standing.NO_DATA),
        (Grade.MAINTENANCE, [Level.ALARM], Standing.MAINTENANCE),
    ],
)
def test_a_line_stands_as_the_worse_of_its_grade_and_its_alerts(
    row: LineRow, grade: Grade, levels: list[Level], standing: Standing
) -> None:
    alerts = [LineAlert(str(level), row.line.id, "check", level, 0.0, NOW, NOW) for level in levels]
    state = LineState(row.line.id, 1, grade, heard_at=NOW)
    assert LineRow(row.line, row.venue, state, alerts).standing is standing
    out = LineState(row.line.id, 1, grade, out_since=NOW, heard_at=NOW)
    if grade is not Grade.MAINTENANCE:
        assert LineRow(row.line, row.venue, out, alerts).standing is Standing.OUT


def test_a_bad_look_before_an_appointment_puts_a_good_line_first(
    world: World, row: LineRow
) -> None:
    def good(uow: object) -> None:
        state = uow.linkquality.states.of(row.line.id)  # type: ignore[attr-defined]
        state.grade, state.heard_at = Grade.GOOD, NOW

    world.do(good)
    assert world.see(list_lines)[0].standing is Standing.GOOD
    world.book("09:15")
    (check,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), NOW)
    at = NOW + timedelta(seconds=30)
    bad = VoiceCard(at=at, check_id=check.id, sent=500, lost=200, r_up=20.0, r_down=60.0)
    assert world.do(checks.answer_check, check.line_id, bad, at)
    seen = world.see(list_lines)[0]
    assert (seen.standing, seen.since) == (Standing.BAD, at)
    assert seen.standing.needs_somebody
