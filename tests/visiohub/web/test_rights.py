"""What somebody may no longer do ends at once: pages, sockets, waiting calls, held calls."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_site import Site, inputs_of

from signaling.protocol.messages import proof_text
from visiohub.booking import appointments, territory
from visiohub.booking.forms import (
    KioskForm,
    PartnerForm,
    PersonForm,
    RoomForm,
    ServiceForm,
    read_form,
)
from visiohub.booking.views import Booked
from visiohub.domain.model import Appointment, AppointmentState, Person
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import SIGNALING
from visiohub.web.rights import Rights

NUMBERS = count(1)
WITHIN_S = 5


class Wire:
    """One end of a WebSocket; pings are answered on the way."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.seen: list[dict[str, Any]] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self._socket.send_json({"type": type_, **fields})

    async def until(self, *types: str) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            while True:
                message: dict[str, Any] = await self._socket.receive_json()
                if message["type"] == "ping":
                    await self.send("pong", n=message["n"])
                self.seen.append(message)
                if message["type"] in types:
                    return message


@dataclass
class Post:
    """A kiosk of Laragne, a partner with two agents, another partner; sockets close at the end."""

    site: Site
    admin: aiohttp.ClientSession
    stack: AsyncExitStack
    key: Ed25519PrivateKey
    kiosk_id: str
    service_id: str
    partner_id: str
    other_partner_id: str
    agents: tuple[Person, Person] = field(repr=False)

    async def page(self, person: Person) -> tuple[aiohttp.ClientSession, Wire]:
        """A signed-in browser with one open page."""
        self.site.tokens.pop(person.login, None)  # sign in anew
        client = await self.stack.enter_async_context(self.site.client(person.login))
        wire = Wire(await client.ws_connect("/signaling/v1/staff"))
        await wire.send("hello", version=1, tab_id="t1")
        await wire.until("welcome_browser")
        return client, wire

    async def citizen(self) -> Wire:
        """The kiosk, where somebody shows the QR of an appointment that is now."""
        booked = self.site.do(self._book)
        client = await self.stack.enter_async_context(aiohttp.ClientSession(self.site.origin))
        wire = Wire(await client.ws_connect("/signaling/v1/kiosk"))
        nonce = (await wire.until("challenge"))["nonce"]
        signature = self.key.sign(proof_text(self.site.origin, self.kiosk_id, nonce))
        text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        await wire.send("prove", version=1, kiosk_id=self.kiosk_id, signature=text, software="")
        await wire.until("welcome_kiosk")
        await wire.send("present_code", code=booked.qr_text, language="fr")
        await wire.until("call_state")
        return wire

    def _book(self, uow: UnitOfWork) -> Booked:
        paper = appointments.new_paper(uow)
        now = self.site.hub.clock()
        appointment = Appointment(
            id=f"rights{next(NUMBERS)}",
            service_id=self.service_id,
            kiosk_id=self.kiosk_id,
            starts_at=now,
            ends_at=now + timedelta(minutes=30),
            state=AppointmentState.BOOKED,
            created_at=now,
            created_by=self.agents[0].id,
            initials="D. R.",
            phone="",
        )
        return appointments.enter(uow, appointment, paper, self.agents[0], now)

    async def edit(self, person: Person, **changes: str) -> None:
        """As the administrator's page does."""
        address = f"/admin/people/{person.id}"
        async with self.admin.get(address) as answer:
            version = inputs_of(await answer.text())["version"]
        data = {
            "login": person.login,
            "label": person.label,
            "initials": "",
            "roles": "agent",
            "partner_id": self.partner_id,
            "language": "fr",
            "version": version,
            **changes,
        }
        async with self.admin.post(address, data=data, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()


@pytest.fixture
async def post(site: Site, admin: aiohttp.ClientSession) -> AsyncIterator[Post]:
    key = Ed25519PrivateKey.generate()

    def make(uow: UnitOfWork) -> dict[str, Any]:
        now = site.hub.clock()

        def one(form: Any, **facts: Any) -> Any:
            return territory.create(uow, read_form(form, facts), None, now)

        n = next(NUMBERS)
        venue = next(v for v in uow.venues.list(active=True) if "Laragne" in v.town)
        room = one(RoomForm, venue_id=venue.id, name=f"Salle {n}", capacity=2)
        kiosk = one(KioskForm, room_id=room.id, name=f"Borne {n}")
        kiosk.public_key = key.public_key().public_bytes_raw()
        partner, other = (
            one(PartnerForm, name=f"{name} {n}", short_name=f"{name}{n}", phone="04 65 71 30 00")
            for name in ("Caisse", "Mutuelle")
        )
        agents = tuple(
            one(PersonForm, login=f"{a}{n}", label=a, roles=["agent"], partner_id=partner.id)
            for a in ("ada", "bea")
        )
        service = one(ServiceForm, partner_id=partner.id, name=f"Droits {n}", duration_minutes=30)
        return {
            "kiosk_id": kiosk.id,
            "service_id": service.id,
            "partner_id": partner.id,
            "other_partner_id": other.id,
            "agents": agents,
        }

    async with AsyncExitStack() as stack:
        post = Post(site=site, admin=admin, stack=stack, key=key, **site.do(make))
        yield post
        site.run(site.app[SIGNALING].revoke_kiosk(post.kiosk_id))  # its call, if one is left


async def is_signed_out(client: aiohttp.ClientSession) -> bool:
    async with client.get("/agent", allow_redirects=False) as answer:
        return answer.status == 303 and answer.headers["Location"].startswith("/sign-in")


async def test_a_change_of_rights_ends_sessions_and_sockets(post: Post) -> None:
    ada, bea = post.agents
    client, wire = await post.page(ada)
    await post.edit(ada, label="Ada R.")  # no right changes: the page stays
    assert not await is_signed_out(client)
    for change in (
        {"partner_id": post.other_partner_id},
        {"roles": "technician", "partner_id": ""},
    ):
        await post.edit(ada, **change)
        assert (await wire.until("bye"))["code"] == "signed_out"
        assert await is_signed_out(client)
        client, wire = await post.page(ada)
    other, _ = await post.page(bea)
    await post.edit(ada)
    assert not await is_signed_out(other)


async def test_who_may_no_longer_neither_sees_nor_admits_who_waits(post: Post) -> None:
    ada, bea = post.agents
    kiosk = await post.citizen()
    call_id = kiosk.seen[-1]["call"]["call_id"]
    await post.edit(ada, partner_id=post.other_partner_id)
    client, wire = await post.page(ada)
    assert wire.seen[-1]["calls"] == []
    for request in ("admit", "take_over", "hang_up"):
        await wire.send(request, call_id=call_id)
        assert (await wire.until("error", "call_state"))["code"] == "call_unknown"
    async with client.get(f"/agent/call/{call_id}/card") as answer:
        assert answer.status == 404

    # back again: the call that waits is shown to the page and may be admitted
    await post.edit(ada)
    _, wire = await post.page(ada)
    assert [call["call_id"] for call in wire.seen[-1]["calls"]] == [call_id]
    _, colleague = await post.page(bea)
    await post.edit(bea, partner_id=post.other_partner_id)
    assert (await colleague.until("bye"))["code"] == "signed_out"
    await wire.send("admit", call_id=call_id)
    assert (await wire.until("negotiate"))["generation"] == 1


async def test_who_holds_a_call_and_may_no_longer_is_out_of_it_at_once(post: Post) -> None:
    ada, _ = post.agents
    kiosk = await post.citizen()
    call_id = kiosk.seen[-1]["call"]["call_id"]
    _, wire = await post.page(ada)
    await wire.send("admit", call_id=call_id)
    await wire.until("negotiate")
    await post.edit(ada, partner_id=post.other_partner_id)
    assert (await wire.until("bye"))["code"] == "signed_out"
    ended = await kiosk.until("ended")
    assert (ended["reason"], bool(ended["fallback_phone"])) == ("agent_lost", True)
    _, wire = await post.page(ada)
    await wire.send("take_over", call_id=call_id)
    assert (await wire.until("error"))["code"] == "call_unknown"


async def test_a_new_agent_is_shown_who_waits_already(post: Post) -> None:
    _, bea = post.agents
    await post.edit(bea, partner_id=post.other_partner_id)
    kiosk = await post.citizen()
    call_id = kiosk.seen[-1]["call"]["call_id"]
    await post.edit(bea)
    _, wire = await post.page(bea)
    assert [call["call_id"] for call in wire.seen[-1]["calls"]] == [call_id]


async def test_retiring_somebody_is_told_in_the_same_way(post: Post) -> None:
    ada, _ = post.agents
    client, wire = await post.page(ada)
    async with post.admin.get(f"/admin/people/{ada.id}") as answer:
        data = {"version": inputs_of(await answer.text())["version"]}
    async with post.admin.post(f"/admin/people/{ada.id}/retire", data=data) as answer:
        assert answer.status == 200
    assert (await wire.until("bye"))["code"] == "signed_out"
    assert await is_signed_out(client)


async def test_a_change_is_kept_and_told_later_when_signaling_cannot_be_told_now(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bea = post.agents
    _, wire = await post.page(bea)
    await post.edit(bea)
    kiosk = await post.citizen()
    await wire.until("call_state")
    signaling = post.site.app[SIGNALING]
    tell, told = signaling.staff_changed, asyncio.Event()
    loop = asyncio.get_running_loop()

    async def fails_once(may_admit: Mapping[str, frozenset[str]]) -> None:
        monkeypatch.setattr(signaling, "staff_changed", tell)
        loop.call_soon_threadsafe(told.set)
        raise NotFound("as a bug would")

    monkeypatch.setattr(signaling, "staff_changed", fails_once)
    await post.edit(ada, label="Ada R.", partner_id=post.other_partner_id)  # 303, not a 404 or 422
    await told.wait()
    assert post.site.do(lambda uow: uow.persons.get(ada.id).label) == "Ada R."
    _, ada_s = await post.page(ada)
    call_id = kiosk.seen[-1]["call"]["call_id"]
    async with asyncio.timeout(WITHIN_S):
        while True:  # until the push was repeated
            await ada_s.send("admit", call_id=call_id)
            if (await ada_s.until("error"))["code"] == "call_unknown":
                break
            await asyncio.sleep(0.2)


class SlowHub:
    """Reads in order, the first of them slowly."""

    def __init__(self) -> None:
        self.reads = 0

    async def read(self, _use_case: Any) -> int:
        self.reads += 1
        found = self.reads
        await asyncio.sleep(0.05 if found == 1 else 0)
        return found


async def test_two_changes_are_told_in_their_order() -> None:
    told: list[int] = []

    class Signaling:
        async def staff_changed(self, may_admit: int) -> None:
            told.append(may_admit)

    rights = Rights(SlowHub(), Signaling())  # type: ignore[arg-type]
    await asyncio.gather(rights.push_admitters(), rights.push_admitters())
    assert told == [1, 2]


async def test_the_board_for_the_citizen_speaks_the_citizens_language(post: Post) -> None:
    ada, _ = post.agents
    kiosk = await post.citizen()
    call = kiosk.seen[-1]["call"]
    assert call["language"] == "fr"
    client, _ = await post.page(ada)
    for readers in ("en", "fr"):
        path = f"/agent/call/{call['call_id']}"
        async with client.get(path, headers={"Accept-Language": readers}) as answer:
            page = await answer.text()
        data = re.search(r'id="call-data">(.*?)</script>', page)
        assert data
        assert json.loads(data[1])["board"]["off"].startswith("L’agent a coupé sa caméra.")
