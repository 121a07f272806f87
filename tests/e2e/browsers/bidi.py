"""WebDriver BiDi (W3C) over one WebSocket: commands with their answers, events to a listener."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import aiohttp
from sockets import socket_in

ANSWER_WITHIN_S = 30.0


class BidiError(Exception):
    """The browser refused a command."""


class Bidi:
    """The connection to one browser."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        on_event: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._session, self._socket, self._on_event = session, socket, on_event
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, url: str, on_event: Callable[[str, dict[str, Any]], None], netns: str
    ) -> Bidi:
        """Open the WebSocket in a network namespace (empty: this one).

        Raises aiohttp.ClientError.
        """
        connector = aiohttp.TCPConnector(socket_factory=socket_in(netns))
        session = aiohttp.ClientSession(connector=connector)
        try:
            socket = await session.ws_connect(url, max_msg_size=0)
        except BaseException:
            await session.close()
            raise
        return cls(session, socket, on_event)

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Do it and wait for the result. Raises BidiError, TimeoutError."""
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._socket.send_json({"id": number, "method": method, "params": params})
            async with asyncio.timeout(ANSWER_WITHIN_S):
                message = await answer
        finally:
            del self._waiting[number]
        if message["type"] == "error":
            raise BidiError(f"{method}: {message['error']}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result

    async def close(self) -> None:
        """Close the WebSocket; the browser goes on."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()
        await self._session.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message = frame.json()
            if message["type"] == "event":
                self._on_event(message["method"], message["params"])
            elif (waiting := self._waiting.get(message["id"])) and not waiting.done():
                waiting.set_result(message)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(BidiError("the browser closed the connection"))
