"""A change of what people or kiosks may do reaches open pages and open calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
from aiohttp import web

from signaling.server import SignalingServer
from visiohub.booking import calls
from visiohub.bootstrap import Hub
from visiohub.storage.uow import UnitOfWork

AGAIN_AFTER_S = 1.0

log = structlog.get_logger("visiohub.rights")


class Rights:
    """Tells signaling what was committed. A fault here is logged and never raised: the change is
    kept, and who made it must not read that it was refused."""

    def __init__(
        self, hub: Hub, signaling: SignalingServer, *, again_after_s: float = AGAIN_AFTER_S
    ) -> None:
        self._hub = hub
        self._signaling = signaling
        self._again_after_s = again_after_s
        self._again: asyncio.Task[None] | None = None
        self._one_push = asyncio.Lock()

    @asynccontextmanager
    async def change_of(self, person_id: str) -> AsyncIterator[None]:
        """Around a change: sessions of this person that it ends are cut off, and who may admit
        the open calls is told anew. An id that is no person's has no sessions."""
        before = await self._hub.read(_open_sessions, person_id)
        yield
        with _kept_anyway():  # signaling finds ended sessions by itself within 5 s
            for session_id in before - await self._hub.read(_open_sessions, person_id):
                await self._signaling.revoke_session(session_id)
        await self.push_admitters()

    async def push_admitters(self) -> None:
        """Tell signaling who may admit each open call; again and again if that fails.

        One at a time: of two changes that follow each other, what the later one left is told last.
        """
        async with self._one_push:
            pushed = False
            with _kept_anyway():
                await self._signaling.staff_changed(await self._hub.read(calls.may_admit))
                pushed = True
        if not pushed and self._again is None:
            self._again = asyncio.create_task(self._push_again())

    async def _push_again(self) -> None:
        await asyncio.sleep(self._again_after_s)
        self._again = None
        await self.push_admitters()

    async def cut_off_kiosk(self, kiosk_id: str) -> None:
        """Its key was withdrawn; signaling finds that by itself within 5 s, too."""
        with _kept_anyway():
            await self._signaling.revoke_kiosk(kiosk_id)

    async def close(self, _app: web.Application | None = None) -> None:
        """Repeat nothing any more."""
        if self._again is not None:
            self._again.cancel()


RIGHTS = web.AppKey("rights", Rights)


@contextmanager
def _kept_anyway() -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("push_failed")


def _open_sessions(uow: UnitOfWork, person_id: str) -> set[str]:
    return {s.id for s in uow.sessions.list(person_id=person_id, revoked_at=None)}
