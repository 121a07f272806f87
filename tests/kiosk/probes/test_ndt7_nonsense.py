"""The kiosk's NDT7 client before a hub, or a proxy, that answers nonsense."""

from __future__ import annotations

import math
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from kiosk.probes.ndt7 import Ndt7, Ndt7Error
from visiohub.linkquality.ndt7 import DOWNLOAD_PATH, SUBPROTOCOL, UPLOAD_PATH

PONGS = (math.nan, math.inf, -math.inf, -1e300, 1e300, 0.0)
TEXTS = ("", "no JSON", "[]", '{"AppInfo": {"NumBytes": -5, "ElapsedTime": 1}}', "[" * 9999)


@asynccontextmanager
async def babbling(octets: int) -> AsyncIterator[str]:
    """A server that sends so many, pongs that nobody asked for, and texts of no sense."""

    async def answer(request: web.Request) -> web.StreamResponse:
        wire = web.WebSocketResponse(protocols=(SUBPROTOCOL,))
        await wire.prepare(request)
        for stamp in PONGS * 2:
            await wire.pong(struct.pack("!d", stamp))
        for text in TEXTS:
            await wire.send_str(text)
        if octets:
            await wire.send_bytes(bytes(octets))
        await wire.close()
        return wire

    app = web.Application()
    app.add_routes([web.get(path, answer) for path in (DOWNLOAD_PATH, UPLOAD_PATH)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_pongs_and_texts_of_no_sense_are_no_figure() -> None:
    async with babbling(100_000) as origin:
        found = await Ndt7(origin, "ticket").download(5.0)
    assert found.seen.octets == 100_000
    assert found.responsiveness is None


async def test_without_a_count_of_the_hub_there_is_no_rate_upwards() -> None:
    async with babbling(0) as origin:
        with pytest.raises(Ndt7Error, match="before anything was counted"):
            await Ndt7(origin, "ticket").upload(5.0)
