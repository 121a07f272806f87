"""The kiosk's NDT7 client: how fast one TCP flow is, and how the line answers meanwhile.

Receivers' counts are rates: our own downwards, the hub's upwards (visiohub/linkquality/ndt7.py).

Liveness guarantee: each direction ends `LIMIT_S` after it began, closing handshake included.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from kiosk.identity import Identity
from kiosk.probes.newcomer import new_connections
from visiohub.linkquality.filling import Filling
from visiohub.linkquality.ndt7 import (
    ACCEPTED_MESSAGE,
    DOWNLOAD_PATH,
    KIOSK_TICKET_PATH,
    LIMIT_S,
    MOST_MESSAGE,
    SECONDS,
    SMALL_PATH,
    SUBPROTOCOL,
    UPLOAD_PATH,
    Seen,
    heard,
)
from visiohub.linkquality.responsiveness import NewConnection, Responsiveness, responsiveness

PING_EVERY_S = 0.25
_CLOSING_S = 2.0
_FILLING = bytes(MOST_MESSAGE)
_STAMP = struct.Struct("!d")


class Ndt7Error(Exception):
    """There is no figure; `code`: refused, unreachable or cut."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Transfer:
    """One direction, as its receiver counted it; rates are of payload, 4 to 6 % below IP's."""

    seen: Seen
    responsiveness: Responsiveness | None
    """None: the line did not answer often enough to say."""


class Ndt7:
    """Measurements by one ticket at one hub, `origin` like https://visio.example.org."""

    def __init__(self, origin: str, token: str) -> None:
        self._origin = origin
        self._query = urlencode({"access_token": token})

    async def download(self, seconds: float = SECONDS) -> Transfer:
        """Receive. Raises Ndt7Error."""
        async with self._load(DOWNLOAD_PATH) as load:
            await load.receive(seconds)
        return load.transfer()

    async def upload(self, seconds: float = SECONDS) -> Transfer:
        """Send; the hub counts. Raises Ndt7Error."""
        async with self._load(UPLOAD_PATH) as load:
            await load.send(seconds)
        return load.transfer()

    @asynccontextmanager
    async def _load(self, path: str) -> AsyncIterator[_Load]:
        """A connection to be filled, with small requests beside it. Raises Ndt7Error."""
        small = f"{self._origin}{SMALL_PATH}?{self._query}"
        try:
            async with (
                asyncio.timeout(LIMIT_S),
                aiohttp.ClientSession() as session,
                session.ws_connect(
                    f"{self._origin}{path}?{self._query}",
                    protocols=(SUBPROTOCOL,),
                    max_msg_size=ACCEPTED_MESSAGE + 1,
                    autoping=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING_S),
                ) as wire,
            ):
                load = _Load(wire)
                beside = [
                    asyncio.create_task(load.ping()),
                    asyncio.create_task(new_connections(small, load.strangers)),
                ]
                try:
                    yield load
                finally:
                    for task in beside:
                        task.cancel()
                    await asyncio.gather(*beside, return_exceptions=True)
        except aiohttp.WSServerHandshakeError as error:
            raise Ndt7Error("refused", f"{error.status} {error.message}") from error
        except TimeoutError as error:
            raise Ndt7Error("cut", f"not done in {LIMIT_S:g} s") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Ndt7Error("unreachable", type(error).__name__) from error


class _Load:
    """One connection while it is full, and what is seen on it."""

    def __init__(self, wire: ClientWebSocketResponse) -> None:
        self._wire = wire
        self._seen: Seen | None = None
        self._round_trips_ms: list[float] = []
        self.strangers: list[NewConnection] = []

    def transfer(self) -> Transfer:
        """What it came to. Raises Ndt7Error: nothing was counted."""
        if self._seen is None or not self._seen.octets:
            raise Ndt7Error("cut", "the connection ended before anything was counted")
        return Transfer(self._seen, responsiveness(self.strangers, self._round_trips_ms))

    async def ping(self) -> None:
        """Round trips inside the full connection (RFC 6455 §5.5.2), until cancelled."""
        with suppress(ConnectionError):
            while True:
                await self._wire.ping(_STAMP.pack(time.perf_counter()))
                await asyncio.sleep(PING_EVERY_S)

    async def receive(self, seconds: float) -> None:
        """Count what comes, until the hub closes or the time is over."""
        began = time.monotonic()
        octets = 0
        while (left := began + seconds - time.monotonic()) > 0:
            message = await self._next(left)
            if message is None:
                break
            if message.type is WSMsgType.BINARY:
                octets += len(message.data)
                self._seen = Seen(octets, time.monotonic() - began)

    async def send(self, seconds: float) -> None:
        """Fill the line; what the hub says that it received is the figure."""
        listening = asyncio.create_task(self._listen(time.monotonic() + seconds + _CLOSING_S))
        filling = Filling(self._wire.get_extra_info("socket"), seconds)
        try:
            while not listening.done() and (size := await filling.next()):
                await self._wire.send_bytes(_FILLING[:size])
        except ConnectionError:  # the hub had enough; what it said last is the figure
            await asyncio.wait([listening], timeout=_CLOSING_S)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            message = await self._next(left)
            if message is None:
                return
            if message.type is WSMsgType.TEXT:
                self._seen = heard(message.data) or self._seen

    async def _next(self, within_s: float) -> aiohttp.WSMessage | None:
        """The next message, None at the end; pings are answered, pongs are round trips."""
        try:
            message = await self._wire.receive(timeout=within_s)
        except TimeoutError:
            return None
        if message.type is WSMsgType.PING:
            await self._wire.pong(message.data)
        elif message.type is WSMsgType.PONG and len(message.data) == _STAMP.size:
            (stamp,) = _STAMP.unpack(message.data)
            waited_s = time.perf_counter() - stamp
            if 0 <= waited_s <= LIMIT_S:  # else it answers no ping of ours
                self._round_trips_ms.append(1000 * waited_s)
        closed = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}
        return None if message.type in closed else message


async def ticket(origin: str, identity: Identity, now_s: float) -> str:
    """The right to measure this kiosk's line once, by its key; `now_s` in Unix seconds.

    Raises:
        Ndt7Error: the hub's code, as line_measured, or unreachable.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S)) as session:
        for _ in range(2):
            at = int(now_s)
            proof = {
                "kiosk_id": identity.kiosk_id,
                "at": at,
                "signature": identity.sign(f"ndt7-{at}"),
            }
            try:
                async with session.post(f"{origin}{KIOSK_TICKET_PATH}", json=proof) as response:
                    answer = await response.json(content_type=None)
                    date = response.headers.get("Date", "")
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise Ndt7Error("unreachable", type(error).__name__) from error
            if isinstance(answer, dict) and isinstance(answer.get("token"), str):
                return str(answer["token"])
            code = str(answer.get("code")) if isinstance(answer, dict) else "refused"
            if code != "clock" or not date:
                break
            now_s = parsedate_to_datetime(date).timestamp()
        raise Ndt7Error(code, f"no ticket: {code}")
