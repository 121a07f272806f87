"""Who measures which line, what becomes of results and silences, looks before appointments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World

from signaling.protocol.line_cards import MinuteCard, VoiceCard
from signaling.protocol.messages import CheckLine, ProbeSession
from visiohub.booking.lines import checks
from visiohub.linkquality.grading import Level
from visiohub.web.line_desk import OUT_AFTER_S, LineDesk


class FakeSignaling:
    """Tells kiosks, and knows which are here."""

    def __init__(self, *present: str) -> None:
        self.present = set(present)
        self.told: list[tuple[str, Any]] = []

    def present_kiosks(self) -> set[str]:
        return self.present

    async def budgets_changed(self, budgets: Any) -> None:
        self.budgets = budgets

    def tell_kiosk(self, kiosk_id: str, message: Any) -> bool:
        self.told.append((kiosk_id, message))
        return True


@pytest.fixture
async def desk(world: World) -> AsyncIterator[LineDesk]:
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    yield desk
    await desk.close()


async def test_one_kiosk_of_a_venue_measures_the_line(world: World, desk: LineDesk) -> None:
    first = await desk.probe_session(world.kiosk.id)
    assert first is not None
    assert (first.octets_a_day_up, first.octets_a_day_down) == (7_000_000, 8_500_000)
    assert first.up_kbit_s == pytest.approx(900 * 1228 / (27 * 53), rel=0.01)
    assert await desk.probe_session(world.beside.id) is None
    assert await desk.probe_session(world.far.id) is None  # its venue has no line
    again = await desk.probe_session(world.kiosk.id)
    assert again is not None
    assert again.key != first.key


async def test_a_kiosk_that_is_here_takes_over_from_one_that_left(
    world: World, desk: LineDesk
) -> None:
    await desk.probe_session(world.kiosk.id)
    await desk.kiosk_left(world.kiosk.id, closed=True)
    signaling = FakeSignaling(world.beside.id, world.far.id)
    await desk.watch(signaling)  # type: ignore[arg-type]
    ((kiosk_id, message),) = signaling.told
    assert kiosk_id == world.beside.id
    assert isinstance(message, ProbeSession)
    assert world.see(lambda uow: uow.linkquality.alerts.standing()) == []


async def test_silence_is_an_outage_and_its_end_clears_it(
    world: World, desk: LineDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.probe_session(world.kiosk.id)
    assert desk.server is not None
    signaling = FakeSignaling(world.kiosk.id)

    async def silent_for(seconds: float) -> Any:
        monkeypatch.setattr(desk.server, "silent_s", lambda: {world.kiosk.id: seconds})
        await desk.watch(signaling)  # type: ignore[arg-type]
        return world.see(lambda uow: uow.linkquality.alerts.standing())

    assert await silent_for(OUT_AFTER_S - 1) == []
    (alert,) = await silent_for(OUT_AFTER_S + 1)
    assert (alert.rule, alert.level) == ("outage", Level.ALARM)
    assert len(await silent_for(OUT_AFTER_S + 6)) == 1
    assert await silent_for(1) == []
    (over,) = world.see(
        lambda uow: uow.linkquality.alerts.between(
            alert.line_id, NOW - timedelta(1), NOW + timedelta(1)
        )
    )
    assert over.cleared_at == NOW


async def test_results_of_several_kiosks_are_kept_together(world: World, desk: LineDesk) -> None:
    at = NOW - timedelta(minutes=5)
    card = MinuteCard(at=at, sent=20, lost=0)
    later = MinuteCard(at=at + timedelta(minutes=1), sent=20, lost=0)
    await asyncio.gather(
        desk.line_results(world.kiosk.id, [card]), desk.line_results(world.beside.id, [card, later])
    )
    state = world.see(lambda uow: uow.linkquality.states.of_active_lines())
    assert [one.heard_at for one in state] == [later.at]


async def test_the_line_is_looked_at_before_an_appointment_once_each_time(
    world: World, desk: LineDesk
) -> None:
    await desk.probe_session(world.kiosk.id)
    world.book("10:00", kiosk_id=world.beside.id)
    signaling = FakeSignaling(world.kiosk.id)
    for minute in range(62):
        world.hub.clock = lambda minute=minute: NOW + timedelta(minutes=minute)  # type: ignore[misc]
        await desk.check(signaling)  # type: ignore[arg-type]
        await desk.check(signaling)  # type: ignore[arg-type]
    assert [(kiosk, type(message)) for kiosk, message in signaling.told] == [
        (world.kiosk.id, CheckLine)
    ] * 2
    standing = world.see(lambda uow: uow.linkquality.alerts.standing())
    assert [alert.rule for alert in standing] == ["check"]  # nobody answered


@pytest.mark.parametrize(
    ("r_up", "r_down", "level"),
    [(88.0, 90.0, None), (88.0, 75.0, Level.WARNING), (40.0, 90.0, Level.ALARM)],
)
async def test_a_bad_answer_is_an_alert_at_once_and_a_good_one_clears_it(
    world: World, desk: LineDesk, r_up: float, r_down: float, level: Level | None
) -> None:
    await desk.probe_session(world.kiosk.id)
    world.book("09:15")
    world.book("09:45")

    async def look(minutes: int, up: float, down: float) -> list[Level]:
        now = NOW + timedelta(minutes=minutes)
        world.hub.clock = lambda: now
        (check,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), now)
        voice = VoiceCard(at=now, check_id=check.id, sent=500, lost=0, r_up=up, r_down=down)
        await desk.line_results(world.kiosk.id, [voice])
        await desk.line_results(world.kiosk.id, [voice])
        return [a.level for a in world.see(lambda uow: uow.linkquality.alerts.standing())]

    assert await look(0, r_up, r_down) == ([] if level is None else [level])
    assert await look(30, 90.0, 90.0) == []


async def test_a_port_that_is_taken_leaves_lines_unmeasured(world: World, desk: LineDesk) -> None:
    assert desk.server is not None
    other = LineDesk(world.hub)
    other.serve("127.0.0.1", desk.server.port)
    assert other.server is None
    assert await other.probe_session(world.kiosk.id) is None
    await other.close()
