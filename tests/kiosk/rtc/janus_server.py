"""A real Janus (Debian's package) on loopback, with WHIP before its echo test.

Janus is a media server that shares no code with the kiosk or with browsers. Its plugin sends back
what it gets; on each leg it ends transport-wide congestion control, NACK and reports itself.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from scripted_line import ScriptedLine, without_candidates

PLUGIN, TRANSPORT = "libjanus_echotest.so", "libjanus_http.so"
READY_WITHIN_S, ENDED_WITHIN_S = 15.0, 10.0
_MEDIA_FROM = 100
"""Datagrams: ICE and DTLS are over by then."""

Reply = dict[str, Any]


class Lost:
    """Which datagrams a line loses once media flows: so many of a hundred, by chance."""

    def __init__(self, percent: float, seed: int) -> None:
        self._ratio = percent / 100
        self._chance = random.Random(seed)

    def __contains__(self, number: object) -> bool:
        return number > _MEDIA_FROM and self._chance.random() < self._ratio  # type: ignore[operator]


class JanusServer:
    """One Janus with its HTTP API."""

    def __init__(self, http: aiohttp.ClientSession, port: int, admin_port: int) -> None:
        self._http = http
        self._api = f"http://127.0.0.1:{port}/janus"
        self._admin = f"http://127.0.0.1:{admin_port}/admin"
        self._transactions = itertools.count()

    async def ask(self, *path: int, **request: Any) -> Reply:
        return await self._post(self._api, path, request)

    async def look(self, *path: int, **request: Any) -> Reply:
        """Of the administrator's API."""
        return await self._post(self._admin, path, request)

    async def event(self, session: int) -> Reply:
        """The next of a session; Janus holds the answer back until there is one."""
        async with self._http.get(f"{self._api}/{session}") as response:
            reply: Reply = await response.json()
        return reply

    async def _post(self, api: str, path: tuple[int, ...], request: Reply) -> Reply:
        body = request | {"transaction": f"t{next(self._transactions)}"}
        url = "/".join([api, *map(str, path)])
        async with self._http.post(url, json=body) as response:
            reply: Reply = await response.json()
        assert reply["janus"] != "error", reply
        return reply


@asynccontextmanager
async def running_janus(folder: Path) -> AsyncIterator[JanusServer]:
    """Started with a folder of its own; it must end by SIGTERM, and well."""
    port, admin_port = _free_ports(2)
    _configure(folder, port, admin_port)
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "janus", "--configs-folder", str(folder), "--config", str(folder / "janus.jcfg"),
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:
            server = JanusServer(http, port, admin_port)
            await _ready(server, process)
            yield server
            process.terminate()
            assert await asyncio.wait_for(process.wait(), ENDED_WITHIN_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class EchoEndpoint:
    """A WHIP endpoint whose far end is Janus' echo test, behind a scripted line."""

    def __init__(self, janus: JanusServer, line: ScriptedLine) -> None:
        self._janus = janus
        self._line = line
        self.session = self.handle = 0
        self.answer = ""
        self.events: list[Reply] = []
        self.deleted: list[str] = []
        self._described: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._hung_up = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        app = web.Application()
        app.router.add_post("/whip", self._post)
        app.router.add_delete("/echo", self._delete)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
        self._line.close()
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/whip"))

    def told(self, kind: str) -> list[Reply]:
        """Events of a kind, such as `webrtcup` and `hangup`."""
        return [event for event in self.events if event["janus"] == kind]

    async def ask(self, body: Reply, **more: Any) -> None:
        """Of the plugin; its answer is an event."""
        await self._janus.ask(self.session, self.handle, janus="message", body=body, **more)

    async def streams(self) -> dict[str, Reply]:
        """What Janus knows of its connection's sound and picture, by their kinds."""
        info = await self._janus.look(self.session, self.handle, janus="handle_info")
        return {media["type"]: media for media in info["info"]["webrtc"]["media"].values()}

    async def _post(self, request: web.Request) -> web.Response:
        offer = without_candidates(await request.text())
        self.session = (await self._janus.ask(janus="create"))["data"]["id"]
        attached = await self._janus.ask(
            self.session, janus="attach", plugin="janus.plugin.echotest"
        )
        self.handle = attached["data"]["id"]
        self._listening = asyncio.create_task(self._listen())
        await self.ask({"audio": True, "video": True}, jsep={"type": "offer", "sdp": offer})
        self.answer = await self._described
        return web.Response(
            status=201,
            text=await self._line.join(self.answer),
            content_type="application/sdp",
            headers={"Location": "/echo"},
        )

    async def _listen(self) -> None:
        while True:
            event = await self._janus.event(self.session)
            self.events.append(event)
            if "jsep" in event:
                self._described.set_result(event["jsep"]["sdp"])
            if event["janus"] == "hangup":
                self._hung_up.set()

    async def _delete(self, request: web.Request) -> web.Response:
        """Answered when Janus has closed: its DTLS says goodbye before HTTP does."""
        self.deleted.append(request.path)
        await self._janus.ask(self.session, self.handle, janus="hangup")
        await self._hung_up.wait()
        return web.Response()


async def _ready(server: JanusServer, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(READY_WITHIN_S):
        while True:
            assert process.returncode is None, f"ended with status {process.returncode}"
            try:
                await server.ask(janus="ping")
                await server.look(janus="ping")
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
            else:
                return


def _configure(folder: Path, port: int, admin_port: int) -> None:
    """Nothing of the machine's own Janus: one plugin, one way to ask, loopback."""
    (installed,) = Path("/usr/lib").glob("*/janus")
    for kind, names in {
        "plugins": [PLUGIN], "transports": [TRANSPORT], "events": [], "loggers": [],
    }.items():  # fmt: skip
        (folder / kind).mkdir()
        for name in names:
            (folder / kind / name).symlink_to(installed / kind / name)
    folders = " ".join(
        f'{kind}_folder = "{folder / kind}"'
        for kind in ("plugins", "transports", "events", "loggers")
    )
    (folder / "janus.jcfg").write_text(f"general: {{ {folders} }}\n")
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ http = true ip = "127.0.0.1" port = {port} }}\n'
        f'admin: {{ admin_http = true admin_ip = "127.0.0.1" admin_port = {admin_port} }}\n'
    )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def codec_of(answer: str) -> str:
    """The picture's codec in an answer: the first that is named."""
    _, _, video = answer.partition("m=video ")
    found = re.search(r"a=rtpmap:\d+ (\w+)/90000", video)
    assert found is not None
    return found[1]
