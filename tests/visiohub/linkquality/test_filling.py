"""What fills a line never waits for longer than it may, on a loop whose clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from virtual_loop import VirtualLoop

from visiohub.linkquality import filling
from visiohub.linkquality.filling import Filling


def lived(scene: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> float:
    """How many seconds it took."""
    loop = VirtualLoop()
    begun = loop.now
    try:
        loop.run_until_complete(scene(loop))
    finally:
        loop.close()
    return loop.now - begun


def test_a_line_that_takes_nothing_more_is_left_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def dies(loop: VirtualLoop) -> None:
        dead_from = loop.now + 4.0
        monkeypatch.setattr(filling, "_unsent", lambda _: 10**9 if loop.now >= dead_from else 0)
        fill, sizes = Filling(None, 10.0), 0
        while size := await fill.next():
            sizes += size
            await asyncio.sleep(0.01)
        assert fill.sent == sizes > 0
        assert await fill.next() == 0

    assert lived(dies) == pytest.approx(10.0, abs=0.001)


def test_what_waited_before_us_is_sent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drains(loop: VirtualLoop) -> None:
        begun = loop.now
        monkeypatch.setattr(
            filling, "_unsent", lambda _: round(100_000 - 50_000 * (loop.now - begun))
        )
        assert await Filling(None, 10.0).next() > 0

    assert lived(drains) == pytest.approx(2.0, abs=0.05)
