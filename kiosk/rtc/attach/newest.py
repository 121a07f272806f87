"""A far track whose queue is bounded."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc.rtcrtpreceiver import RemoteStreamTrack


class NewestTrack(RemoteStreamTrack):
    """A slow reader loses old frames, not memory."""

    def __init__(self, kind: str, id: str | None = None) -> None:  # noqa: A002 - aiortc's signature
        super().__init__(kind, id)
        self._queue = _NewestQueue(1)


class _NewestQueue(asyncio.Queue[Any]):
    async def put(self, item: Any) -> None:
        while self.full():
            self.get_nowait()
        self.put_nowait(item)
