"""What a new connection takes while the line is full: TCP, TLS, one small request."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from urllib.parse import urlsplit

from visiohub.linkquality.responsiveness import NewConnection

EVERY_S = 0.5
"""Twenty in a measurement: a kilobyte and a half each."""
_GIVES_UP_S = 10.0
_PORTS = {"http": 80, "https": 443}


async def new_connections(url: str, found: list[NewConnection]) -> None:
    """Begins one each EVERY_S, however long those before it take, until cancelled; those that came
    back are in `found`, those that fail are left out."""
    async with asyncio.TaskGroup() as under_way:
        while True:
            under_way.create_task(_add(url, found))
            await asyncio.sleep(EVERY_S)


async def _add(url: str, found: list[NewConnection]) -> None:
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):  # ssl.SSLError is one
        async with asyncio.timeout(_GIVES_UP_S):
            found.append(await _one(url))


async def _one(url: str) -> NewConnection:
    """One GET over a connection of its own. OSError, IncompleteReadError: it did not work."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, port)
    try:
        tcp_ms, tls_ms = _since(began), None
        if parts.scheme == "https":
            began = time.perf_counter()
            await writer.start_tls(ssl.create_default_context(), server_hostname=host)
            tls_ms = _since(began)
        began = time.perf_counter()
        request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode("ascii"))
        status = await reader.readuntil(b"\r\n")
        if b" 200 " not in status:
            raise ConnectionError(status.decode("latin-1").strip())
        return NewConnection(tcp_ms, tls_ms, _since(began))
    finally:
        writer.close()


def _since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
