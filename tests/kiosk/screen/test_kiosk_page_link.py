"""What one page is sent of pictures, and how far it is believed that it decodes."""

from __future__ import annotations

import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def test_a_slow_page_gets_the_newest_pictures_and_no_more() -> None:
    page = PageLink(aiohttp.web.WebSocketResponse())
    taken = []
    for n in range(10):
        page.pictures[FAR] = bytes((n,))
        taken.append(page.take_picture())
    assert taken[IN_FLIGHT:] == [None] * (10 - IN_FLIGHT)
    page.unseen[FAR] -= 1
    assert page.take_picture() == bytes((FAR, 9)), "what waited is the newest"


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


def test_a_whole_picture_that_was_left_out_is_not_waited_for() -> None:
    link = PageLink(aiohttp.web.WebSocketResponse())
    link.put_coded(Decodable("VP8", b"coded", whole=True))
    assert link.whole_is_coming
    link.forget_pictures()
    assert not link.whole_is_coming


SHOWN = Seen(640, 360, 0.004)


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
