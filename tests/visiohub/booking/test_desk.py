from __future__ import annotations

import asyncio
import threading
from typing import get_args

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hub_world import NOW, World

from signaling.errors import ErrorCode, SignalingError
from signaling.ports import Authoriser, BrowserIdentity, CallFact
from signaling.protocol.cards import DeviceCard
from visiohub import errors
from visiohub.booking import accounts
from visiohub.booking.desk import Desk
from visiohub.booking.topics import allows
from visiohub.domain.model import Role


@pytest.fixture
def identity(world: World) -> BrowserIdentity:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    return BrowserIdentity(world.agent.id, opened.session.id, frozenset({"agent"}))


@pytest.fixture
def desk(world: World, identity: BrowserIdentity) -> Desk:
    async def identify(_request: web.Request) -> BrowserIdentity | None:
        return identity

    return Desk(world.hub, identify)


async def test_it_is_an_authoriser_from_arrival_to_end(
    world: World, desk: Desk, identity: BrowserIdentity
) -> None:
    authoriser: Authoriser = desk
    topics: list[str] = []
    world.hub.on_changed = topics.append
    booked = world.book("09:00")
    request = make_mocked_request("GET", "/")
    assert await authoriser.identify_browser(request) == identity
    assert await authoriser.session_is_valid(identity)
    assert await authoriser.identify_kiosk(world.kiosk.id) is None  # not enrolled yet
    await authoriser.kiosk_presence(world.kiosk.id, here=True, software="1")
    await authoriser.kiosk_devices(world.kiosk.id, [DeviceCard(kind="camera", status="ok")])
    assert await authoriser.help_wanted(world.kiosk.id, wanted=True) == "04 65 71 20 05"
    assert [c.availability for c in await authoriser.lobby(world.kiosk.id, frozenset())] == [
        "closed"
    ]
    ticket = await authoriser.present_code(world.kiosk.id, booked.code, "fr")
    assert await authoriser.may_answer(identity, ticket.call_id)
    place = await authoriser.place(ticket.call_id, frozenset({world.agent.id}))
    assert place.agent_told
    await authoriser.admit(identity, ticket.call_id)
    assert len(await authoriser.unfinished_calls()) == 1
    await authoriser.record(
        CallFact(ticket.call_id, NOW, "ended", 1, end_reason="hung_up_by_agent")
    )
    assert await authoriser.unfinished_calls() == []
    assert {"kiosks", "calls", f"day:{world.partner.id}"} <= set(topics)


async def test_refusals_travel_with_their_codes(world: World, desk: Desk) -> None:
    with pytest.raises(SignalingError) as refused:
        await desk.present_code(world.kiosk.id, "1234 5678", "fr")
    assert (refused.value.code, refused.value.field) == ("code_unknown", "code")
    with pytest.raises(SignalingError) as refused:
        await desk.place("nothing", frozenset())
    assert refused.value.code == "call_unknown"
    with pytest.raises(SignalingError) as refused:
        await desk.call_service(world.kiosk.id, world.walk_in.id, "fr", frozenset())
    assert refused.value.code == "service_closed"


def test_every_refusal_of_an_arrival_is_known_on_the_wire() -> None:
    arrivals = [*errors.ArrivalRefused.__subclasses__(), errors.ServiceUnknown]
    arrivals += [errors.ServiceClosed, errors.CallTaken, errors.CallOver, errors.NotAllowed]
    assert {e.code for e in arrivals} <= set(get_args(ErrorCode))


async def test_a_signed_out_browser_is_not_valid(
    world: World, desk: Desk, identity: BrowserIdentity
) -> None:
    world.do(accounts.revoke_session, identity.session_id, world.agent, NOW)
    assert not await desk.session_is_valid(identity)


async def test_topics_are_for_those_concerned(
    world: World, desk: Desk, identity: BrowserIdentity
) -> None:
    own, others = f"day:{world.partner.id}", f"day:{world.stranger.partner_id}"
    assert await desk.may_subscribe(identity, own)
    assert not await desk.may_subscribe(identity, others)
    assert allows(world.admin, others)
    assert allows(world.reception, f"reception:{world.venue.id}")
    assert not allows(world.reception, f"reception:{world.elsewhere.id}")
    assert not allows(world.reception, own)
    assert allows(world.reception, "kiosks")
    assert not allows(world.reception, "calls")
    assert not allows(world.agent, "anything")
    technician = world.stranger
    technician.roles = frozenset({Role.TECHNICIAN})
    assert allows(technician, "calls")


async def test_a_typed_code_waits_in_the_line_for_hashes_and_a_qr_does_not(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full line refuses with the code that the kiosk knows; nothing was counted as a guess."""
    booked = world.book("09:00")
    gate, began = threading.Event(), threading.Event()

    def stuck(_uow: object) -> None:
        began.set()
        gate.wait(20)

    line = [asyncio.create_task(world.hub.run_hashing(stuck)) for _ in range(1 + 32)]
    await asyncio.to_thread(began.wait, 20)
    with pytest.raises(SignalingError) as refused:
        await desk.present_code(world.kiosk.id, booked.code, "fr")
    assert (refused.value.code, refused.value.retry_after_s) == ("busy", 5)
    ticket = await desk.present_code(world.kiosk.id, booked.qr_text, "fr")
    assert ticket.kiosk_id == world.kiosk.id
    gate.set()
    await asyncio.gather(*line)
    assert world.see(lambda uow: uow.attempts.count("typed_code", None, NOW)) == 0


async def test_who_gives_up_waiting_leaves_the_place(world: World) -> None:
    gate = threading.Event()
    line = [asyncio.create_task(world.hub.run_at_door(lambda _uow: gate.wait(20)))]
    line += [asyncio.create_task(world.hub.run_at_door(lambda _uow: True)) for _ in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(errors.Busy):
        await world.hub.run_at_door(lambda _uow: True)
    line[-1].cancel()
    await asyncio.wait([line[-1]])
    again = asyncio.create_task(world.hub.run_at_door(lambda _uow: True))
    await asyncio.sleep(0)
    gate.set()
    assert await again
    assert all(await asyncio.gather(*line[:-1]))
