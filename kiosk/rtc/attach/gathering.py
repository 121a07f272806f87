"""Gathering ICE candidates that delays nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import aioice
import aioice.ice
import structlog
from aiortc.rtcicetransport import candidate_from_aioice
from aiortc.sdp import candidate_to_sdp

from kiosk.rtc.attach.renewal import Renewal
from kiosk.rtc.attach.stamping import KioskStunProtocol
from kiosk.rtc.ice import StunServer, TurnServer, Way

log = structlog.get_logger(__name__)

RELAY_WAIT_S = 3.0
"""How long an answer waits for a relay when nothing but a relay may be used."""
TURN_STEP_S = 1.0
"""How long one way to a TURN server is tried alone before the next joins in."""


def tls_context() -> ssl.SSLContext:
    """How the kiosk trusts a TURN server: the system's certificates, the server's name."""
    return ssl.create_default_context()


_RELAY_OCTETS: dict[Way, int] = {"udp": 4, "tcp": 30, "tls": 52}
"""Beside IP and UDP: ChannelData's head (RFC 8656 §12.4); on TCP its padding (§12.5), 1.5 on
average, and 32 with timestamps in place of UDP's 8; a record of TLS 1.3 (RFC 8446 §5.2) is 22
more."""


def _give_back(trial: asyncio.Task[Any]) -> None:
    """A relay that came too late, which aioice would refresh for as long as the kiosk runs."""
    if not trial.cancelled() and trial.exception() is None:
        _candidate, protocol = trial.result()
        protocol.transport.close()


class RelayedProtocol(KioskStunProtocol):
    """The end of a relay, which knows what the relay costs, and keeps it."""

    def __init__(self, receiver: aioice.ice.Connection, way: Way) -> None:
        super().__init__(receiver)
        self.relay_octets = _RELAY_OCTETS[way]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        super().connection_made(transport)
        self._renewal = Renewal(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._renewal.end()
        super().connection_lost(exc)


class GatheringConnection(aioice.ice.Connection):
    """aioice's connection, whose gathering delays nothing.

    - Host candidates are ready at once; STUN and TURN follow in the background and are handed out
      one by one. aioice waits 5 s for a server that does not answer.
    - TURN by UDP, then TCP, then TLS; aiortc knows the first server alone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stun_servers: list[StunServer] = []
        self.turn_servers: list[TurnServer] = []
        self.on_candidate: Callable[[str], None] = lambda _candidate: None
        self._late: asyncio.Task[None] | None = None

    def relay_only(self) -> None:
        """Use relays alone (RFC 8828, mode 4)."""
        self._transport_policy = aioice.ice.TransportPolicy.RELAY

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
                done, _ = await asyncio.wait(
                    trials,
                    timeout=TURN_STEP_S if waiting else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for trial in done:
                    trials.remove(trial)
                    if trial.exception() is None:
                        candidate, protocol = trial.result()
                        self._join(candidate, protocol)
                        return
                    log.info("TURN server gave no relay", error=repr(trial.exception()))
        finally:
            for trial in trials:
                trial.cancel()
                trial.add_done_callback(_give_back)

    async def _allocate(self, component: int, server: TurnServer) -> Any:
        # Reading the system's certificates takes tens of milliseconds: not on the loop.
        tls = await asyncio.to_thread(tls_context) if server.way == "tls" else False
        return await aioice.ice.relayed_candidate(
            component=component,
            hide_related_address=self._transport_policy == aioice.ice.TransportPolicy.RELAY,
            protocol_factory=lambda: RelayedProtocol(self, server.way),
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
