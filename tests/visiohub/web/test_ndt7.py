"""NDT7: M-Lab's client and ours against the hub; and those who would exhaust it."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import playwright
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_site import Site

from kiosk.identity import Identity
from kiosk.probes.ndt7 import Ndt7, Ndt7Error, ticket
from visiohub.booking.lines.refusals import LineMeasured
from visiohub.booking.lines.speeds import require_free
from visiohub.domain.line import TrainResult, Way
from visiohub.domain.model import AppointmentState, Call
from visiohub.linkquality.ndt7 import SUBPROTOCOL
from visiohub.linkquality.tickets import TicketRefused, Tickets
from visiohub.storage.uow import UnitOfWork
from visiohub.web.ndt7 import TICKETS

NODE = Path(playwright.__file__).parent / "driver" / "node"
CLIENT = Path(__file__).with_name("ndt7_client.cjs")
OFFICIAL = Path(__file__).parents[3] / "node_modules" / "@m-lab" / "ndt7" / "src"
FAST_KBIT_S = 300_000


@pytest.fixture(autouse=True)
def tickets(site: Site) -> Iterator[Tickets]:
    """None given yet, in this test."""
    site.app[TICKETS].__init__()  # type: ignore[misc]
    return site.app[TICKETS]


def given(site: Site, kbit_s: float = FAST_KBIT_S, line_id: str = "") -> str:
    """A ticket, as the hub gives them."""
    token = secrets.token_urlsafe(24)
    line = line_id or token

    async def give() -> None:
        site.app[TICKETS].give(token, line, kbit_s, kbit_s, time.monotonic())

    site.run(give())
    return token


def test_the_official_client_measures_both_directions(site: Site) -> None:
    host, token = site.origin.removeprefix("http://"), given(site)
    # its own figures come each 250 ms, and 150 MB are through this PC in less
    site.app[TICKETS].find(token, time.monotonic()).octets["download"] = 1_000_000_000
    said = subprocess.run(
        [NODE, CLIENT, OFFICIAL, host, token],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    result = json.loads(said.stdout)
    assert result["errors"] == []
    assert result["code"] == 0
    down = result["download"]
    assert down["LastClientMeasurement"]["NumBytes"] > 1_000_000
    assert down["LastServerMeasurement"]["AppInfo"]["NumBytes"] > 1_000_000
    assert down["LastServerMeasurement"]["TCPInfo"]["RTT"] > 0
    up = result["upload"]["LastServerMeasurement"]
    assert up["AppInfo"]["NumBytes"] > 1_000_000
    assert up["TCPInfo"]["BytesReceived"] >= up["AppInfo"]["NumBytes"]
    assert up["TCPInfo"]["ElapsedTime"] == up["AppInfo"]["ElapsedTime"] > 0


async def test_our_client_measures_both_directions_and_how_the_line_answers(site: Site) -> None:
    ours = Ndt7(site.origin, given(site))
    down = await ours.download(3.0)
    up = await ours.upload(3.0)
    for way in (down, up):
        assert way.seen.octets > 1_000_000
        assert (way.seen.kbit_s or 0) > 1_000
    assert down.seen.elapsed_s <= 3.5


# --- who may ----------------------------------------------------------------------------------


async def refused(site: Site, query: str, protocols: tuple[str, ...] = (SUBPROTOCOL,)) -> int:
    async with aiohttp.ClientSession(site.origin) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"/ndt/v7/download{query}", protocols=protocols)
        return caught.value.status


async def test_without_a_ticket_nothing_opens(site: Site) -> None:
    assert await refused(site, "") == 404
    assert await refused(site, "?access_token=guess") == 404
    assert await refused(site, f"?access_token={given(site)}", ()) == 400
    async with aiohttp.ClientSession(site.origin) as session:
        assert (await session.get("/ndt/v7/small")).status == 404


async def test_a_ticket_opens_each_direction_once(site: Site) -> None:
    ours = Ndt7(site.origin, given(site, 100))
    await ours.download(0.5)
    with pytest.raises(Ndt7Error, match="409"):
        await ours.download(0.5)
    await ours.upload(0.5)
    with pytest.raises(Ndt7Error, match=r"409|404"):
        await ours.upload(0.5)


async def test_one_direction_waits_until_the_hub_is_done_with_the_other(site: Site) -> None:
    token = given(site, 100)
    async with aiohttp.ClientSession(site.origin) as session:
        down = await session.ws_connect(
            f"/ndt/v7/download?access_token={token}", protocols=(SUBPROTOCOL,)
        )
        up = asyncio.create_task(Ndt7(site.origin, token).upload(0.3))
        await asyncio.sleep(0.3)
        assert not up.done()
        await down.close()
        assert (await up).seen.octets > 0


@pytest.fixture
def calm(site: Site) -> None:
    """Nobody needs a line of the demo in the next hour; its octets of the day hold anything."""
    now = site.hub.clock()

    def clear(uow: UnitOfWork) -> None:
        for one in uow.appointments.between(now - timedelta(hours=6), now + timedelta(hours=1)):
            one.state = AppointmentState.CANCELLED
        for booking in uow.bookings.list(visio=True):
            booking.visio = False
        for call in uow.calls.open():
            call.state = "ended"
        for run in uow.linkquality.speeds.list():
            uow.linkquality.speeds.remove(run)
        for line in uow.lines.list(active=True):
            terms = uow.linkquality.terms.find(line.id)
            if terms is None:
                terms = uow.linkquality.terms.of(line)
                uow.linkquality.terms.add(terms)
            terms.probe_octets_a_day = 200_000_000

    site.do(clear)


async def test_a_ticket_reserves_its_line_until_it_is_used_up(site: Site, calm: None) -> None:
    line = site.do(lambda uow: uow.lines.list(active=True)[0])
    now = site.hub.clock()
    span = (now, now + timedelta(minutes=1))

    def is_free() -> bool:
        try:
            site.do(require_free, line, [span])
        except LineMeasured:
            return False
        return True

    assert is_free()
    async with site.client("technique") as session:
        token = (await (await session.post(f"/lines/{line.id}/speed-ticket")).json())["token"]
        assert not is_free()
        async with session.get(f"/lines/{line.id}/speed") as page:
            assert "La ligne est réservée" in await page.text()
        ours = Ndt7(site.origin, token)
        await ours.download(0.3)
        await ours.upload(0.3)
        async with asyncio.timeout(20):
            while not is_free():  # noqa: ASYNC110 - the hub looks each second
                await asyncio.sleep(0.1)
        async with session.get(f"/lines/{line.id}/speed") as page:
            assert "à la main, avec un autre programme" in await page.text()


async def test_a_call_on_the_line_goes_before_a_ticket(site: Site, calm: None) -> None:
    line = site.do(lambda uow: uow.lines.list(active=True)[0])

    def begin(uow: UnitOfWork) -> None:
        kiosk = uow.kiosks.at_venue(line.venue_id)[0]
        now = site.hub.clock()
        uow.calls.add(Call("on-the-line", kiosk.id, None, None, "fr", "connected", now))

    path = f"/lines/{line.id}/speed-ticket"
    async with site.client("technique") as session:
        assert (await session.post(path)).status == 201
        site.do(begin)
        try:
            async with asyncio.timeout(20):
                while await (again := await session.post(path)).json() != {  # noqa: ASYNC110 - as above
                    "code": "line_in_use"
                }:
                    await asyncio.sleep(0.2)
            assert again.status == 409
            (run,) = site.do(lambda uow: uow.linkquality.speeds.newest(line.id, 1))
            assert run.failure == "call"
        finally:
            site.do(lambda uow: uow.calls.remove(uow.calls.get("on-the-line")))


async def test_a_technician_reads_the_cost_and_gets_one_ticket_a_line(
    site: Site, calm: None
) -> None:
    line = site.do(lambda uow: uow.lines.list(active=True)[0])
    path = f"/lines/{line.id}/speed-ticket"
    async with site.client("technique") as session:
        cost = await (await session.get(path)).json()
        answer = await session.post(path)
        again = await session.post(path)
        assert (answer.status, again.status) == (201, 409)
        assert int(again.headers["Retry-After"]) > 0
        assert (await again.json())["code"] == "line_measured"
    body = await answer.json()
    assert body["octets"] == cost["octets"]
    assert cost["octets"] == pytest.approx((line.down_kbit_s + line.up_kbit_s) * 1375, abs=1)


async def test_a_line_faster_than_its_contract_costs_what_it_carries(
    site: Site, calm: None
) -> None:
    """Else the measurement ends at its octets, before its ten seconds."""
    line = site.do(lambda uow: uow.lines.list(active=True)[-1])
    now = site.hub.clock()

    def found(uow: UnitOfWork) -> None:
        number = uow.linkquality.states.of(line.id).number
        times = [now - timedelta(minutes=minutes) for minutes in (3, 2, 1)]
        for at in times:
            train = TrainResult(
                at, Way.DOWN, 3.0 * line.down_kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False
            )
            uow.linkquality.series.add_trains([(number, train)])

    site.do(found)
    async with site.client("technique") as session:
        cost = await (await session.get(f"/lines/{line.id}/speed-ticket")).json()
        body = await (await session.post(f"/lines/{line.id}/speed-ticket")).json()
    assert body["octets"] == cost["octets"] > 3 * 1375 * line.down_kbit_s
    ticket = site.app[TICKETS].find(body["token"], time.monotonic())
    assert ticket.octets["download"] > 3 * 1375 * line.down_kbit_s


async def test_beyond_the_day_s_octets_a_ticket_is_for_who_says_so(site: Site, calm: None) -> None:
    identity = enrolled(site, 2)
    line = site.do(lambda uow: uow.lines.of_kiosk(identity.kiosk_id))

    def octets(count: int) -> None:
        site.do(
            lambda uow: setattr(uow.linkquality.terms.get(line.id), "probe_octets_a_day", count)
        )

    path, now = f"/lines/{line.id}/speed-ticket", site.hub.clock().timestamp()
    octets(5_000_000)  # less than the line takes, at any hour of the day
    async with site.client("technique") as session:
        said = await (await session.get(path)).json()
        assert said["beyond_budget"]
        assert 0 <= said["left_down"] < 5_000_000
        answer = await session.post(path)
        assert (answer.status, await answer.json()) == (409, {"code": "beyond_budget"})
        with pytest.raises(Ndt7Error, match="beyond_budget"):
            await ticket(site.origin, identity, now)
        assert (await session.post(path, data={"beyond_budget": "1"})).status == 201
    (run,) = site.do(lambda uow: uow.linkquality.speeds.newest(line.id, 1))
    assert run.beyond_budget
    octets(200_000_000)


def enrolled(site: Site, place: int = 0) -> Identity:
    """A kiosk of the demo with a key that we know."""
    key = Ed25519PrivateKey.generate()

    def keep(uow: UnitOfWork) -> str:
        kiosk = uow.kiosks.list(active=True)[place]
        kiosk.public_key = key.public_key().public_bytes_raw()
        return kiosk.id

    return Identity(site.do(keep), site.hub.settings.public_origins[0], key)


async def test_a_kiosk_gets_a_ticket_by_its_key(site: Site, calm: None) -> None:
    identity = enrolled(site)
    now = site.hub.clock().timestamp()
    token = await ticket(site.origin, identity, now)
    assert (await Ndt7(site.origin, token).download(0.3)).seen.octets > 0
    with pytest.raises(Ndt7Error, match="bad_proof"):
        await ticket(site.origin, identity, now)  # shown once already
    with pytest.raises(Ndt7Error, match="line_measured"):
        await ticket(site.origin, identity, now + 1)
    stranger = Identity(identity.kiosk_id, identity.hub_origin, Ed25519PrivateKey.generate())
    with pytest.raises(Ndt7Error, match="bad_proof"):
        await ticket(site.origin, stranger, now + 2)


async def test_a_kiosk_whose_clock_jumped_takes_the_hubs(site: Site, calm: None) -> None:
    identity = enrolled(site, 1)
    assert await ticket(site.origin, identity, time.time() - 3600)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 5000, b'{"kiosk_id": 7}'])
async def test_what_is_no_proof(site: Site, body: bytes) -> None:
    async with aiohttp.ClientSession(site.origin) as session:
        assert (await session.post("/ndt/v7/kiosk-ticket", data=body)).status == 400


# --- who would exhaust the hub ------------------------------------------------------------------


async def test_a_flood_without_tickets_moves_nothing(site: Site) -> None:
    """300 at once; then the hub still answers, and no measurement is open."""
    assert (
        await asyncio.gather(*(refused(site, "?access_token=x") for _ in range(300))) == [404] * 300
    )
    async with aiohttp.ClientSession(site.origin) as session:
        assert (await session.get("/healthz")).status == 200


async def test_a_reader_that_stops_costs_the_hub_little(site: Site) -> None:
    """It is given what the sockets hold, is cut in time, and the ticket is over."""
    token = given(site, 5_000_000)
    async with aiohttp.ClientSession(site.origin) as session:
        wire = await session.ws_connect(
            f"/ndt/v7/download?access_token={token}", protocols=(SUBPROTOCOL,)
        )
        left = site.app[TICKETS].find(token, time.monotonic())
        while True:  # nothing is read here: the sending stops by itself
            before = left.octets["download"]
            await asyncio.sleep(0.3)
            if left.octets["download"] == before:
                break
        assert 150_000_000 - before < 20_000_000
        await wire.close()


async def pour(wire: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await wire.send_bytes(bytes(1 << 20))
        await asyncio.sleep(0)


async def chatter(wire: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await wire.send_str("x" * 1_000_000)
        await asyncio.sleep(0)


@asynccontextmanager
async def opened(
    site: Site, direction: str, token: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A client's end of that direction, for ten seconds at most."""
    async with (
        aiohttp.ClientSession(site.origin) as session,
        session.ws_connect(
            f"/ndt/v7/{direction}?access_token={token}", protocols=(SUBPROTOCOL,)
        ) as wire,
        asyncio.timeout(10),
    ):
        yield wire


@pytest.mark.parametrize("direction", ["download", "upload"])
async def test_what_a_client_tells_takes_the_ticket_s_octets_too(
    site: Site, direction: str
) -> None:
    """Text is no figure, and fills the line as well: it is cut long before LIMIT_S."""
    token = given(site, 100)
    left = site.app[TICKETS].find(token, time.monotonic()).octets
    left["download"] = left["upload"] = 2_000_000
    async with opened(site, direction, token) as wire:
        with pytest.raises(ConnectionError):
            await chatter(wire)
    assert left[direction] < 0


async def test_an_upload_ends_at_its_octets(site: Site) -> None:
    token = given(site, 100)
    async with opened(site, "upload", token) as wire:
        with pytest.raises(ConnectionError):
            await pour(wire)
        with pytest.raises(TicketRefused):
            site.app[TICKETS].begin(token, "upload", time.monotonic())


async def test_a_message_larger_than_any_clients_is_refused(site: Site) -> None:
    token = given(site)
    async with opened(site, "upload", token) as wire:
        try:
            await wire.send_bytes(bytes((1 << 23) + 2))
        except ConnectionError:
            return
        closed = await wire.receive()
        while closed.type is aiohttp.WSMsgType.TEXT:
            closed = await wire.receive()
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1009)


async def test_no_more_at_one_time_than_the_hub_carries(site: Site) -> None:
    for _ in range(4):
        given(site)
    line = site.do(lambda uow: uow.lines.list(active=True)[0])
    async with site.client("technique") as session:
        answer = await session.post(f"/lines/{line.id}/speed-ticket")
        assert answer.status == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 120
