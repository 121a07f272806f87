"""Run the hub: web application, jobs and watchdog on one event loop."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import suppress

import uvloop
from aiohttp import web

from visiohub.booking.presence import forget_presence
from visiohub.bootstrap import Hub
from visiohub.jobs.schedule import make_scheduler
from visiohub.logs import configure_logs
from visiohub.watchdog import keep_alive, notify
from visiohub.web.app import make_app

SHUTDOWN_S = 5.0
"""How long open requests may take to end."""


def run(hub: Hub) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the address cannot be bound."""
    configure_logs(as_json=hub.settings.log_json)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(hub))


async def _serve(hub: Hub) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await hub.run(forget_presence, hub.clock())
    runner = web.AppRunner(make_app(hub), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    scheduler = make_scheduler(hub)
    watchdog = asyncio.create_task(keep_alive())
    try:
        site = web.TCPSite(runner, hub.settings.host, hub.settings.port)
        await site.start()
        scheduler.start()
        leave_what_stays()
        notify("READY=1")
        print(_start_message(hub, runner), flush=True)
        await stop.wait()
        notify("STOPPING=1")
    finally:
        watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await watchdog
        if scheduler.running:
            scheduler.shutdown(wait=False)
        await runner.cleanup()


def leave_what_stays() -> None:
    """What is loaded by now stays until the end: a full collection need not look at it again, and
    no page waits for that (docs.python.org/3/library/gc.html, `freeze`)."""
    gc.collect()
    gc.freeze()


def _start_message(hub: Hub, runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return (
        f"visiohub listens on http://{host}:{port}\n"
        f"  for browsers at {', '.join(hub.settings.public_origins)}\n"
        f"  database {hub.engine.url.render_as_string(hide_password=True)}"
    )
