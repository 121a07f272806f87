"""A hub that begins anew says which lines died meanwhile, and which are measured by nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fake_signaling import FakeSignaling
from hub_world import NOW, World

from signaling.protocol.line_cards import MinuteCard
from visiohub.booking.lines.results import keep_results
from visiohub.booking.lines.unheard import note_silences
from visiohub.domain.hours import opening_spans, zone_of
from visiohub.linkquality.awaited import AWAIT_S
from visiohub.linkquality.grading import Grade, Level
from visiohub.web import line_desk
from visiohub.web.line_desk import LineDesk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def heard(world: World, at: Any) -> None:
    told = [(world.kiosk.id, [MinuteCard(at=at, sent=20, lost=0)])]
    world.do(keep_results, told, at + MINUTE)


def standing(world: World) -> dict[str, Level]:
    found = world.see(lambda uow: uow.linkquality.alerts.standing())
    return {alert.rule: alert.level for alert in found}


async def begun_anew(world: World, monkeypatch: pytest.MonkeyPatch, later_s: float) -> LineDesk:
    """A hub that was down and watches for so many seconds; no kiosk is there."""
    desk, began = LineDesk(world.hub), line_desk.time.monotonic()
    desk.serve("127.0.0.1", 0)
    try:
        await desk.watch(FakeSignaling())  # type: ignore[arg-type]
        monkeypatch.setattr(line_desk.time, "monotonic", lambda: began + later_s)
        await desk.watch(FakeSignaling())  # type: ignore[arg-type]
    finally:
        await desk.close()
    return desk


async def measured(world: World, *, goodbye: bool = False) -> None:
    """By a hub that is gone now."""
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    assert await desk.probe_session(world.kiosk.id)
    if goodbye:
        await desk.kiosk_left(world.kiosk.id, closed=True)
    await desk.close()
    heard(world, NOW - 2 * MINUTE)


async def test_a_line_that_died_while_the_hub_was_down_is_an_outage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await measured(world)
    await begun_anew(world, monkeypatch, AWAIT_S - 1)
    assert standing(world) == {}
    monkeypatch.undo()
    await begun_anew(world, monkeypatch, AWAIT_S + 5)
    assert standing(world) == {"outage": Level.ALARM}
    monkeypatch.undo()
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    assert await desk.probe_session(world.beside.id)  # another kiosk of the venue does
    await desk.watch(FakeSignaling(world.beside.id))  # type: ignore[arg-type]
    await desk.close()
    assert standing(world) == {}


async def test_a_kiosk_that_said_goodbye_is_not_awaited(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await measured(world, goodbye=True)
    await begun_anew(world, monkeypatch, AWAIT_S + 5)
    assert standing(world) == {}


async def test_after_a_day_nobody_says_what_became_of_a_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await measured(world)
    world.hub.clock = lambda: NOW + timedelta(days=2)  # type: ignore[misc]
    await begun_anew(world, monkeypatch, AWAIT_S + 5)
    assert standing(world) == {}


def test_an_hour_of_opening_time_without_a_figure_is_told(world: World) -> None:
    """The venue opens at nine; nights do not count."""
    heard(world, NOW - 20 * HOUR)
    venue = world.see(lambda uow: uow.venues.get(world.venue.id))
    ((first, _), *_) = opening_spans(venue.opening, NOW.date(), zone_of(venue.time_zone))
    for minutes, rules in ((-30, {}), (45, {}), (61, {"no_data": Level.WARNING})):
        world.do(note_silences, first + minutes * MINUTE)
        assert standing(world) == rules, minutes
    heard(world, first + 62 * MINUTE)
    world.do(note_silences, first + 64 * MINUTE)
    assert standing(world) == {}


@pytest.mark.parametrize("why", ["out", "works"])
def test_an_outage_and_works_have_their_own_words(world: World, why: str) -> None:
    heard(world, NOW - 8 * HOUR)
    line = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    later = NOW + 8 * HOUR

    def so(uow: Any) -> None:
        state = uow.linkquality.states.of(line)
        state.out_since = NOW if why == "out" else None
        state.grade = Grade.BAD if why == "out" else Grade.MAINTENANCE

    world.do(so)
    assert world.do(note_silences, later) == 0
    assert standing(world) == {}
