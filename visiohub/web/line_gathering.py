"""Results of lines, kept in one transaction as they come from many kiosks at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from signaling.protocol.line_cards import Result
from visiohub.booking.lines.results import keep_results
from visiohub.bootstrap import Hub

log = structlog.get_logger(__name__)

GATHER_S = 0.2
"""Results that come within so long are kept in one transaction."""


@dataclass(frozen=True)
class _Told:
    """Results of one kiosk, and who waits for them to be kept."""

    kiosk_id: str
    results: Sequence[Result]
    kept: asyncio.Future[None]


class Gathering:
    """One a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: list[_Told] = []
        self._gathering: asyncio.Task[None] | None = None

    async def keep(self, kiosk_id: str, results: Sequence[Result]) -> None:
        """Keep them, with those that come from others at the same time. Raises what their keeping
        raised, and nothing of others'."""
        told = _Told(kiosk_id, results, asyncio.get_running_loop().create_future())
        self._waiting.append(told)
        if self._gathering is None:
            self._gathering = asyncio.create_task(self._gather())
        await told.kept

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_S)
        waiting, self._waiting, self._gathering = self._waiting, [], None
        if not await self._keep(waiting) and len(waiting) > 1:
            for one in waiting:
                await self._keep([one])

    async def _keep(self, told: Sequence[_Told]) -> bool:
        """In one transaction; what fails with others is no answer to anybody."""
        batches = [(one.kiosk_id, one.results) for one in told]
        try:
            await self._hub.run(keep_results, batches, self._hub.clock())
        except Exception as error:
            log.exception("line_results_failed", kiosks=len(told))
            if len(told) == 1 and not told[0].kept.done():
                told[0].kept.set_exception(error)
            return False
        for one in told:
            if not one.kept.done():
                one.kept.set_result(None)
        return True
