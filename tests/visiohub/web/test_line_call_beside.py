"""The kiosk that measures a line is told of a call of another kiosk on it."""

from __future__ import annotations

from typing import Any

import pytest
from fake_signaling import FakeSignaling
from hub_world import NOW, World

from signaling.protocol.messages import CallBeside
from visiohub.booking import arrivals, calls
from visiohub.booking.lines.probing import calls_beside
from visiohub.domain.codes import qr_text
from visiohub.web.line_desk import WATCH_S, LineDesk


@pytest.fixture
def line_id(world: World) -> str:
    found: str = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    return found


def arrive(world: World, kiosk_id: str) -> Any:
    booked = world.book("09:00", kiosk_id=kiosk_id)
    text = qr_text(booked.appointment_id, booked.token)
    return world.do(arrivals.present_code, kiosk_id, text, "fr", NOW)


def test_a_call_is_beside_once_it_is_on_the_line(world: World, line_id: str) -> None:
    measuring = {line_id: world.kiosk.id}
    ticket = arrive(world, world.beside.id)
    assert world.see(calls_beside, measuring) == frozenset()  # it waits
    world.do(calls.admit, world.agent.id, ticket.call_id, NOW)
    assert world.see(calls_beside, measuring) == {world.kiosk.id}
    assert world.see(calls_beside, {line_id: world.beside.id}) == frozenset()  # its own
    assert world.see(calls_beside, {}) == frozenset()


async def test_it_is_said_at_each_look_for_as_long_as_it_lasts(world: World) -> None:
    desk, signaling = LineDesk(world.hub), FakeSignaling(world.kiosk.id, world.beside.id)
    desk.serve("127.0.0.1", 0)
    assert await desk.probe_session(world.kiosk.id) is not None
    await desk.watch(signaling)  # type: ignore[arg-type]
    assert signaling.told == []
    ticket = arrive(world, world.beside.id)
    world.do(calls.admit, world.agent.id, ticket.call_id, NOW)
    for _ in range(2):
        await desk.watch(signaling)  # type: ignore[arg-type]
    await desk.close()
    assert [kiosk_id for kiosk_id, _ in signaling.told] == [world.kiosk.id] * 2
    for _, message in signaling.told:
        assert isinstance(message, CallBeside)
        assert message.holds_s > 2 * WATCH_S
