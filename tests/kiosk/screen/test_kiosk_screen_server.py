"""The loopback server: who may come in, what is served, how a slow page is treated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.scene import Action, Do
from kiosk.screen.server import FAR, IN_FLIGHT, ScreenServer, _Page

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
    assert json.loads((await page.receive(timeout=2)).data) == MODEL
    served.server.show(MODEL)  # the same again is not sent
    served.server.show({"screen": "code"})
    assert json.loads((await page.receive(timeout=2)).data) == {"screen": "code"}
    await page.send_json({"do": "digit", "value": "4"})
    served.server.push_picture(FAR, b"pixels")
    assert (await page.receive(timeout=2)).data == b"\x01pixels"
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
    await page.receive(timeout=2)
    await page.send_json({"do": "digit", "value": "4"})
    await page.send_json({"do": "digit", "value": "5"})
    served.server.show({"screen": "code"})
    assert json.loads((await page.receive(timeout=2)).data) == {"screen": "code"}
    await page.close()
    assert [action.value for action in served.actions] == ["4", "5"]
    said = capsys.readouterr().out + caplog.text
    assert "ValueError" in said
    assert "4829" not in said


async def test_a_picture_waits_for_no_model(served: Served) -> None:
    page = await served.page()
    await page.receive()
    served.server.show({"screen": "call"})
    served.server.push_picture(FAR, b"picture")
    came = [await page.receive(), await page.receive()]
    await page.close()
    assert [frame.data for frame in came] == [bytes((FAR,)) + b"picture", '{"screen":"call"}']


def test_a_slow_page_gets_the_newest_pictures_and_no_more() -> None:
    page = _Page(aiohttp.web.WebSocketResponse())
    taken = []
    for n in range(10):
        page.pictures[FAR] = bytes((n,))
        taken.append(page.take_picture())
    assert taken[IN_FLIGHT:] == [None] * (10 - IN_FLIGHT)
    page.unseen[FAR] -= 1
    assert page.take_picture() == bytes((FAR, 9)), "what waited is the newest"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(("do", "value", "seen", "x")), inner),
        max_leaves=5,
    ).map(json.dumps)
)  # fmt: skip
def test_whatever_a_page_says_nothing_breaks(text: str) -> None:
    actions: list[Action] = []
    server = ScreenServer(actions.append)
    server._receive(_Page(aiohttp.web.WebSocketResponse()), text)
    assert all(isinstance(action.do, Do) for action in actions)
