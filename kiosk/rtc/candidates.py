"""The far end's ICE candidates, as they come: early, late, unreadable, too many."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from aiortc import RTCPeerConnection
from aiortc.sdp import candidate_from_sdp

log = structlog.get_logger(__name__)

_MOST = 64


class FarCandidates:
    """Gives a connection one candidate after the other, once both descriptions are set."""

    def __init__(
        self, pc: RTCPeerConnection, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._pc = pc
        self._spawn = spawn
        self._described = asyncio.Event()
        self._seen = 0

    def described(self) -> None:
        """The descriptions are set: what came before them is tried now."""
        self._described.set()

    def add(self, candidate: str, sdp_mid: str | None, index: int | None) -> None:
        """One more; what cannot be read is passed over."""
        self._seen += 1
        text = candidate.strip().removeprefix("a=").removeprefix("candidate:")
        # An empty one ends them (RFC 8838 §8.2). aioice would then give up early and drop
        # peers that it can only learn from their checks; our own time limit ends the trial.
        if not text or self._seen > _MOST:
            return
        try:
            parsed = candidate_from_sdp(text)
        except (ValueError, IndexError, AssertionError, KeyError):
            log.info("candidate not understood")
            return
        parsed.sdpMid = sdp_mid
        parsed.sdpMLineIndex = index if index is not None or sdp_mid is not None else 0
        self._spawn(self._apply(parsed))

    async def _apply(self, candidate: Any) -> None:  # aiortc's RTCIceCandidate
        await self._described.wait()
        with contextlib.suppress(ValueError, AssertionError):
            await self._pc.addIceCandidate(candidate)
