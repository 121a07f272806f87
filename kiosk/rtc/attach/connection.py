"""ICE with patience, over the first pair that works."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import aioice.ice
from aioice import stun
from aioice.ice import CandidatePair

from kiosk.rtc.attach.gathering import GatheringConnection, RelayedProtocol
from kiosk.rtc.attach.stamping import Datagram
from kiosk.rtc.flight import Flight, is_dtls

CONSENT_LASTS_S = 30.0
"""RFC 7675 §5.1: consent ends 30 s after the last valid answer, however late that came."""
CHECK_EVERY_S = 0.020
"""Between the beginnings of two checks (Ta, RFC 8445 §14.2), as aioice has it."""


class _ConsentCheck:
    """A consent request that is still waited for; aioice alone forgets it after 0.5 s."""

    def __init__(self, connection: KioskConnection, sent_at: float) -> None:
        self._connection = connection
        self.sent_at = sent_at

    def response_received(self, message: stun.Message, _addr: tuple[str, int]) -> None:
        key = (self._connection.remote_password or "").encode()
        if message.message_class == stun.Class.RESPONSE and message.check_message_integrity(key):
            now = asyncio.get_running_loop().time()
            self._connection.consented_at = now
            self._connection.round_trip_s = now - self.sent_at


class KioskConnection(GatheringConnection):
    """aioice's connection with patience, that uses the first way that works.

    - Consent lasts 30 s from the last valid answer. aioice gives an answer 0.5 s and closes after
      six misses: at 600 ms of round trip a healthy call ends after 33 s.
    - The first pair that works carries DTLS and media until one is nominated (RFC 8445 §12.1):
      aioice, which waits for that, begins a call one round trip later than browsers do. Firefox
      passes over what comes before it has nominated, so that is said again then if nobody answered.
    - What DTLS says is said again when no answer comes; by itself it would wait a second.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consented_at = 0.0
        self.arrived_at = 0.0
        """When what `recv` gave last had come, in seconds of `time.monotonic()`."""
        self.round_trip_s: float | None = None
        """Of the last request for consent; None before the first answer."""
        self._checking: asyncio.Task[None] | None = None
        self._first_valid: CandidatePair | None = None
        self._decided = asyncio.Event()
        """A pair works, or none does."""
        self._unanswered: list[bytes] | None = []
        """What left before a pair was nominated, and before anything came."""
        self._flight = Flight()
        self._again: asyncio.TimerHandle | None = None

    @property
    def nominated(self) -> bool:
        """The pair in use is the one that both ends agreed upon."""
        return bool(self._nominated)

    async def connect(self) -> None:
        """Check pairs until one works; the checks go on until one is nominated.

        Raises:
            ConnectionError: no pair works, or the connection was closed meanwhile.
        """
        for remote in self._remote_candidates:
            self._pair_remote_candidate(remote)
        self.sort_check_list()
        self._unfreeze_initial()
        for early in self._early_checks:
            self.check_incoming(*early)
        self._early_checks.clear()
        self._early_checks_done = True
        self._check_list_maybe_fail()  # with no pair, and none to come
        self._checking = asyncio.create_task(self._check())
        await self._decided.wait()
        if self.in_use() is None:
            raise ConnectionError("ICE negotiation failed")
        self._query_consent_task = asyncio.create_task(self.query_consent())

    def check_complete(self, pair: CandidatePair) -> None:
        """As aioice, and the first pair that works is known."""
        super().check_complete(pair)
        if self._first_valid is None and pair.state == CandidatePair.State.SUCCEEDED:
            self._first_valid = pair
            self._decided.set()
        if self._nominated and self._unanswered is not None:
            for data in self._unanswered:
                pair.protocol.transport.sendto(data, pair.remote_addr)
            self._unanswered = None

    def in_use(self) -> CandidatePair | None:
        """The nominated pair, before there is one the first that works."""
        if self._closing:
            return None
        for pair in self._nominated.values():
            return pair
        return self._first_valid

    @property
    def relay_octets(self) -> int:
        """What a relay adds to each datagram that is sent; 0 without one."""
        pair = self.in_use()
        protocol = None if pair is None else pair.protocol
        return protocol.relay_octets if isinstance(protocol, RelayedProtocol) else 0

    async def _check(self) -> None:
        """Until a pair is nominated, or all have failed."""
        pacing = asyncio.create_task(self._pace())
        try:
            await self._check_list_state.get()
        finally:
            pacing.cancel()
            self._decided.set()
        # The far end may yet nominate a better pair: its next check of that one begins ours. Not so
        # of a worse one: each check of Firefox nominates, and it uses the best.
        better = not self.ice_controlling
        for pair in self._check_list:
            better = better and not pair.nominated
            if pair.task is not None:
                pair.task.cancel()
                if better:
                    pair.task, pair.state = None, CandidatePair.State.WAITING

    async def _pace(self) -> None:
        """Start the checks one by one."""
        while self._check_periodic():  # noqa: ASYNC110 - the pace is RFC 8445's, no wait for an event
            await asyncio.sleep(CHECK_EVERY_S)

    async def query_consent(self) -> None:
        """Ask for consent every 5 s or so; close when it has run out (RFC 7675 §5.1)."""
        loop = asyncio.get_running_loop()
        self.consented_at = loop.time()
        pending: list[tuple[aioice.ice.StunProtocol, bytes, _ConsentCheck]] = []
        try:
            while loop.time() < self.consented_at + CONSENT_LASTS_S:
                await asyncio.sleep(aioice.ice.CONSENT_INTERVAL * random.uniform(0.8, 1.2))  # noqa: S311 - RFC 7675 §5.1 wants jitter, not secrecy
                now = loop.time()
                for protocol, identifier, check in pending:
                    if check.sent_at < now - CONSENT_LASTS_S:
                        protocol.transactions.pop(identifier, None)
                pair = self.in_use()
                if pair is not None:
                    request = self.build_request(pair, nominate=False)
                    request.add_message_integrity((self.remote_password or "").encode())
                    check = _ConsentCheck(self, now)
                    pair.protocol.transactions[request.transaction_id] = check  # type: ignore[assignment]
                    pending.append((pair.protocol, request.transaction_id, check))
                    pair.protocol.send_stun(request, pair.remote_addr)
                pending = [entry for entry in pending if entry[2].sent_at >= now - CONSENT_LASTS_S]
        finally:
            for protocol, identifier, _check in pending:
                protocol.transactions.pop(identifier, None)
        self._query_consent_task = None
        await self.close()

    async def send(self, data: bytes) -> None:
        """Send a datagram by the pair in use; ConnectionError when there is none."""
        pair = self.in_use()
        if pair is None:
            raise ConnectionError("Cannot send data, not connected")
        if self._unanswered is not None:
            self._unanswered.append(data)
        if is_dtls(data):
            self._flight.sent(data, asyncio.get_running_loop().time())
            self._say_again_later()
        await pair.protocol.send_data(data, pair.remote_addr)

    async def recv(self) -> bytes:
        """The next datagram; its arrival is in `arrived_at`."""
        if self.in_use() is None:
            raise ConnectionError("Cannot receive data, not connected")
        received = await self._queue.get()
        if received is None:
            raise ConnectionError("Connection lost while receiving data")
        self._unanswered = None
        data, _component = received
        self._flight.came(data)
        self.arrived_at = data.arrived_at if isinstance(data, Datagram) else time.monotonic()
        return data

    async def close(self) -> None:
        """Close, and stop checking."""
        if self._checking is not None:
            self._checking.cancel()
        if self._again is not None:
            self._again.cancel()
        self._decided.set()
        await super().close()

    def _say_again_later(self) -> None:
        if self._again is not None:
            self._again.cancel()
        at = self._flight.deadline()
        loop = asyncio.get_running_loop()
        self._again = None if at is None else loop.call_at(at, self._say_again)

    def _say_again(self) -> None:
        pair = self.in_use()
        if pair is None:
            return
        for data in self._flight.due(asyncio.get_running_loop().time()):
            pair.protocol.transport.sendto(data, pair.remote_addr)
        self._say_again_later()
