"""The loopback server: who may come in, what is served, how a slow page is treated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from stage import until

from kiosk.rtc.decoding_screen import Decodable, Seen
from kiosk.scene import Action, Do
from kiosk.screen.frames import CODED, FAR
from kiosk.screen.server import ScreenServer

MODEL = {"screen": "home"}


class Served:
    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.server = ScreenServer(self.actions.append)
        self.session = aiohttp.ClientSession()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def page(self) -> aiohttp.ClientWebSocketResponse:
        return await self.session.ws_connect(
            self.origin + "/screen", headers={"Origin": self.origin}
        )


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    served = Served()
    await served.server.start(0)
    served.server.show(MODEL)
    yield served
    await served.session.close()
    await served.server.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://elsewhere.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "rebound.test"}, 403),
    ],
)
async def test_strangers_are_kept_out_of_the_socket(
    served: Served, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await served.session.ws_connect(served.origin + "/screen", headers=headers)
    assert refused.value.status == status


async def test_the_page_is_served_and_never_stored(served: Served) -> None:
    async with served.session.get(served.origin + "/") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert '<script type="module"' in await answer.text()


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/%2e%2e/server.py",
        "/js/../../view.py",
        "/nothing.js",
        "/js",
        "//etc",
        "/%00",
        "/%00.js",
        "/" + 300 * "a" + ".js",
        "/" + 3000 * "a/" + "a.js",
    ],
)
async def test_nothing_else_is_served(
    served: Served, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{served.server.port}\r\n\r\n".encode())
    head = await reader.readline()
    writer.close()
    assert b" 404 " in head
    assert caplog.text == ""


async def test_it_listens_on_loopback_alone(served: Served) -> None:
    assert served.server._runner is not None
    assert [address[0] for address in served.server._runner.addresses] == ["127.0.0.1"]


async def test_models_down_actions_up(served: Served) -> None:
    page = await served.page()
    assert json.loads((await page.receive(timeout=20)).data) == MODEL
    served.server.show(MODEL)  # the same again is not sent
    served.server.show({"screen": "code"})
    assert json.loads((await page.receive(timeout=20)).data) == {"screen": "code"}
    await page.send_json({"do": "digit", "value": "4"})
    served.server.push_picture(FAR, b"pixels")
    assert (await page.receive(timeout=20)).data == b"\x01pixels"
    await page.close()
    assert served.actions == [Action(Do.DIGIT, "4")]


async def test_a_fault_in_an_action_leaves_the_page_its_connection(
    served: Served, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(action: Action) -> None:
        served.actions.append(action)
        if action.value == "4":
            raise ValueError("4829 1357")

    served.server._act = act
    page = await served.page()
    await page.receive(timeout=20)
    await page.send_json({"do": "digit", "value": "4"})
    await page.send_json({"do": "digit", "value": "5"})
    served.server.show({"screen": "code"})
    assert json.loads((await page.receive(timeout=20)).data) == {"screen": "code"}
    await page.close()
    assert [action.value for action in served.actions] == ["4", "5"]
    said = capsys.readouterr().out + caplog.text
    assert "ValueError" in said
    assert "4829" not in said


@pytest.mark.parametrize("fault", [KeyError("streams"), RuntimeError("watch")])
async def test_a_fault_in_what_is_told_of_a_picture_leaves_the_page_its_connection(
    served: Served, fault: Exception, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def told(_seen: Seen | None) -> None:
        raise fault

    page = await served.page()
    await page.receive(timeout=20)
    await page.send_json({"decodes": ["VP8"]})
    served.server.push_coded(Decodable("VP8", b"coded", whole=True), told)
    await page.receive(timeout=20)
    await page.send_json({"seen": CODED, "shown": [640, 360, 4.5]})
    await page.send_json({"do": "digit", "value": "5"})
    await until(lambda: served.actions)
    await page.close()
    said = capsys.readouterr().out + caplog.text
    assert type(fault).__name__ in said, "it is no word of the page's that could not be read"
    assert "test_kiosk_screen_server.py" in said


async def test_a_picture_waits_for_no_model(served: Served) -> None:
    page = await served.page()
    await page.receive()
    served.server.show({"screen": "call"})
    served.server.push_picture(FAR, b"picture")
    came = [await page.receive(), await page.receive()]
    await page.close()
    assert [frame.data for frame in came] == [bytes((FAR,)) + b"picture", '{"screen":"call"}']


async def test_a_page_decodes_what_it_says(served: Served) -> None:
    assert not served.server.decodes("VP8"), "nobody looks"
    page = await served.page()
    await page.receive(timeout=20)
    assert not served.server.decodes("VP8"), "it has not said so yet"
    await page.send_json({"decodes": ["VP8", "H264"]})
    told: list[Seen | None] = []
    heard = asyncio.Event()

    def tell(seen: Seen | None) -> None:
        told.append(seen)
        heard.set()

    await until(lambda: served.server.decodes("VP8"))
    assert not served.server.decodes("AV1")
    assert not served.server.decodes("H264"), "H.264 is decoded by the kiosk"
    served.server.push_coded(Decodable("VP8", b"coded", whole=True), tell)
    assert (await page.receive(timeout=20)).data == bytes((CODED, 1, 1)) + b"coded"
    await page.send_json({"seen": CODED, "shown": [640, 360, 4.5]})
    await asyncio.wait_for(heard.wait(), 2)
    heard.clear()
    await page.send_json({"seen": CODED, "lost": True})
    await asyncio.wait_for(heard.wait(), 2)
    assert told == [Seen(640, 360, 0.0045), None]
    other = await served.page()
    await other.receive(timeout=20)
    assert not served.server.decodes("VP8"), "one of two pages cannot"
    await other.send_json({"decodes": ["VP8"]})
    await other.send_json({"do": "touch"})
    await until(lambda: served.actions)
    assert not served.server.decodes("VP8"), "two would tell of each picture"
    await other.close()
    await until(lambda: served.server.decodes("VP8"))
    await page.close()


async def test_nobody_is_told_once_the_call_is_over(served: Served) -> None:
    page = await served.page()
    await page.receive(timeout=20)
    await page.send_json({"decodes": ["VP8"]})
    told: list[Seen | None] = []
    served.server.push_coded(Decodable("VP8", b"coded", whole=True), told.append)
    await page.receive(timeout=20)
    served.server.drop_pictures()
    await page.send_json({"seen": CODED, "shown": [640, 360, 4.5]})
    await page.send_json({"do": "touch"})
    await until(lambda: served.actions)
    await page.close()
    assert told == []


async def test_what_is_lost_before_a_whole_picture_on_its_way_asks_for_none(served: Served) -> None:
    page = await served.page()
    await page.receive(timeout=20)
    await page.send_json({"decodes": ["VP8"]})
    await until(lambda: served.server.decodes("VP8"))
    told: list[Seen | None] = []

    async def push(*whole: bool) -> None:
        for each in whole:
            served.server.push_coded(Decodable("VP8", b"coded", whole=each), told.append)
            await page.receive(timeout=20)

    async def answer(*answers: Mapping[str, object]) -> None:
        for each in answers:
            await page.send_json({"seen": CODED, **each})
        await page.send_json({"do": "touch"})
        await until(lambda: served.actions)
        served.actions.clear()

    lost, shown = {"lost": True}, {"shown": [640, 360, 1]}
    await push(True, False, False)
    await answer(shown, lost)
    assert told.pop(0) is not None
    assert told == [None], "nothing whole comes after it"
    await push(True, False)
    await answer(lost)
    assert told == [None], "the page will show what it has not told of yet"
    await answer(lost)
    assert told == [None, None], "the whole one itself was lost"
    await push(False, True)
    await answer({}, {}, lost)
    assert told == [None, None, None], "it is passed over together with what went before it"
    await page.close()
