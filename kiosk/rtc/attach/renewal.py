"""A relay's channels, renewed beside media and never in their way."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

import structlog

log = structlog.get_logger(__name__)

RENEW_AFTER_S = 240.0
"""A channel lasts 600 s, but the permission that is renewed with it 300 s (RFC 8656 §9, §12)."""
LOOK_EVERY_S = 5.0
"""And so soon a renewal that failed is tried again."""


class Renewal:
    """Renews the channels of one relay, one after the other, until its end.

    aioice does so as soon as something is sent after 500 s of the wall clock: then each packet,
    sound included, waits for an answer of its own and all leave at once, and where that clock was
    set back meanwhile the channel is gone first.
    """

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        """`transport` is aioice's, by the relay."""
        self._turn = cast("Any", transport)._TurnTransport__inner_protocol
        self._turn.channel_refresh_time = math.inf  # what is sent finds no channel due
        self._task = asyncio.create_task(self._renew())

    def end(self) -> None:
        """The relay is gone."""
        self._task.cancel()

    async def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        due: dict[int, float] = {}
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for channel, peer in list(self._turn.channel_to_peer.items()):
                if loop.time() < due.setdefault(channel, loop.time() + RENEW_AFTER_S):
                    continue
                try:
                    await self._turn.channel_bind(channel, peer)
                except Exception as error:  # noqa: BLE001 - whatever it breaks on, it is tried again
                    log.info("relay's channel not renewed", error=repr(error))
                else:
                    due[channel] = loop.time() + RENEW_AFTER_S
