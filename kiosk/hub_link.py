"""The kiosk's connection to the hub: it proves its key, keeps alive, and never gives up.

Liveness guarantee: `run` returns only when cancelled. An attempt lives at most `Race.LIVES_S`, a
connection without a sign of life at most the hub's `dead_after_s`, a dismissed kiosk waits at
most the pause of `PAUSE_AFTER_BYE_S`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import structlog

from kiosk.identity import Identity
from signaling.errors import ProtocolError
from signaling.protocol import codec
from signaling.protocol.limits import MAX_FRAME_OCTETS
from signaling.protocol.messages import (
    PROTOCOL_VERSION,
    Bye,
    Challenge,
    FromHub,
    FromKiosk,
    Ping,
    Pong,
    Prove,
    WelcomeKiosk,
)
from signaling.session.keepalive import Keepalive
from signaling.session.reconnect import Drop, Race, Start

T = TypeVar("T", Challenge, WelcomeKiosk)

log = structlog.get_logger(__name__)

PATH = "/signaling/v1/kiosk"
PROOF_WITHIN_S = 3.0
"""From challenge to welcome; only one attempt proves at a time, so it must not hold up the rest."""
LOOKS_UP_EVERY_S = 0.5
"""How often a waiting connection looks at its timers, which `doubt` may have shortened."""
DOUBT_ENDS_WITHIN_S = 1.5
PAUSE_AFTER_BYE_S = {
    "revoked": 60.0,
    "not_enrolled": 60.0,
    "bad_proof": 60.0,
    "too_old": 300.0,
    "too_new": 300.0,
    "superseded": 30.0,
}


@dataclass(frozen=True)
class Events:
    """What the link tells; called on the event loop."""

    message: Callable[[FromHub], None]
    lost: Callable[[], None]
    bye: Callable[[str], None]
    answered: Callable[[float], None] = lambda _round_trip_s: None
    """A ping was answered, after so many seconds."""


@dataclass(frozen=True)
class _Connection:
    socket: aiohttp.ClientWebSocketResponse
    welcome: WelcomeKiosk


class _DismissedError(Exception):
    """The hub said `bye`."""


class HubLink:
    """`run` it for as long as the kiosk lives; `send` drops what no hub is there to take."""

    def __init__(
        self,
        address: str,
        identity: Identity,
        software: str,
        events: Events,
        in_call: Callable[[], bool],
    ) -> None:
        self._address = address
        self._identity = identity
        self._software = software
        self._events = events
        self._in_call = in_call
        self._outgoing: asyncio.Queue[FromKiosk] | None = None
        self._keepalive: Keepalive | None = None
        self._pinged = (-1, 0.0)
        """The last ping's number, and when it was sent."""

    def send(self, message: FromKiosk) -> bool:
        """Send when connected, and say so; a welcome brings both ends up to date after a gap."""
        if self._outgoing is None:
            return False
        self._outgoing.put_nowait(message)
        return True

    def doubt(self) -> None:
        """The media went silent: ask the hub at once whether the line is there."""
        if self._keepalive is not None:
            now = asyncio.get_running_loop().time()
            self._ping(self._keepalive.probe(now, within_s=DOUBT_ENDS_WITHIN_S))

    def _ping(self, n: int) -> None:
        self._pinged = (n, asyncio.get_running_loop().time())
        self.send(Ping(n=n))

    async def run(self) -> None:
        """Connect, talk, connect again."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=Race.LIVES_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    connection = await self._race(session)
                    try:
                        await self._talk(connection)
                    finally:
                        self._outgoing = self._keepalive = None
                        await connection.socket.close()
                    self._events.lost()
                    log.info("hub lost")
                except _DismissedError as dismissed:
                    code = str(dismissed)
                    log.warning("dismissed by the hub", code=code)
                    self._events.bye(code)
                    await asyncio.sleep(PAUSE_AFTER_BYE_S.get(code, 0.0))

    # --- connecting ---------------------------------------------------------------------------

    async def _race(self, session: aiohttp.ClientSession) -> _Connection:
        """The first of several staggered attempts that the hub welcomes (PROTOCOL.md §3.5)."""
        clock = asyncio.get_running_loop().time
        race = Race(in_call=self._in_call(), jitter=random.random, now=clock())
        proving = asyncio.Lock()
        attempts: dict[asyncio.Task[_Connection], int] = {}
        failed = False
        try:
            while True:
                for step in race.handle_timer(clock()):
                    match step:
                        case Start(number):
                            task = asyncio.create_task(self._attempt(session, proving))
                            attempts[task] = number
                        case Drop(number):
                            _cancel(attempts, number)
                wait = max(0.0, race.get_timer() - clock())
                if not attempts:
                    await asyncio.sleep(wait)
                    continue
                done, _ = await asyncio.wait(
                    attempts, timeout=wait, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    race.failed(attempts.pop(task))
                    try:
                        return task.result()
                    except (aiohttp.ClientError, OSError, ProtocolError, TimeoutError) as error:
                        # the first of a race says why; the others would fill the journal
                        say = log.debug if failed else log.warning
                        say("no way to the hub", address=self._address, error=repr(error)[:200])
                        failed = True
        finally:
            for task in attempts:
                task.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)

    async def _attempt(self, session: aiohttp.ClientSession, proving: asyncio.Lock) -> _Connection:
        socket = await session.ws_connect(
            self._address.replace("http", "ws", 1) + PATH,
            max_msg_size=MAX_FRAME_OCTETS,
            timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
        )
        try:
            challenge = _expect(Challenge, await _receive(socket))
            # two welcomes would make the hub drop the first connection for the second
            async with proving, asyncio.timeout(PROOF_WITHIN_S):
                proof = Prove(
                    version=PROTOCOL_VERSION,
                    kiosk_id=self._identity.kiosk_id,
                    signature=self._identity.sign(challenge.nonce),
                    software=self._software,
                )
                await socket.send_str(codec.encode(proof))
                welcome = _expect(WelcomeKiosk, await _receive(socket))
        except BaseException:
            await socket.close()
            raise
        return _Connection(socket, welcome)

    # --- connected ----------------------------------------------------------------------------

    async def _talk(self, connection: _Connection) -> None:
        """Until the hub is gone. Raises _DismissedError when it says why."""
        socket, welcome = connection.socket, connection.welcome
        clock = asyncio.get_running_loop().time
        self._outgoing = asyncio.Queue()
        self._keepalive = keepalive = Keepalive(
            ping_every_s=welcome.ping_every_s, dead_after_s=welcome.dead_after_s, now=clock()
        )
        writer = asyncio.create_task(_write(socket, self._outgoing))
        log.info("hub connected")
        self._events.message(welcome)
        try:
            while not writer.done():
                wait = min(LOOKS_UP_EVERY_S, max(0.001, keepalive.get_timer() - clock()))
                try:
                    message = await _receive(socket, wait)
                except TimeoutError:
                    match keepalive.handle_timer(clock()):
                        case "ping":
                            self._ping(keepalive.next_ping())
                        case "dead":
                            return
                    continue
                except ProtocolError as error:
                    log.warning("unreadable message of the hub", code=error.code)
                    keepalive.received(clock())
                    continue
                keepalive.received(clock())
                match message:
                    case Ping():
                        self.send(Pong(n=message.n))
                    case Pong():
                        n, at = self._pinged
                        if message.n == n:
                            self._events.answered(clock() - at)
                    case _:
                        self._events.message(message)
        except (aiohttp.ClientError, OSError) as error:
            log.info("connection broke", error=type(error).__name__)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)


def _expect(kind: type[T], message: FromHub) -> T:
    if not isinstance(message, kind):
        raise ProtocolError("not_now", f"{message.type} where {kind.__name__} was due")
    return message


async def _receive(
    socket: aiohttp.ClientWebSocketResponse, timeout_s: float | None = None
) -> FromHub:
    frame = await socket.receive(timeout=timeout_s)
    match frame.type:
        case aiohttp.WSMsgType.TEXT:
            message = codec.from_hub(frame.data)
            if isinstance(message, Bye):
                raise _DismissedError(message.code)
            return message
        case aiohttp.WSMsgType.BINARY:
            raise ProtocolError("malformed", "binary frame")
    raise aiohttp.ClientConnectionError("closed")


async def _write(
    socket: aiohttp.ClientWebSocketResponse, outgoing: asyncio.Queue[FromKiosk]
) -> None:
    while True:
        await socket.send_str(codec.encode(await outgoing.get()))


def _cancel(attempts: dict[asyncio.Task[_Connection], int], number: int) -> None:
    for task in [task for task, n in attempts.items() if n == number]:
        del attempts[task]
        task.cancel()
