"""The way to the hub's UDP end."""

from __future__ import annotations

import asyncio
import base64
import socket

import structlog

from kiosk.probes.wire import ProbeWire
from signaling.protocol.messages import ProbeSession
from visiohub.linkquality.sockets import preferred

log = structlog.get_logger(__name__)


async def open_wire(host: str, order: ProbeSession) -> ProbeWire | None:
    """For the session that the hub ordered; None: there is no way to its port, the log says why."""
    key = base64.urlsafe_b64decode(order.key + "=")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, order.port, type=socket.SOCK_DGRAM
        )
        address = preferred(found)[4]
        return ProbeWire((str(address[0]), int(address[1])), order.session, key)
    except OSError as error:
        log.warning("no way for probes", host=host, port=order.port, error=str(error))
        return None
