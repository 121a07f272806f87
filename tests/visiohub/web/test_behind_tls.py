"""What changes when the public origin is https: cookies, HSTS, origins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from yarl import URL

from visiohub.booking import accounts, secrets, territory
from visiohub.booking.forms import PersonForm
from visiohub.bootstrap import Hub
from visiohub.clock import wall_clock
from visiohub.domain.model import Role
from visiohub.settings import Settings
from visiohub.web.app import make_app

ORIGIN = "https://visio.example.fr"
SESSION, LANGUAGE = "__Host-visiohub", "__Host-visiohub-language"
BROWSER = "__Host-visiohub-browser"


@pytest.fixture
async def hub(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(secrets, "HASHER", quick)
    hub = Hub(Settings(data_dir=data_dir, public_origins=(ORIGIN,), secure_cookies=True))
    yield hub
    hub.close()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[aiohttp.ClientSession]:
    """As the proxy hands its requests on; cookies are the test's own affair."""
    async with (
        TestServer(make_app(hub)) as server,
        aiohttp.ClientSession(
            URL(str(server.make_url("/"))),
            headers={"Origin": ORIGIN, "Host": "visio.example.fr"},
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as client,
    ):
        yield client


async def password_of(hub: Hub, login: str) -> str:
    form = PersonForm(login=login, label=login, roles=frozenset({Role.TECHNICIAN}))
    person = await hub.run(territory.create, form, None, wall_clock())
    return await hub.run(accounts.set_password, person.id, None, wall_clock())


def cookie_of(answer: aiohttp.ClientResponse, name: str) -> Morsel[str]:
    """The cookie, if a browser takes it: RFC 6265bis section 4.1.3.2."""
    (line,) = (c for c in answer.headers.getall("Set-Cookie") if c.startswith(f"{name}="))
    morsel = SimpleCookie(line)[name]
    assert morsel["secure"]
    assert (morsel["path"], morsel["domain"]) == ("/", "")
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    return morsel


async def test_the_session_is_bound_to_this_host_and_ends(
    hub: Hub, client: aiohttp.ClientSession
) -> None:
    form = {"login": "tech", "password": await password_of(hub, "tech")}
    async with client.post("/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        kept = cookie_of(answer, SESSION)
    assert int(kept["max-age"]) == timedelta(hours=hub.settings.session_hours).total_seconds()
    async with client.get("/kiosks", headers={"Cookie": f"visiohub={kept.value}"}) as answer:
        assert answer.url.path == "/sign-in"  # the name without __Host- says nothing here
    cookie = {"Cookie": f"{SESSION}={kept.value}"}
    async with client.get("/kiosks", headers=cookie) as answer:
        assert answer.url.path == "/kiosks"
    async with client.post("/sign-out", headers=cookie, allow_redirects=False) as answer:
        assert answer.status == 303
        gone = cookie_of(answer, SESSION)
    assert (gone.value, gone["max-age"]) == ("", "0")
    async with client.get("/kiosks", headers=cookie) as answer:
        assert answer.url.path == "/sign-in"


async def test_the_language_is_kept_in_the_same_way(client: aiohttp.ClientSession) -> None:
    form = {"language": "en", "back": "/sign-in"}
    async with client.post("/language", data=form, allow_redirects=False) as answer:
        assert cookie_of(answer, LANGUAGE).value == "en"
    for name, language in ((LANGUAGE, "en"), ("visiohub-language", "fr")):
        async with client.get("/", headers={"Cookie": f"{name}=en"}) as answer:
            assert f'<html lang="{language}"' in await answer.text()


async def test_a_browser_is_known_again(hub: Hub, client: aiohttp.ClientSession) -> None:
    """Also after as many wrong passwords as an address has."""
    form = {"login": "tech", "password": await password_of(hub, "tech")}
    async with client.post("/sign-in", data=form, allow_redirects=False) as answer:
        known = cookie_of(answer, BROWSER)
    assert int(known["max-age"]) == timedelta(days=180).total_seconds()
    for _ in range(hub.settings.sign_in_tries_per_login):
        async with client.post("/sign-in", data={**form, "password": "wrong"}) as answer:
            assert answer.status == 401
    async with client.post("/sign-in", data=form) as answer:
        assert answer.status == 429
    cookie = {"Cookie": f"{BROWSER}={known.value}"}
    async with client.post("/sign-in", data=form, headers=cookie, allow_redirects=False) as answer:
        assert answer.status == 303


async def test_the_api_names_the_cookie(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/openapi.json") as answer:
        schemes = (await answer.json())["components"]["securitySchemes"]
    assert schemes["session"]["name"] == SESSION


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/api/v1/venues", "/static/x/y"])
async def test_every_answer_asks_for_tls_from_now_on(
    path: str, client: aiohttp.ClientSession
) -> None:
    async with client.get(path) as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def test_only_the_public_origin_may_act(hub: Hub, client: aiohttp.ClientSession) -> None:
    form = {"login": "tech", "password": await password_of(hub, "tech")}
    for origin in ("http://visio.example.fr", f"{ORIGIN}:443", f"{ORIGIN}.evil.example", "null"):
        async with client.post("/sign-in", data=form, headers={"Origin": origin}) as answer:
            assert answer.status == 403, origin
