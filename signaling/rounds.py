"""What must be computed anew when calls or presence change: places (§7.3) and lobbies (§6.2)."""

from __future__ import annotations

import asyncio

import structlog

from signaling.ports import Authoriser
from signaling.presence import KioskPeer, Presence
from signaling.protocol.messages import Lobby
from signaling.settings import SignalingSettings
from signaling.switchboard import Switchboard

log = structlog.get_logger("signaling")


class Rounds:
    """One task: wakes on a change, and every `place_every_s` for the places."""

    def __init__(
        self,
        authoriser: Authoriser,
        settings: SignalingSettings,
        presence: Presence,
        switchboard: Switchboard,
    ) -> None:
        self._authoriser = authoriser
        self._settings = settings
        self._presence = presence
        self._switchboard = switchboard
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something changed; a round follows soon."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._settings.place_every_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self._round()
            except Exception:
                log.exception("round_failed")
            # many changes at once (everybody reconnects after a restart) make one round
            await asyncio.sleep(self._settings.lobby_pause_s)

    async def _round(self) -> None:
        for call in self._switchboard.waiting():
            try:
                await self._switchboard.place(call)
            except Exception:  # one call's trouble must not hide the places of the others
                log.exception("place_failed", call_id=call.ticket.call_id)
        for kiosk in self._presence.kiosks():
            await self.tell_lobby(kiosk)

    async def tell_lobby(self, kiosk: KioskPeer) -> None:
        """Send the lobby if it differs from what the kiosk was last told."""
        told = self._presence.reachable_ids(asyncio.get_running_loop().time())
        lobby = Lobby(services=await self._authoriser.lobby(kiosk.identity.kiosk_id, told))
        if lobby != kiosk.lobby:
            kiosk.lobby = lobby
            kiosk.peer.send(lobby)
