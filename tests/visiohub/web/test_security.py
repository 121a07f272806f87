"""Cross-site refusal, headers, cookies, limits, bad input: never a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hub_site import Site
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from visiohub.bootstrap import Hub
from visiohub.settings import Settings
from visiohub.web import lookups
from visiohub.web.context import HUB, address_of
from visiohub.web.inputs import local_path
from visiohub.web.security import MAX_BODY_BYTES


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
async def test_a_foreign_page_cannot_act(headers: dict[str, str], site: Site) -> None:
    cookies = {"visiohub": site.token("caf1")}
    async with (
        aiohttp.ClientSession(site.origin, cookies=cookies) as client,
        client.post("/agent/walk-ins", data={"on": "1"}, headers=headers) as answer,
    ):
        assert answer.status == 403
        assert "autre site" in await answer.text()


async def test_a_program_is_told_that_its_origin_is_foreign(site: Site) -> None:
    cookies, headers = {"visiohub": site.token("caf1")}, {"Origin": "https://ailleurs.example"}
    async with (
        aiohttp.ClientSession(site.origin, cookies=cookies) as client,
        client.post("/api/v1/appointments", json={}, headers=headers) as answer,
    ):
        said = await answer.json()
    assert (answer.status, said["code"]) == (403, "cross_site")
    assert "autre site" in said["detail"]
    assert "Origin" in said["detail"]


async def test_every_answer_has_the_headers(site: Site) -> None:
    async with site.client("caf1") as client:
        for path in ("/", "/agent", "/nowhere", "/api/v1/venues", "/healthz", "/admin"):
            async with client.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "same-origin"
                assert "camera=(self)" in answer.headers["Permissions-Policy"]
                assert answer.headers["Cache-Control"] == "no-store"


async def test_no_page_has_inline_style_or_script(site: Site) -> None:
    async with site.client("caf1") as client:
        for path in ("/agent", "/kiosks", "/appointments/new", "/account", "/agent/check"):
            async with client.get(path) as answer:
                text = await answer.text()
            assert " style=" not in text
            assert "<style" not in text
            assert " onclick=" not in text


async def test_the_cookie_is_closed_to_scripts_and_other_sites(
    site: Site, anonymous: aiohttp.ClientSession
) -> None:
    form = {"login": "caf2", "password": site.password}
    async with anonymous.post("/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


async def test_a_wrong_password_keeps_the_login(anonymous: aiohttp.ClientSession) -> None:
    form = {"login": "caf2", "password": "wrong", "next": "//evil.example"}
    async with anonymous.post("/sign-in", data=form) as answer:
        assert answer.status == 401
        text = await answer.text()
    assert 'value="caf2"' in text
    assert "wrong" not in text.replace('wrong"', "")


async def test_sign_in_never_leads_elsewhere(site: Site, anonymous: aiohttp.ClientSession) -> None:
    for wanted in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"):
        form = {"login": "caf2", "password": site.password, "next": wanted}
        async with anonymous.post("/sign-in", data=form, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/agent"


@given(st.text())
def test_local_path_stays_here(wanted: str) -> None:
    path = local_path(wanted, "/home")
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\n" not in path
    assert "\r" not in path


async def test_too_long_a_body(agent: aiohttp.ClientSession) -> None:
    data = {"service_id": "x" * (MAX_BODY_BYTES + 1)}
    async with agent.post("/appointments/new", data=data) as answer:
        assert answer.status == 413
        assert "trop long" in await answer.text()


async def test_too_long_a_body_without_a_length(agent: aiohttp.ClientSession) -> None:
    async def body() -> object:
        for _ in range(70):
            yield b"a" * 1024

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with agent.post("/appointments/new", data=body(), headers=headers) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"service_id=%ff%fe", "application/x-www-form-urlencoded", 200),
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=b", "application/x-www-form-urlencoded; charset=nonsense", 415),
        (b"{}", "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
    ],
)
async def test_odd_forms(
    body: bytes, content_type: str, status: int, agent: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": content_type}
    async with agent.post("/appointments/new", data=body, headers=headers) as answer:
        assert answer.status == status


async def test_pages_of_trouble_are_pages(agent: aiohttp.ClientSession) -> None:
    async with agent.get("/nowhere") as answer:
        assert answer.status == 404
        assert "Cette page n’existe pas" in await answer.text()
    async with agent.get("/admin") as answer:
        assert answer.status == 403
        assert "pas ouverte à votre compte" in await answer.text()
    async with agent.put("/agent") as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]


async def test_an_unexpected_fault_shows_its_number(
    agent: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_uow: object, _person: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(lookups, "venue_options", broken)
    async with agent.get("/appointments") as answer:
        assert answer.status == 500
        text = await answer.text()
    assert re.search(r'class="secret">[0-9a-f]{8}<', text)
    assert "boom" not in text


FUZZED = ("/appointments", "/calls", "/calls.csv", "/usage", "/admin/rooms", "/sign-in")


@settings(max_examples=40, deadline=None)
@given(
    path=st.sampled_from(FUZZED),
    query=st.dictionaries(
        st.sampled_from(["from", "to", "day", "venue", "shown", "word", "next", "end_reason"]),
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
        | st.dates().map(str)
        | st.integers().map(str),
    ),
)
async def test_odd_queries_are_never_a_fault(path: str, query: dict[str, str], site: Site) -> None:
    login = "coordination" if path in {"/calls", "/calls.csv", "/usage"} else "admin"
    async with site.client(login) as client, client.get(path, params=query) as answer:
        assert answer.status < 500


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-20", "9999-12-01", "9999-12-31"])
@pytest.mark.parametrize("path", FUZZED)
async def test_the_ends_of_the_calendar_are_never_a_fault(path: str, day: str, site: Site) -> None:
    login = "coordination" if path in {"/calls", "/calls.csv", "/usage"} else "admin"
    async with site.client(login) as client:
        for name in ("from", "to"):
            async with client.get(path, params={name: day}) as answer:
                if path == "/calls.csv":  # a file cannot say that it holds another period
                    assert answer.status == 422
                else:
                    assert answer.status < 400


@pytest.mark.parametrize(
    ("remote", "forwarded", "counted"),
    [
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("127.0.0.1", ["10.0.0.1, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["10.0.0.1", "198.51.100.1"], "198.51.100.1"),
        ("0:0:0:0:0:0:0:1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", [], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
    ],
)
async def test_limits_count_the_address_that_the_proxy_saw(
    remote: str, forwarded: list[str], counted: str, hub: Hub
) -> None:
    app = web.Application()
    app[HUB] = hub
    headers = CIMultiDict([("X-Forwarded-For", line) for line in forwarded])
    request = make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=remote)
    assert address_of(request) == counted


@pytest.fixture
def hub(data_dir: Path) -> Iterator[Hub]:
    hub = Hub(Settings(data_dir=data_dir, trusted_proxies=("127.0.0.1", "::1")))
    yield hub
    hub.close()
