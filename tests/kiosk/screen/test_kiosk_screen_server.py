"""The loopback server: who may come in, what is served, how a slow page is treated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage import until

from kiosk.rtc.backlog import CATCHES_UP_S, MOST_WAITING
from kiosk.rtc.decoding_screen import Decodable, Seen
from kiosk.scene import Action, Do
from kiosk.screen.frames import CODED, FAR
from kiosk.screen.page_link import (
    CAUGHT_UP,
    HANGS_AFTER_S,
    IN_FLIGHT,
    MOST_WHOLE_LOST,
    PageLink,
)
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


@pytest.mark.parametrize("fault", [KeyError("streams"), RuntimeError("watch")])
async def test_a_fault_in_what_is_told_of_a_picture_leaves_the_page_its_connection(
    served: Served, fault: Exception, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def told(_seen: Seen | None) -> None:
        raise fault

    page = await served.page()
    await page.receive(timeout=2)
    await page.send_json({"decodes": ["VP8"]})
    served.server.push_coded(Decodable("VP8", b"coded", whole=True), told)
    await page.receive(timeout=2)
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


def test_a_slow_page_gets_the_newest_pictures_and_no_more() -> None:
    page = PageLink(aiohttp.web.WebSocketResponse())
    taken = []
    for n in range(10):
        page.pictures[FAR] = bytes((n,))
        taken.append(page.take_picture())
    assert taken[IN_FLIGHT:] == [None] * (10 - IN_FLIGHT)
    page.unseen[FAR] -= 1
    assert page.take_picture() == bytes((FAR, 9)), "what waited is the newest"


async def test_a_page_decodes_what_it_says(served: Served) -> None:
    assert not served.server.decodes("VP8"), "nobody looks"
    page = await served.page()
    await page.receive(timeout=2)
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
    assert (await page.receive(timeout=2)).data == bytes((CODED, 1, 1)) + b"coded"
    await page.send_json({"seen": CODED, "shown": [640, 360, 4.5]})
    await asyncio.wait_for(heard.wait(), 2)
    heard.clear()
    await page.send_json({"seen": CODED, "lost": True})
    await asyncio.wait_for(heard.wait(), 2)
    assert told == [Seen(640, 360, 0.0045), None]
    other = await served.page()
    await other.receive(timeout=2)
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
    await page.receive(timeout=2)
    await page.send_json({"decodes": ["VP8"]})
    told: list[Seen | None] = []
    served.server.push_coded(Decodable("VP8", b"coded", whole=True), told.append)
    await page.receive(timeout=2)
    served.server.drop_pictures()
    await page.send_json({"seen": CODED, "shown": [640, 360, 4.5]})
    await page.send_json({"do": "touch"})
    await until(lambda: served.actions)
    await page.close()
    assert told == []


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_page_that_falls_far_behind_begins_again_with_a_whole_picture() -> None:
    clock = Clock()
    page = PageLink(aiohttp.web.WebSocketResponse(), clock)

    def put(name: int, *, whole: bool = False) -> bool:
        return page.put_coded(Decodable("AV1", bytes((name,)), whole=whole))

    assert all(put(n, whole=n == 0) for n in range(MOST_WAITING))
    sent = [page.take_picture() for _ in range(4)]
    assert sent == [bytes((CODED, 2, n == 0, n)) for n in range(4)]
    clock.now += CATCHES_UP_S + 0.04
    assert not put(100), "as many as ever are under way"
    assert page.take_picture() is None, "what waited has lost what it needs"
    assert not put(101), "so has this one"
    assert put(102, whole=True)
    assert put(103)
    assert page.take_picture() == bytes((CODED, 2, True, 102))
    page.forget_pictures()
    assert page.take_picture() is None
    assert not put(104), "the next call begins with a whole picture"


def test_what_a_late_packet_sets_free_at_once_is_sent_whole() -> None:
    page = PageLink(aiohttp.web.WebSocketResponse(), Clock())
    for n in range(2 * MOST_WAITING):
        assert page.put_coded(Decodable("VP8", bytes((n,)), whole=not n))
    sent = [page.take_picture() for _ in range(2 * MOST_WAITING)]
    assert sent == [bytes((CODED, 1, not n, n)) for n in range(2 * MOST_WAITING)]


def test_for_a_page_that_hangs_no_whole_pictures_are_asked_for() -> None:
    clock = Clock()
    page = PageLink(aiohttp.web.WebSocketResponse(), clock)

    def put(name: int, *, whole: bool = False) -> bool:
        return page.put_coded(Decodable("VP8", bytes((name,)), whole=whole))

    for n in range(MOST_WAITING):
        assert put(n, whole=n == 0)
        assert page.take_picture() is not None
    clock.now += CATCHES_UP_S + 0.04
    assert not put(100), "one is, for a page that is only slow"
    assert all(put(n, whole=n % 5 == 0) for n in range(101, 150))
    assert page.take_picture() is None, "it gets none of them, or the memory would fill"
    for _ in range(MOST_WAITING - CAUGHT_UP):
        page.seen(CODED)
    assert not put(150), "it answers again, and needs a whole one"
    assert put(151, whole=True)
    assert page.take_picture() == bytes((CODED, 1, True, 151))


def test_a_page_that_hangs_leaves_the_decoding_to_the_kiosk_until_it_has_caught_up() -> None:
    clock = Clock()
    page = PageLink(aiohttp.web.WebSocketResponse(), clock)
    page.claims = frozenset(("VP8",))
    for n in range(MOST_WAITING):
        assert page.put_coded(Decodable("VP8", b"coded", whole=not n))
        assert page.take_picture() is not None
    clock.now += CATCHES_UP_S + 0.04
    assert not page.put_coded(Decodable("VP8", b"coded", whole=False))
    clock.now = 100.0 + HANGS_AFTER_S
    assert page.put_coded(Decodable("VP8", b"coded", whole=True))
    assert page.decodes("VP8"), "it may only be slow"
    clock.now += 0.04
    assert not page.decodes("VP8")
    for _ in range(MOST_WAITING - CAUGHT_UP):
        page.seen(CODED)
    assert page.decodes("VP8")


async def test_what_is_lost_before_a_whole_picture_on_its_way_asks_for_none(served: Served) -> None:
    page = await served.page()
    await page.receive(timeout=2)
    await page.send_json({"decodes": ["VP8"]})
    await until(lambda: served.server.decodes("VP8"))
    told: list[Seen | None] = []

    async def push(*whole: bool) -> None:
        for each in whole:
            served.server.push_coded(Decodable("VP8", b"coded", whole=each), told.append)
            await page.receive(timeout=2)

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


def test_a_whole_picture_that_was_left_out_is_not_waited_for() -> None:
    link = PageLink(aiohttp.web.WebSocketResponse())
    link.put_coded(Decodable("VP8", b"coded", whole=True))
    assert link.whole_is_coming
    link.forget_pictures()
    assert not link.whole_is_coming


class Believed:
    """A page that decodes both, and what it is given and says."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.link = PageLink(aiohttp.web.WebSocketResponse(), self.clock)
        self.link.claims = frozenset(("VP8", "AV1"))

    def put(self, codec: str, *, whole: bool = True) -> bool:
        return self.link.put_coded(Decodable(codec, b"coded", whole))

    def says(self, seen: Seen | None) -> bool:
        self.link.take_picture()
        self.link.seen(CODED)
        return self.link.told(seen)

    def loses(self, codec: str, count: int) -> None:
        for _ in range(count):
            assert self.put(codec)
            assert self.says(None), "another one is asked for"

    @property
    def codecs(self) -> set[str]:
        return {codec for codec in ("VP8", "AV1") if self.link.decodes(codec)}


SHOWN = Seen(640, 360, 0.004)


def test_a_page_that_decodes_no_whole_picture_is_believed_no_more_until_the_call_is_over() -> None:
    page = Believed()
    page.loses("AV1", MOST_WHOLE_LOST - 1)
    page.loses("VP8", MOST_WHOLE_LOST - 1)
    assert page.codecs == {"VP8", "AV1"}, "each codec has losses of its own"
    page.loses("AV1", 1)
    assert page.codecs == {"VP8"}
    assert page.put("VP8")
    assert page.says(SHOWN)
    assert page.codecs == {"VP8"}, "what it shows of one says nothing of the other"
    page.link.forget_pictures()
    assert page.codecs == {"VP8", "AV1"}


def test_a_page_that_shows_something_between_its_losses_goes_on_decoding() -> None:
    page = Believed()
    for _ in range(3):
        page.loses("VP8", MOST_WHOLE_LOST - 1)
        assert page.put("VP8")
        assert page.says(SHOWN)
        assert page.put("VP8", whole=False)
        assert page.says(None)
        assert page.put("VP8", whole=False)
        assert page.says(None)
    assert "VP8" in page.codecs, "what needs others before it may be lost as often as it likes"


def test_a_whole_picture_that_never_reached_the_page_is_not_counted() -> None:
    page = Believed()
    page.loses("VP8", MOST_WHOLE_LOST - 1)
    for n in range(MOST_WAITING):
        assert page.put("VP8", whole=not n)
        assert page.link.take_picture() is not None
    page.clock.now += CATCHES_UP_S + 0.04
    assert not page.put("VP8"), "it is left out: the page is far behind"
    assert page.codecs == {"VP8", "AV1"}


def test_a_plain_picture_that_waits_does_not_follow_a_newer_coded_one() -> None:
    page = PageLink(aiohttp.web.WebSocketResponse())
    page.pictures[FAR] = b"older"
    page.put_coded(Decodable("VP8", b"newer", whole=True))
    assert page.take_picture() == bytes((CODED, 1, True)) + b"newer"
    assert page.take_picture() is None


@pytest.mark.parametrize(
    "wish",
    [
        {"shown": [0, 360, 1]},
        {"shown": [640, 1 << 14, 1]},
        {"shown": [640, 360, -1]},
        {"shown": [640, 360, float("nan")]},
        {"shown": [640, 360, float("inf")]},
        {"shown": [float("inf"), 360, 1]},
        {"shown": [640, 360]},
        {"shown": "640"},
        {"shown": None},
        {"lost": 1},
    ],
)
def test_a_page_that_says_nonsense_of_a_picture_is_not_believed(wish: dict[str, object]) -> None:
    server = ScreenServer(lambda _action: None)
    told: list[Seen | None] = []
    server._told = told.append
    server._receive(PageLink(aiohttp.web.WebSocketResponse()), json.dumps({"seen": CODED, **wish}))
    assert told == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(("do", "value", "seen", "shown", "lost", "decodes", "x")), inner),
        max_leaves=5,
    ).map(json.dumps)
)  # fmt: skip
def test_whatever_a_page_says_nothing_breaks(text: str) -> None:
    actions: list[Action] = []
    server = ScreenServer(actions.append)
    server._told = lambda _seen: None
    server._receive(PageLink(aiohttp.web.WebSocketResponse()), text)
    assert all(isinstance(action.do, Do) for action in actions)
