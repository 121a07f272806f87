"""Whose sessions of probes are over, and when kiosks are told the time."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from fake_signaling import FakeSignaling
from hub_world import NOW, World

from kiosk.hub_duty import HubDuty
from kiosk.settings import Settings
from signaling.protocol.line_cards import MinuteCard
from signaling.protocol.messages import HubTime, ProbeSession
from visiohub.booking import enrolment
from visiohub.booking.lines.results import Kept, keep_results
from visiohub.linkquality.clocks import TimeTeller
from visiohub.linkquality.silence import OUT_AFTER_S
from visiohub.web import line_sessions
from visiohub.web.line_desk import LineDesk

HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[LineDesk]:
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    yield desk
    await desk.close()


def test_the_time_is_told_when_the_clock_is_set_and_each_hour() -> None:
    teller = TimeTeller(1_000_000.0, 50.0)
    assert not teller.is_due(1_000_100.3, 150.0)
    assert teller.is_due(1_003_605.0, 155.0), "an hour ahead"
    assert not teller.is_due(1_003_610.0, 160.0)
    assert teller.is_due(1_000_015.0, 165.0), "and back"
    assert not teller.is_due(1_000_015.0 + 3_599, 165.0 + 3_599)
    assert teller.is_due(1_000_015.0 + 3_600, 165.0 + 3_600)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_results_go_on_when_the_hub_s_clock_is_set_by_an_hour(
    world: World, desk: LineDesk, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """The kiosk stays connected; without a word it would tell of minutes that lie ahead for ever,
    or an hour behind, where nothing is graded."""
    began, hub_ahead = time.monotonic(), timedelta()

    def now() -> datetime:
        return NOW + hub_ahead + timedelta(seconds=time.monotonic() - began)

    monkeypatch.setattr(world.hub, "clock", now)
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    kiosk = HubDuty(Settings(), "test", lambda: False, lambda: False)
    signaling = FakeSignaling(world.kiosk.id)
    kiosk.take(HubTime(now=now()))

    def told() -> datetime:
        return kiosk._clock.at(time.monotonic())

    try:
        await desk.watch(signaling)  # type: ignore[arg-type]
        assert signaling.times == []
        hub_ahead = jump
        assert abs(told() - now()) > timedelta(minutes=59)
        await desk.watch(signaling)  # type: ignore[arg-type]
        ((kiosk_id, at),) = signaling.times
        assert kiosk_id == world.kiosk.id
        assert kiosk.take(HubTime(now=at))
        assert abs(told() - now()) < timedelta(seconds=30)
        minute = MinuteCard(at=told(), sent=20, lost=0)
        assert world.do(keep_results, [(world.kiosk.id, [minute])], now()) == Kept(kept=1)
    finally:
        await desk.close()


@pytest.fixture
async def session(world: World, desk: LineDesk) -> ProbeSession:
    """Of the kiosk itself, day and night."""
    granted = await desk.probe_session(world.kiosk.id)
    assert granted is not None
    return granted


async def of_hand(world: World, desk: LineDesk) -> int:
    """The session of one more, for a technician at its PC."""
    granted = await desk.console_session(world.kiosk.id)
    assert granted is not None
    return granted.session


def known(desk: LineDesk, session: int) -> bool:
    assert desk.server is not None
    return desk.server.sessions.of(session) is not None


async def test_a_withdrawn_key_ends_the_kiosk_s_sessions_and_is_no_outage(
    world: World, desk: LineDesk, session: ProbeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = await of_hand(world, desk)
    monkeypatch.setattr(desk.server, "silent_s", lambda: {world.kiosk.id: OUT_AFTER_S + 1})
    world.do(enrolment.revoke_kiosk, world.kiosk.id, world.admin, NOW)
    await desk.kiosk_left(world.kiosk.id, closed=False)
    for _ in range(3):
        await desk.watch(FakeSignaling())  # type: ignore[arg-type]
    assert not known(desk, session.session)
    assert not known(desk, by_hand)
    assert world.see(lambda uow: uow.linkquality.alerts.standing()) == []


async def test_a_session_by_hand_ends_by_itself_and_leaves_the_other(
    world: World, desk: LineDesk, session: ProbeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = await of_hand(world, desk)
    signaling = FakeSignaling(world.kiosk.id)
    await desk.watch(signaling)  # type: ignore[arg-type]
    assert known(desk, by_hand)
    monkeypatch.setattr(line_sessions, "BY_HAND_S", -1.0)
    by_hand = await of_hand(world, desk)
    await desk.watch(signaling)  # type: ignore[arg-type]
    assert not known(desk, by_hand)
    assert known(desk, session.session)
