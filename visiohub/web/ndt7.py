"""The hub's NDT7 server: M-Lab's own clients can use it, strangers cannot.

Whoever measures shows a ticket (`access_token` in the address, as M-Lab's servers want theirs).
A technician gets one for a line, a kiosk for its own line by its key. The limits are in
visiohub/linkquality/tickets.py.

Liveness guarantee: a measurement ends by its ticket's octets or after `LIMIT_S`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiohttp import WSMsgType, web

from visiohub.linkquality.filling import Filling
from visiohub.linkquality.ndt7 import (
    ACCEPTED_MESSAGE,
    DOWNLOAD_PATH,
    LIMIT_S,
    MOST_MESSAGE,
    SECONDS,
    SMALL_PATH,
    SUBPROTOCOL,
    TELL_EVERY_S,
    UPLOAD_PATH,
    Seen,
    told,
)
from visiohub.linkquality.tickets import Ticket, TicketRefused, Tickets

TICKETS = web.AppKey("ndt7_tickets", Tickets)
FILLING = bytes(MOST_MESSAGE)
"""Zeros: NDT7 goes over TLS or is not compressed, and no line of copper compresses."""
_CLOSING_S = 1.0
"""What still comes meanwhile is thrown away."""
_OTHER_ENDS_S = LIMIT_S - SECONDS + _CLOSING_S
"""A client is done with one direction before the hub is: on a thin line much is still under way."""
_DATA = {WSMsgType.BINARY, WSMsgType.TEXT}
_TCP_INFO = struct.Struct("=68xII44xQQ12xI")
"""rtt, rttvar, bytes_acked, bytes_received, min_rtt (linux/tcp.h, struct tcp_info)."""
_TCP_INFO_NAMES = ("RTT", "RTTVar", "BytesAcked", "BytesReceived", "MinRTT")


def setup(app: web.Application) -> None:
    """Its routes are everybody's by permissions.py: the ticket is the door."""
    app[TICKETS] = Tickets()
    app.add_routes(
        [
            web.get(DOWNLOAD_PATH, download),
            web.get(UPLOAD_PATH, upload),
            web.get(SMALL_PATH, small),
        ]
    )


async def download(request: web.Request) -> web.StreamResponse:
    """GET /ndt/v7/download: the hub sends."""
    tickets, ticket = request.app[TICKETS], await _begin(request, "download")
    try:
        wire = await _upgrade(request)
        await _ended(_send(request, wire, ticket), wire)
    finally:
        tickets.end(ticket)
    return wire


async def upload(request: web.Request) -> web.StreamResponse:
    """GET /ndt/v7/upload: the hub receives, and says what it received."""
    tickets, ticket = request.app[TICKETS], await _begin(request, "upload")
    try:
        wire = await _upgrade(request)
        await _ended(_receive(request, wire, ticket), wire)
    finally:
        tickets.end(ticket)
    return wire


async def small(request: web.Request) -> web.Response:
    """GET /ndt/v7/small: one octet, for round trips while the line is full."""
    try:
        request.app[TICKETS].find(request.query.get("access_token", ""), time.monotonic())
    except TicketRefused as refused:
        raise web.HTTPNotFound(text=refused.code) from None
    return web.Response(body=b"x", headers={"Cache-Control": "no-store"})


async def _begin(request: web.Request, direction: str) -> Ticket:
    """The ticket, used; before the upgrade, so that a refusal costs nothing."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    if SUBPROTOCOL not in {part.strip() for part in offered.split(",")}:
        raise web.HTTPBadRequest(text=f"this is for WebSockets of {SUBPROTOCOL}")
    token, until = request.query.get("access_token", ""), time.monotonic() + _OTHER_ENDS_S
    while True:
        try:
            return request.app[TICKETS].begin(token, direction, time.monotonic())
        except TicketRefused as refused:
            if refused.retry_after_s is None or time.monotonic() > until:
                known = refused.code == "ticket_used"
                error = web.HTTPConflict if known else web.HTTPNotFound
                raise error(text=refused.code) from None
            await asyncio.sleep(refused.retry_after_s)


async def _upgrade(request: web.Request) -> web.WebSocketResponse:
    wire = web.WebSocketResponse(
        protocols=(SUBPROTOCOL,),
        compress=False,
        max_msg_size=ACCEPTED_MESSAGE + 1,
        timeout=_CLOSING_S,
    )
    await wire.prepare(request)
    return wire


async def _ended(measurement: Coroutine[Any, Any, None], wire: web.WebSocketResponse) -> None:
    """The measurement within its time; then the closing handshake, cut if it does not come."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(LIMIT_S):
            await measurement
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_CLOSING_S):
            await wire.close()


async def _send(request: web.Request, wire: web.WebSocketResponse, ticket: Ticket) -> None:
    filling, told_s = Filling(_own_socket(request), SECONDS), 0.0
    listening = asyncio.create_task(_listen(wire, ticket))
    try:
        while not listening.done() and (size := await filling.next()):
            elapsed_s = filling.elapsed_s
            if elapsed_s - told_s >= TELL_EVERY_S:
                told_s, seen = elapsed_s, Seen(filling.sent - size, elapsed_s)
                await wire.send_str(told(seen, "download", "server", _tcp_info(request)))
            if ticket.octets["download"] < size:
                return
            await wire.send_bytes(FILLING[:size])
            ticket.octets["download"] -= size
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(wire: web.WebSocketResponse, ticket: Ticket) -> None:
    """Until the client closes, sends what nobody sends while receiving, or tells too much."""
    async for message in wire:
        if message.type is not WSMsgType.TEXT or not _takes(ticket, "download", message.data):
            return


async def _receive(request: web.Request, wire: web.WebSocketResponse, ticket: Ticket) -> None:
    began = last = time.monotonic()
    received = 0
    async for message in wire:
        if message.type not in _DATA:
            return
        if message.type is WSMsgType.BINARY:
            received += len(message.data)
        over = not _takes(ticket, "upload", message.data)
        now = time.monotonic()
        if over or now - last >= TELL_EVERY_S:
            last = now
            seen = Seen(received, now - began)
            await wire.send_str(told(seen, "upload", "server", _tcp_info(request)))
        if over:
            return


def _takes(ticket: Ticket, direction: str, data: bytes | str) -> bool:
    """Whether the ticket still held this message, text or not: what its client tells fills the
    line, too, though it is no figure."""
    ticket.octets[direction] -= len(data)
    return ticket.octets[direction] >= 0


def _own_socket(request: web.Request) -> Any:
    """What the event loop shows of the connection's socket, None where it is gone."""
    return request.transport.get_extra_info("socket") if request.transport is not None else None


@contextmanager
def _socket(request: web.Request) -> Iterator[socket.socket | None]:
    """The socket itself, which uvloop does not hand out; None where it is no TCP."""
    own = _own_socket(request)
    if own is None or own.family not in {socket.AF_INET, socket.AF_INET6}:
        yield None
        return
    with socket.fromfd(own.fileno(), own.family, socket.SOCK_STREAM) as found:
        yield found


def _tcp_info(request: web.Request) -> dict[str, int] | None:
    """What Linux says of the connection; times in microseconds."""
    with _socket(request) as found:
        if found is None:
            return None
        raw = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    return dict(zip(_TCP_INFO_NAMES, _TCP_INFO.unpack(raw), strict=True))
