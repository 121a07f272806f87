"""One WebSocket, admitted: its keepalive, its limits, its queues in and out (§2, §4).

Liveness: the reader waits for the socket at most until the keepalive's or the identity check's
next deadline, or for room in the inbox; it answers pings itself, so that a slow handler (a code
that is checked slowly on purpose) does not look like a dead hub. The worker handles one message
after the other. The writer waits for a full socket until the queue overflows or the reader's
keepalive gives up, and either of them then cuts the transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiohttp import WSMsgType, web

from signaling.errors import ByeCode, RateLimitedError, SignalingError
from signaling.protocol import codec
from signaling.protocol.messages import (
    Bye,
    Error,
    FromBrowser,
    FromHub,
    FromKiosk,
    Ping,
    Pong,
)
from signaling.session.keepalive import Keepalive
from signaling.session.rate_limit import PeerLimits
from signaling.settings import SignalingSettings

log = structlog.get_logger("signaling")

M = TypeVar("M", FromKiosk, FromBrowser)

_RATE_CLASS = dict.fromkeys(("present_code", "call_service"), "code") | dict.fromkeys(
    ("offer", "answer", "candidate", "media", "renegotiate"), "exchange"
)
"""Of messages by type; the rest is `other` (§2.4)."""


@dataclass(frozen=True)
class Gone:
    """How a connection ended: `closed` from the peer's side, or by silence, or by us."""

    closed: bool
    why: str


class Peer:
    """A connection that has proved who it is."""

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        settings: SignalingSettings,
        connection_id: str,
        *,
        still_allowed: Callable[[], Awaitable[ByeCode | None]],
    ) -> None:
        """`still_allowed` is asked every `identity_check_s`: None, or why the peer must go."""
        self.connection_id = connection_id
        self._socket = socket
        self._transport = request.transport
        self._settings = settings
        self._still_allowed = still_allowed
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue(settings.outgoing_frames)
        self._inbox: asyncio.Queue[Callable[[], Awaitable[None]] | None] = asyncio.Queue(
            settings.incoming_frames
        )
        self._gone: Gone | None = None
        self._farewell: asyncio.TimerHandle | None = None
        now = asyncio.get_running_loop().time()
        self._keepalive = Keepalive(
            ping_every_s=settings.ping_every_s, dead_after_s=settings.peer_dead_after_s, now=now
        )
        self._limits = PeerLimits(
            settings.every_frame, settings.message_rates, settings.refusals, now
        )

    def send(self, message: FromHub) -> None:
        """Queue a message. A consumer that is too slow for its queue is cut off."""
        self._queue(codec.encode(message))

    def dismiss(self, code: ByeCode, detail: str) -> None:
        """Say why, then close; the socket is cut if that takes longer than `farewell_s`."""
        if self._gone is not None:
            return
        self.send(Bye(code=code, detail=detail))
        self._queue(None)
        self._gone = self._gone or Gone(closed=False, why=code)
        self._farewell = asyncio.get_running_loop().call_later(
            self._settings.farewell_s, self._cut, code
        )

    @property
    def gone(self) -> Gone:
        """How it ended, once `run` is over; a handler that aiohttp cancels saw its peer go."""
        return self._gone or Gone(closed=True, why="lost")

    async def run(self, decode: Callable[[str], M], handle: Callable[[M], Awaitable[None]]) -> None:
        """Serve this connection until it ends; `handle` gets each message but pings, in order."""
        writer = asyncio.create_task(self._write())
        worker = asyncio.create_task(self._work())
        try:
            await self._read(decode, handle)
            await self._inbox.put(None)
            await worker
        finally:
            worker.cancel()
            if self._farewell is None:
                writer.cancel()
            await asyncio.wait([writer])
            if self._farewell is not None:
                self._farewell.cancel()

    async def _read(
        self, decode: Callable[[str], M], handle: Callable[[M], Awaitable[None]]
    ) -> None:
        loop = asyncio.get_running_loop()
        check_at = loop.time() + self._settings.identity_check_s
        while self._gone is None:
            now = loop.time()
            if now >= check_at:
                check_at = now + self._settings.identity_check_s
                await self._check()
                continue
            step = self._keepalive.handle_timer(now)
            if step == "dead":
                self._cut("silent")
                return
            if step == "ping":
                self.send(Ping(n=self._keepalive.next_ping()))
            wait_s = min(self._keepalive.get_timer(), check_at) - loop.time()
            try:
                frame = await self._socket.receive(timeout=max(wait_s, 0.001))
            except TimeoutError:
                continue
            self._keepalive.received(loop.time())
            if frame.type is WSMsgType.TEXT:
                await self._receive(frame.data, decode, handle)
            elif frame.type is WSMsgType.BINARY:
                await self._receive("", decode, handle)
            else:
                self._gone = self._gone or Gone(closed=True, why=frame.type.name.lower())
            # a peer whose frames are all here already must not keep the loop from the others
            await asyncio.sleep(0)

    async def _check(self) -> None:
        try:
            reason = await self._still_allowed()
        except Exception:
            log.exception("check_failed", connection_id=self.connection_id)
            return
        if reason:
            self.dismiss(reason, "the right to be here was withdrawn")

    async def _receive(
        self, frame: str, decode: Callable[[str], M], handle: Callable[[M], Awaitable[None]]
    ) -> None:
        """Answer pings at once; hand everything else to the worker, in order."""
        about = ""
        try:
            self._limit(self._limits.frame(self._now()))
            message = decode(frame)
            about = message.type
            if isinstance(message, Ping):
                self.send(Pong(n=message.n))
            elif not isinstance(message, Pong):
                self._limit(self._limits.message(_RATE_CLASS.get(about, "other"), self._now()))
                await self._inbox.put(lambda: self._handle(message, handle))
        except RateLimitedError as error:
            if self._limits.refused(self._now()):
                self.dismiss("rate_limited", "a flood of messages")
            else:
                self._refuse(error, about)
        except SignalingError as error:
            self._refuse(error, about)

    async def _work(self) -> None:
        """Handle what came, until the reader is done; what a dismissed peer still said is void."""
        while (job := await self._inbox.get()) is not None:
            if self._gone is None or self._gone.closed:
                await job()

    async def _handle(self, message: M, handle: Callable[[M], Awaitable[None]]) -> None:
        try:
            await handle(message)
        except SignalingError as error:
            self._refuse(error, message.type)
        except Exception:
            log.exception("request_failed", about=message.type, connection_id=self.connection_id)
            self._refuse(
                SignalingError("internal", "a fault in the hub; it was logged"), message.type
            )

    def _limit(self, wait_s: float) -> None:
        if wait_s:
            raise RateLimitedError(wait_s)

    def _refuse(self, error: SignalingError, about: str) -> None:
        self.send(
            Error(
                code=error.code,
                detail=error.detail[:500],
                about=error.about or about,
                field=error.field,
                retry_after_s=error.retry_after_s,
            )
        )

    def _queue(self, frame: str | None) -> None:
        if self._gone is not None:
            return
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            log.warning("peer_too_slow", connection_id=self.connection_id)
            self._cut("slow")

    async def _write(self) -> None:
        while (frame := await self._outgoing.get()) is not None:
            try:
                await self._socket.send_str(frame)
            except ConnectionError:
                return
        await self._socket.close()

    def _cut(self, why: str) -> None:
        self._gone = self._gone or Gone(closed=False, why=why)
        if self._transport is not None:
            self._transport.abort()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
