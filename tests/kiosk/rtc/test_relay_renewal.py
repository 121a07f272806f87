"""Relayed calls of any length: nothing waits for a renewal, on a loop whose clock is the test's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest
from turn_in_time import PASSWORD, PEER, USER, RelayedLoop

from kiosk.rtc.attach.gathering import GatheringConnection, RelayedProtocol
from kiosk.rtc.ice import TurnServer

SEED = 20261123
PIECE_S = 0.1
"""Between two packets of sound."""


class Office(GatheringConnection):
    """Hears what comes by the relay."""

    def __init__(self) -> None:
        super().__init__(ice_controlling=False)
        self.came: list[tuple[float, bytes]] = []

    def data_received(self, data: bytes, _component: int) -> None:
        self.came.append((asyncio.get_running_loop().time(), data))


class RelayedCall:
    """Sound each way by a relay, each piece with its number."""

    def __init__(self, loop: RelayedLoop) -> None:
        self._loop = loop
        self._sent_at: list[float] = []
        self._office = Office()
        self.relay: RelayedProtocol

    async def begin(self) -> None:
        server = TurnServer("198.51.100.1", 3478, "udp", USER, PASSWORD)
        _candidate, self.relay = await self._office._allocate(1, server)
        await self.talk(
            until_s=self.passed_s + 1.0
        )  # binds the channel: what is said meanwhile has to wait
        await self.all_has_come()
        self._sent_at.clear()
        self._office.came.clear()
        self._loop.server.came.clear()

    @property
    def passed_s(self) -> float:
        return self._loop.time() - 1000.0

    async def talk(self, until_s: float) -> None:
        while self.passed_s < until_s:
            piece = b"\x80" + len(self._sent_at).to_bytes(4, "big")
            self._sent_at.append(self._loop.time())
            await self.relay.send_data(piece, PEER)
            self._loop.server.says(piece)
            await asyncio.sleep(PIECE_S)

    async def all_has_come(self) -> None:
        await asyncio.sleep(5.0)

    def ways(self) -> list[list[tuple[float, float]]]:
        """Both ways: when each piece that came had left, and how long it was under way."""
        found = []
        for came in (self._loop.server.came, self._office.came):
            left = [(self._sent_at[int.from_bytes(data[1:5], "big")], at) for at, data in came]
            found.append([(sent - 1000.0, at - sent) for sent, at in left])
        return found

    @property
    def spoken(self) -> int:
        return len(self._sent_at)


def lived(
    monkeypatch: pytest.MonkeyPatch,
    scene: Callable[[RelayedLoop, RelayedCall], Awaitable[None]],
    wall_s: Callable[[float], float] = lambda now: now,
) -> None:
    """`wall_s` is the wall clock by the loop's."""
    loop = RelayedLoop()
    monkeypatch.setattr("aioice.turn.time", SimpleNamespace(time=lambda: wall_s(loop.time())))

    async def played() -> None:
        call = RelayedCall(loop)
        await call.begin()
        await scene(loop, call)
        await call.relay.close()

    try:
        loop.run_until_complete(played())
    finally:
        loop.close()


@pytest.mark.parametrize("step_s", [0.0, -3600.0, 3600.0])
def test_half_an_hour_by_relay_no_piece_is_lost_or_late(
    monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    """Whatever the wall clock does: what waited for its renewal came a round trip late at once."""

    async def scene(loop: RelayedLoop, call: RelayedCall) -> None:
        await call.talk(until_s=1800.0)
        await call.all_has_come()
        for way in call.ways():
            assert len(way) == call.spoken
            assert max(took for _, took in way) == pytest.approx(loop.server.trip_s)
        gaps = [b - a for a, b in zip(loop.server.bound_at, loop.server.bound_at[1:], strict=False)]
        assert max(gaps) < 300, "the permission lasts no longer"
        assert len(gaps) < 20, "each may be asked for twice: its answer takes longer than 0.5 s"

    lived(monkeypatch, scene, lambda now: now + (step_s if now > 1100.0 else 0.0))


def test_a_line_that_loses_a_tenth_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED)

    async def scene(loop: RelayedLoop, call: RelayedCall) -> None:
        loop.server.passes = lambda: chance.random() > 0.1
        await call.talk(until_s=1800.0)
        await call.all_has_come()
        for way in call.ways():
            assert len(way) / call.spoken == pytest.approx(0.9, abs=0.02), SEED
            assert max(took for _, took in way) == pytest.approx(loop.server.trip_s), SEED
            assert max(sent for sent, _ in way) > 1799.0, SEED

    lived(monkeypatch, scene)


@pytest.mark.parametrize("trouble", ["cut", "refused"])
def test_a_renewal_that_fails_is_tried_again_soon(
    monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    async def scene(loop: RelayedLoop, call: RelayedCall) -> None:
        def troubled() -> bool:
            return 235.0 < call.passed_s < 255.0  # a renewal is due meanwhile

        if trouble == "cut":
            loop.server.passes = lambda: not troubled()
        while call.passed_s < 1000.0:
            loop.server.refuses = trouble == "refused" and troubled()
            await call.talk(until_s=call.passed_s + 1.0)
        await call.all_has_come()
        for way in call.ways():
            assert max(took for _, took in way) == pytest.approx(loop.server.trip_s)
            assert len([sent for sent, _ in way if sent > 256.0]) == pytest.approx(
                (1000.0 - 256.0) / PIECE_S, abs=5
            )

    lived(monkeypatch, scene)


def test_nothing_is_renewed_once_the_relay_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(loop: RelayedLoop, call: RelayedCall) -> None:
        await call.relay.close()
        bound = len(loop.server.bound_at)
        await asyncio.sleep(1000.0)
        assert len(loop.server.bound_at) == bound
        assert asyncio.all_tasks() == {asyncio.current_task()}

    lived(monkeypatch, scene)
