"""A change of what people may do reaches open pages and open calls at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from visiohub.booking import calls
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING


@asynccontextmanager
async def rights_pushed(app: web.Application, person_id: str) -> AsyncIterator[None]:
    """Around a change: sessions of this person that it ends are cut off, and who may admit the
    open calls is told anew. An id that is no person's has no sessions."""
    before = await app[HUB].read(_open_sessions, person_id)
    yield
    for session_id in before - await app[HUB].read(_open_sessions, person_id):
        await app[SIGNALING].revoke_session(session_id)
    await push_admitters(app)


async def push_admitters(app: web.Application) -> None:
    """Tell signaling who may admit each open call."""
    await app[SIGNALING].staff_changed(await app[HUB].read(calls.may_admit))


def _open_sessions(uow: UnitOfWork, person_id: str) -> set[str]:
    return {s.id for s in uow.sessions.list(person_id=person_id, revoked_at=None)}
