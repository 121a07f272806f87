"""The hub's end: its own UDP server for probes and its own NDT7 server, without the pages."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time

from aiohttp import web

from bench.line_capacity.talk import Answer, Order, obey
from visiohub.linkquality.probe_server import ProbeServer
from visiohub.web import ndt7

ANY = "0.0.0.0"  # noqa: S104 - a namespace of its own
NDT7_PORT = 8080


async def main() -> None:
    """Until the bench is gone."""
    server = ProbeServer(ANY, 0)
    app = web.Application()
    ndt7.setup(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, ANY, NDT7_PORT).start()

    async def handle(order: Order) -> Answer:
        if order["do"] == "session":
            # a prober of its own for each session: the bench sends more trains than one may have
            granted = server.grant(secrets.token_urlsafe(8))
            key = base64.b64encode(granted.key).decode()
            return {"port": server.port, "session": granted.identifier, "key": key}
        token, kbit_s = secrets.token_urlsafe(24), order["kbit_s"]
        # a line of its own for each ticket: the bench measures more often than lines may be
        app[ndt7.TICKETS].give(token, token, kbit_s, kbit_s, time.monotonic())
        return {"token": token}

    try:
        await obey(handle)
    finally:
        await runner.cleanup()
        await server.close()


if __name__ == "__main__":
    asyncio.run(main())
