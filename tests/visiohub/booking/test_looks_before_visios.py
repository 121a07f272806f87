"""When the line is looked at before a visio: at its minutes or late, once, beside who waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hub_world import NOW, World

from visiohub.booking import arrivals, calls
from visiohub.booking.lines import checks, ordered
from visiohub.domain.codes import qr_text

HALF_MINUTE = timedelta(seconds=30)
"""The hub looks after lines so often."""


def looks(world: World, away: Iterable[tuple[float, float]] = ()) -> list[tuple[float, int]]:
    """Before the visio of 09:30, which begins half an hour after NOW, (minutes before it, which
    look); `away` are minutes before it in which no kiosk measures."""
    made: list[tuple[float, int]] = []
    for n in range(60):
        before = 30 - n / 2
        here = not any(last <= before <= first for first, last in away)
        probers = frozenset({world.kiosk.id} if here else ())
        found = world.do(checks.due_checks, probers, NOW + n * HALF_MINUTE)
        made += [(before, check.minutes_before) for check in found]
    return made


@pytest.mark.parametrize(
    ("away", "made"),
    [
        ([], [(15, 15), (5, 5)]),
        ([(15.5, 13.8)], [(13.5, 15), (5, 5)]),
        ([(16, 7.5)], [(5, 5)]),  # the first would meet the second
        ([(5.5, 3)], [(15, 15), (2.5, 5)]),
        ([(16, 7.5), (5, 2.5)], []),  # no answer would come before the visio
    ],
)
def test_a_look_is_made_once_and_late_rather_than_never(
    world: World, away: list[tuple[float, float]], made: list[tuple[float, int]]
) -> None:
    world.book("09:30")
    assert looks(world, away) == made


def test_who_waits_for_another_visio_is_not_on_the_line(world: World) -> None:
    world.book("09:30")
    beside = world.book("09:00", kiosk_id=world.beside.id)
    code = qr_text(beside.appointment_id, beside.token)
    ticket = world.do(arrivals.present_code, world.beside.id, code, "fr", NOW)
    assert looks(world) == [(15, 15), (5, 5)]
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    form, probers = ordered.LineTestForm(due_at=NOW), frozenset({world.kiosk.id})
    world.do(ordered.order_test, line_id, form, world.admin, NOW)
    assert len(world.do(ordered.due_tests, probers, NOW)) == 1
    world.book("10:00")
    world.do(calls.admit, world.agent.id, ticket.call_id, NOW)
    world.do(ordered.order_test, line_id, form, world.admin, NOW)
    assert world.do(ordered.due_tests, probers, NOW) == []
    assert world.do(checks.due_checks, probers, NOW + 45 * timedelta(minutes=1)) == []
