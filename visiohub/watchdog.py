"""Tell systemd that the hub is ready and alive (sd_notify(3)); silent when nobody listens."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send one state, such as READY=1; False when not run by systemd."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), address)
    return True


def ping_every_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """Half of the unit's WatchdogSec, in seconds (sd_watchdog_enabled(3)); None: no watchdog."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2e6 if microseconds.isdecimal() else None


async def keep_alive() -> None:
    """Ping for as long as the event loop turns; ends at once without a watchdog.

    Liveness: each turn is one timer of `ping_every_s`; a loop that hangs misses it, and systemd
    restarts the hub.
    """
    pause_s = ping_every_s()
    while pause_s is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(pause_s)
