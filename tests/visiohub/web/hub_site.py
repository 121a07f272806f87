"""The whole hub on a real socket, with the demo territory, in a thread of its own."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from visiohub.booking import accounts
from visiohub.booking.forms import PersonForm, read_form
from visiohub.booking.territory import create
from visiohub.bootstrap import Hub
from visiohub.demo import Demo, load_demo
from visiohub.settings import Settings
from visiohub.web.app import make_app

T = TypeVar("T")
ROLES = {
    "administrator": "admin",
    "coordinator": "coordination",
    "technician": "technique",
    "professional": "professionnel",
    "agent": "caf1",
    "reception": "accueil-laragne",
    "social_worker": "social",
}
WAIT_S = 20


@dataclass
class Site:
    """A running hub."""

    hub: Hub
    app: web.Application
    origin: str
    demo: Demo
    loop: asyncio.AbstractEventLoop
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return self.demo.sign_ins[0].password

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the hub's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def do(self, use_case: Callable[..., T], *args: Any) -> T:
        """Run a use case."""
        return self.run(self.hub.run(use_case, *args))

    def token(self, login: str) -> str:
        """A session's token, opened once for each login."""
        if login not in self.tokens:
            with self.hub.uow() as uow:
                person = uow.persons.list(login=login)[0]
                opened = accounts.open_session(uow, person, "tests", self.hub.clock())
                uow.commit()
            self.tokens[login] = opened.token
        return self.tokens[login]

    def client(self, login: str | None = None, language: str = "fr") -> aiohttp.ClientSession:
        """A browser, signed in or not; it sends the Origin of the pages."""
        cookies = {"visiohub": self.token(login)} if login else {}
        return aiohttp.ClientSession(
            self.origin,
            cookies=cookies,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Origin": self.origin, "Accept-Language": language},
        )

    def new_person(self, login: str, **facts: Any) -> None:
        """Somebody who is not in the demo."""
        form = read_form(PersonForm, {"login": login, "label": login, **facts})
        person = self.do(create, form, None, self.hub.clock())
        self.do(accounts.set_password, person.id, None, self.hub.clock())


def free_socket() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def settings(folder: Path, origin: str) -> Settings:
    return Settings(
        data_dir=folder,
        public_origins=(origin,),
        sign_in_tries_per_address=1000,
        enrolment_tries_per_address_per_hour=5,
        encryption_keys=SecretStr(base64.urlsafe_b64encode(bytes(32)).decode()),
    )


def demo_in(folder: Path) -> Demo:
    """The demo territory, kept in this folder."""
    hub = Hub(settings(folder, "http://127.0.0.1"))
    loaded = load_demo(hub, reset=False, now=hub.clock())
    hub.close()
    return loaded


def serve(folder: Path, demo: Demo | None) -> Iterator[Site]:
    """A hub on what the folder holds: this demo, or nothing."""
    bound = free_socket()
    origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
    hub = Hub(settings(folder, origin))
    loaded = demo or Demo.__new__(Demo)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[web.Application, web.AppRunner]:
        app = make_app(hub)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, bound).start()
        return app, runner

    app, runner = asyncio.run_coroutine_threadsafe(start(), loop).result(WAIT_S)
    yield Site(hub, app, origin, loaded, loop)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(WAIT_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(WAIT_S)
    loop.close()
    hub.close()


def inputs_of(html: str) -> dict[str, str]:
    """Names and values of a page's inputs, hidden ones too."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found
