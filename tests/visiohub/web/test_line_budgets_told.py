"""Both ends of a call hear what it may use of the line, over the whole hub and two sockets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_site import Site

from signaling.protocol.messages import proof_text
from visiohub.domain.line import TrainResult, Way
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import SIGNALING
from visiohub.web.line_desk import LINE_DESK

KEY = Ed25519PrivateKey.generate()
THIN_KBIT_S, WIDE_KBIT_S = 400.0, 8_000.0


class End:
    """A socket of a kiosk or a page; pings are answered on the way."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, type_: str, **fields: Any) -> None:
        await self.socket.send_json({"type": type_, **fields})

    async def until(self, type_: str, of: Callable[[Any], bool] = lambda _: True) -> Any:
        async with asyncio.timeout(10):
            while True:
                message = await self.socket.receive_json()
                if message["type"] == "ping":
                    await self.send("pong", n=message["n"])
                if message["type"] == type_ and of(message):
                    return message

    async def budget(self) -> Any:
        return (await self.until("call_budget"))["budget"]


class Ends:
    """The demo's kiosk and the agent's page; each may connect anew."""

    def __init__(self, site: Site, stack: AsyncExitStack) -> None:
        self.site, self._stack = site, stack

    async def kiosk(self) -> End:
        client = await self._stack.enter_async_context(aiohttp.ClientSession(self.site.origin))
        end, kiosk_id = End(await client.ws_connect("/signaling/v1/kiosk")), self.site.demo.kiosk_id
        nonce = (await end.until("challenge"))["nonce"]
        signed = KEY.sign(proof_text(self.site.origin, kiosk_id, nonce))
        signature = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
        await end.send("prove", version=1, kiosk_id=kiosk_id, signature=signature, software="")
        await end.until("welcome_kiosk")
        return end

    async def page(self) -> End:
        login = self.site.demo.convocation_agent
        client = await self._stack.enter_async_context(self.site.client(login))
        end = End(await client.ws_connect("/signaling/v1/staff"))
        await end.send("hello", version=1, tab_id="t1")
        await end.until("welcome_browser")
        return end


@pytest.fixture
async def ends(site: Site) -> AsyncIterator[Ends]:
    def enrol(uow: UnitOfWork) -> None:
        uow.kiosks.get(site.demo.kiosk_id).public_key = KEY.public_key().public_bytes_raw()

    site.do(enrol)
    async with AsyncExitStack() as stack:
        yield Ends(site, stack)
        site.run(site.app[SIGNALING].revoke_kiosk(site.demo.kiosk_id))


def carries(site: Site, kbit_s: float | None, ago: timedelta = timedelta()) -> None:
    """By three trains each way, so long ago; None: all that was measured was another line's."""

    def measured(uow: UnitOfWork) -> None:
        now = site.hub.clock() - ago
        state = uow.linkquality.states.of(uow.lines.of_kiosk(site.demo.kiosk_id).id)
        state.known_since = now if kbit_s is None else now - timedelta(minutes=5)
        if kbit_s is None:
            return
        uow.linkquality.series.add_trains(
            [
                (state.number, TrainResult(at, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, False))
                for at in (now - timedelta(minutes=minute) for minute in (3, 2, 1))
                for way in Way
            ]
        )

    site.do(measured)


async def look(site: Site) -> None:
    """As the hub does every few seconds."""
    watching = site.app[LINE_DESK].watch(site.app[SIGNALING])
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(watching, site.loop))


async def test_both_ends_hear_of_each_change_and_that_nothing_is_known_any_more(
    site: Site, ends: Ends
) -> None:
    carries(site, THIN_KBIT_S, ago=timedelta(minutes=10))
    kiosk, page = await ends.kiosk(), await ends.page()
    await kiosk.send("present_code", code=site.demo.convocation.qr_text, language="fr")
    waiting = await page.until("call_state", lambda m: m["call"]["state"] == "waiting")
    call_id = waiting["call"]["call_id"]
    await page.send("admit", call_id=call_id)
    for end in (kiosk, page):
        first = await end.budget()
        assert first["video_up_kbit_s"] < THIN_KBIT_S

    carries(site, None)
    await look(site)
    assert [await end.budget() for end in (kiosk, page)] == [None, None]

    # who was away when it was said hears it on return, and what became known since
    await kiosk.socket.close()
    kiosk = await ends.kiosk()
    assert await kiosk.budget() is None
    await page.socket.close()
    carries(site, WIDE_KBIT_S)
    await look(site)
    page = await ends.page()
    for end in (kiosk, page):
        assert (await end.budget())["video_up_kbit_s"] > first["video_up_kbit_s"]
    await page.send("hang_up", call_id=call_id)
    await kiosk.until("ended")
