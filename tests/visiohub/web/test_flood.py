"""A flood of slow hashes: what waits for them waits in a short line, and nothing else waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking import secrets

PLACES = 1 + 8
"""One hash at work for strangers, eight behind it (bootstrap.Hub)."""
STUCK = "a hash that does not end"


class Hasher:
    """The hub's, but hashes of STUCK wait at a gate."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.threads: set[str] = set()
        self._real = secrets.HASHER

    def verify(self, kept: str, secret: str) -> bool:
        self.threads.add(threading.current_thread().name.split("_")[0])
        if secret == STUCK:
            self.gate.wait(20)
        return self._real.verify(kept, secret)

    def __getattr__(self, name: str) -> int:  # its costs
        found: int = getattr(self._real, name)
        return found

    def hash(self, secret: str) -> str:
        self.threads.add(threading.current_thread().name.split("_")[0])
        return self._real.hash(secret)


@pytest.fixture
def hasher(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hasher]:
    _ = site  # its own replacement of HASHER comes first
    hasher = Hasher()
    monkeypatch.setattr(secrets, "HASHER", hasher)
    yield hasher
    hasher.gate.set()


async def knock(site: Site, login: str, password: str = STUCK) -> tuple[int, str, str]:
    async with site.client() as client:
        form = {"login": login, "password": password}
        async with client.post("/sign-in", data=form, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Retry-After", ""), await answer.text()


async def test_pages_and_citizens_codes_pass_a_flood_of_wrong_sign_ins(
    site: Site, agent: aiohttp.ClientSession, admin: aiohttp.ClientSession, hasher: Hasher
) -> None:
    flood = {asyncio.create_task(knock(site, f"guess{n}")) for n in range(PLACES + 4)}
    refused: set[asyncio.Task[tuple[int, str, str]]] = set()
    while len(refused) < 4:
        refused, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)
    for status, retry_after, text in [task.result() for task in refused]:
        assert (status, retry_after) == (429, "5")
        assert "Trop de demandes arrivent en même temps." in text

    # pages, more of them than the hub has threads
    for path in ("/agent", "/kiosks", "/appointments", "/api/v1/venues", "/readyz", "/sign-in"):
        async with agent.get(path, allow_redirects=False) as answer:
            assert answer.status in {200, 303}, path
    # whom the hub knows hashes in another line
    async with admin.post(f"/admin/kiosks/{a_kiosk(site)}/code") as answer:
        assert answer.status == 200
    body = {"code": "NOTACODE", "public_key": "A" * 43}
    async with agent.post("/api/v1/enrolments", json=body) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
        assert (await answer.json())["code"] == "busy"
    waiting = flood - refused
    assert not any(task.done() for task in waiting)

    hasher.gate.set()
    assert [(await task)[0] for task in waiting] == [401] * PLACES
    assert hasher.threads == {"door", "hash"}
    assert (await knock(site, "caf2", site.password))[0] == 303


def a_kiosk(site: Site) -> str:
    with site.hub.reading() as uow:
        return uow.kiosks.list(active=True)[-1].id
