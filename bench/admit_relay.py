"""The peer's page on loopback, and its wire to the hub.

A page always sends an `Origin`, and the hub refuses kiosks that do (PROTOCOL.md §2.1). So the
page's WebSocket ends here, and each of its frames goes on over one that has none. What this costs
is measured: the page's round trip to the hub less the relay's own.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.linelab.namespaces import Host
from bench.linelab.tun import inside

PAGES = Path(__file__).parent / "pages"
OWN_PINGS = 1_000_000
"""The relay's own pings carry numbers from here on; their pongs do not reach the page."""


class Relay:
    """One page's frames to the hub and back. Made by `relay`."""

    def __init__(self, hub: str, client: aiohttp.ClientSession) -> None:
        self._hub = hub.replace("http", "ws", 1) + "/signaling/v1/kiosk"
        self._client = client
        self._upstream: aiohttp.ClientWebSocketResponse | None = None
        self._pongs: dict[int, asyncio.Future[None]] = {}
        self.port = 0

    @property
    def page(self) -> str:
        """The address of the peer's page."""
        return f"http://127.0.0.1:{self.port}/peer.html"

    async def round_trip_ms(self, number: int) -> float:
        """From this process to the hub and back, by a signaling ping."""
        if self._upstream is None:
            raise RuntimeError("the peer's page is not connected")
        n = OWN_PINGS + number
        pong = self._pongs[n] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._upstream.send_str(json.dumps({"type": "ping", "n": n}))
        await asyncio.wait_for(pong, 5)
        return (time.perf_counter() - began) * 1000

    async def wire(self, request: web.Request) -> web.WebSocketResponse:
        """The page's WebSocket, until either side closes."""
        page = web.WebSocketResponse(compress=False)
        await page.prepare(request)
        async with self._client.ws_connect(self._hub, compress=0) as upstream:
            self._upstream = upstream
            back = asyncio.create_task(self._down(upstream, page))
            async for frame in page:
                await upstream.send_str(frame.data)
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
        return page

    async def _down(
        self, upstream: aiohttp.ClientWebSocketResponse, page: web.WebSocketResponse
    ) -> None:
        async for frame in upstream:
            if not self._is_own_pong(frame.data):
                await page.send_str(frame.data)
        await page.close()

    def _is_own_pong(self, text: str) -> bool:
        if not self._pongs or '"pong"' not in text:
            return False
        waiting = self._pongs.pop(json.loads(text)["n"], None)
        if waiting is not None:
            waiting.set_result(None)
        return waiting is not None


@asynccontextmanager
async def relay(hub: str, host: Host | None = None) -> AsyncIterator[Relay]:
    """Serve the page and its wire to the hub at this origin, on a free port of loopback.

    The loopback is that of `host`, and the wire begins there.
    """

    def made(address: tuple[Any, ...]) -> socket.socket:
        with inside(host.name) if host else nullcontext():
            ours = socket.socket(*address[:3])
        ours.setblocking(False)
        return ours

    connector = aiohttp.TCPConnector(socket_factory=made)
    async with aiohttp.ClientSession(connector=connector) as client:
        serving = Relay(hub, client)
        app = web.Application()
        app.router.add_get("/wire", serving.wire)
        app.router.add_static("/", PAGES)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            listening = made((socket.AF_INET, socket.SOCK_STREAM, 0))
            listening.bind(("127.0.0.1", 0))
            await web.SockSite(runner, listening).start()
            serving.port = listening.getsockname()[1]
            yield serving
        finally:
            await runner.cleanup()
