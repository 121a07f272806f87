"""ICE with patience, whose gathering delays nothing."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from typing import Any

import aioice
import aioice.ice
import structlog
from aioice import stun
from aiortc.rtcicetransport import candidate_from_aioice
from aiortc.sdp import candidate_to_sdp

from kiosk.rtc.attach.stamping import Datagram
from kiosk.rtc.ice import StunServer, TurnServer

log = structlog.get_logger(__name__)

CONSENT_LASTS_S = 30.0
"""RFC 7675 §5.1: consent ends 30 s after the last valid answer, however late that came."""
CHECK_EVERY_S = 0.020
"""Between the beginnings of two checks (Ta, RFC 8445 §14.2), as aioice has it."""
RELAY_WAIT_S = 3.0
"""How long an answer waits for a relay when nothing but a relay may be used."""
TURN_STEP_S = 1.0
"""How long one way to a TURN server is tried alone before the next joins in."""


def tls_context() -> ssl.SSLContext:
    """How the kiosk trusts a TURN server: the system's certificates, the server's name."""
    return ssl.create_default_context()


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


class KioskConnection(aioice.ice.Connection):
    """aioice's connection with patience, and with gathering that delays nothing.

    - Consent lasts 30 s from the last valid answer. aioice gives an answer 0.5 s and closes after
      six misses: at 600 ms of round trip a healthy call ends after 33 s.
    - Host candidates are ready at once; STUN and TURN follow in the background and are handed out
      one by one. aioice waits 5 s for a server that does not answer.
    - TURN by UDP, then TCP, then TLS; aiortc knows the first server alone.
    - The media begins with the answer to the check that the far end nominated, not up to 20 ms
      later.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stun_servers: list[StunServer] = []
        self.turn_servers: list[TurnServer] = []
        self.on_candidate: Callable[[str], None] = lambda _candidate: None
        self.consented_at = 0.0
        self.arrived_at = 0.0
        """When what `recv` gave last had come, in seconds of `time.monotonic()`."""
        self.round_trip_s: float | None = None
        """Of the last request for consent; None before the first answer."""
        self._late: asyncio.Task[None] | None = None

    def relay_only(self) -> None:
        """Use relays alone (RFC 8828, mode 4)."""
        self._transport_policy = aioice.ice.TransportPolicy.RELAY

    @property
    def relayed(self) -> bool | None:
        """Whether the pair in use goes by a relay on either side; None before there is one."""
        for pair in self._nominated.values():
            return "relay" in (pair.local_candidate.type, pair.remote_candidate.type)
        return None

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - aioice's signature
    ) -> list[aioice.Candidate]:
        """Host candidates at once; the servers are asked in the background."""
        candidates = await super().get_component_candidates(component, addresses, timeout)
        if self.stun_servers or self.turn_servers:
            self._late = asyncio.create_task(self._gather_late(component))
            if self._transport_policy == aioice.ice.TransportPolicy.RELAY:
                # Without any candidate there is nothing to answer with.
                await asyncio.wait({self._late}, timeout=RELAY_WAIT_S)
        return candidates

    async def connect(self) -> None:
        """Check pairs until one is nominated, which is noticed at once.

        aioice looks for that every 20 ms, before it starts the next check: 10 ms of each call.

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
        pacing = asyncio.create_task(self._pace())
        try:
            state = await self._check_list_state.get()
        finally:
            pacing.cancel()
        for pair in self._check_list:
            if pair.task is not None:
                pair.task.cancel()
        if state != aioice.ice.ICE_COMPLETED:
            raise ConnectionError("ICE negotiation failed")
        self._query_consent_task = asyncio.create_task(self.query_consent())

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
                for pair in self._nominated.values():
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

    async def recv(self) -> bytes:
        """The next datagram; its arrival is in `arrived_at`."""
        data = await super().recv()
        self.arrived_at = data.arrived_at if isinstance(data, Datagram) else time.monotonic()
        return data

    async def close(self) -> None:
        """Close, and stop asking servers."""
        if self._late is not None:
            self._late.cancel()
        await super().close()

    def _remote_candidates_expected(self) -> bool:
        # A local candidate that is still to come makes new pairs just as a remote one does.
        gathering = self._late is not None and not self._late.done()
        return gathering or super()._remote_candidates_expected()

    async def _gather_late(self, component: int) -> None:
        work: list[Any] = []
        if self.stun_servers and self._transport_policy == aioice.ice.TransportPolicy.ALL:
            hosts = [p for p in self._protocols if "." in p.local_candidate.host]
            work += [
                self._reflexive(protocol, server)
                for protocol in hosts
                for server in self.stun_servers[:2]
            ]
        if self.turn_servers:
            work.append(self._relay(component))
        await asyncio.gather(*work, return_exceptions=True)
        if self._early_checks_done:
            asyncio.get_running_loop().call_soon(self._check_list_maybe_fail)

    async def _reflexive(self, protocol: aioice.ice.StunProtocol, server: StunServer) -> None:
        candidate, _ = await aioice.ice.server_reflexive_candidate(
            protocol, (server.host, server.port)
        )
        self._announce(candidate)

    async def _relay(self, component: int) -> None:
        """The first way that works; the next joins in when one fails or lets wait."""
        waiting = list(self.turn_servers)
        trials: set[asyncio.Task[Any]] = set()
        try:
            while waiting or trials:
                if waiting:
                    trials.add(asyncio.create_task(self._allocate(component, waiting.pop(0))))
                done, trials = await asyncio.wait(
                    trials,
                    timeout=TURN_STEP_S if waiting else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for trial in done:
                    if trial.exception() is None:
                        candidate, protocol = trial.result()
                        self._join(candidate, protocol)
                        return
                    log.info("TURN server gave no relay", error=repr(trial.exception()))
        finally:
            for trial in trials:
                trial.cancel()

    async def _allocate(self, component: int, server: TurnServer) -> Any:
        # Reading the system's certificates takes tens of milliseconds: not on the loop.
        tls = await asyncio.to_thread(tls_context) if server.way == "tls" else False
        return await aioice.ice.relayed_candidate(
            component=component,
            hide_related_address=self._transport_policy == aioice.ice.TransportPolicy.RELAY,
            protocol_factory=lambda: aioice.ice.StunProtocol(self),
            turn_server=(server.host, server.port),
            turn_username=server.username,
            turn_password=server.credential,
            turn_ssl=tls,  # type: ignore[arg-type]  # asyncio takes it as it is
            turn_transport="udp" if server.way == "udp" else "tcp",
        )

    def _join(self, candidate: aioice.Candidate, protocol: aioice.ice.StunProtocol) -> None:
        """Pair a late relay with what the far end has sent, and check at once."""
        self._protocols.append(protocol)
        for remote in self._remote_candidates:
            if candidate.can_pair_with(remote) and not self._find_pair(protocol, remote):
                pair = aioice.ice.CandidatePair(protocol, remote)
                self._check_list.append(pair)
                if self._early_checks_done and not self._check_list_done:
                    self.check_start_task(pair)
        self.sort_check_list()
        self._announce(candidate)

    def _announce(self, candidate: aioice.Candidate) -> None:
        known = {(c.host, c.port) for c in self._local_candidates}
        if (candidate.host, candidate.port) in known:
            return
        self._local_candidates.append(candidate)
        text = candidate_to_sdp(candidate_from_aioice(candidate))
        self.on_candidate(f"candidate:{text}")
