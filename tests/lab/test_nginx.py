"""The real nginx with deploy/nginx.conf in front of a hub that tells what it was sent."""

from __future__ import annotations

import io
import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from conftest import DEPLOY, Certificate, answers, ending, free_port, wait_until

from signaling.settings import SignalingSettings

NAME = "visio.example.org"


@dataclass(frozen=True)
class Proxied:
    """Where nginx listens, and a client that trusts its certificate."""

    https: str
    http: str
    client: aiohttp.ClientSession


async def echo(request: web.Request) -> web.StreamResponse:
    """Everything that a hub reads of a request; `/signaling/...` echoes WebSocket frames."""
    if request.path.startswith("/signaling/"):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"origin": request.headers.get("Origin")})
        async for message in socket:
            await socket.send_str(message.data)
        return socket
    headers = {"Strict-Transport-Security": "max-age=1", "Content-Security-Policy": "default-src"}
    return web.json_response(dict(request.headers), headers=headers)


def adapted(folder: Path, certificate: Certificate, hub: int, https: int, http: int) -> Path:
    """The site as deployed, with this test's ports and files, in a main configuration."""
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    for old, new in {
        r"server 127\.0\.0\.1:8080;": f"server 127.0.0.1:{hub};",
        r"/etc/visiohub/tls/fullchain\.pem": str(certificate.chain),
        r"/etc/visiohub/tls/privkey\.pem": str(certificate.key),
        r"listen 443 ": f"listen 127.0.0.1:{https} ",
        r"listen 80;": f"listen 127.0.0.1:{http};",
        r"listen \[::\]:(80|443)[^;]*;": "",
    }.items():
        site, count = re.subn(old, new, site)
        assert count
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n{folders}{site}\n}}\n",
        "utf-8",
    )
    return main


def started(config: Path) -> subprocess.Popen[bytes]:
    """nginx, once it has found nothing to complain of in its configuration."""
    checked = subprocess.run(
        ["nginx", "-t", "-q", "-c", str(config)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert not checked.stderr
    return subprocess.Popen(["nginx", "-c", str(config)])


@pytest.fixture
async def proxied(tmp_path: Path, certificate: Certificate) -> AsyncIterator[Proxied]:
    async with in_front_of_a_hub(tmp_path, certificate) as proxied:
        yield proxied


@asynccontextmanager
async def in_front_of_a_hub(
    folder: Path, certificate: Certificate, changes: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Proxied]:
    """nginx as deployed, but for `changes` of its text."""
    app = web.Application(client_max_size=2**22)
    app.router.add_route("*", "/{path:.*}", echo)
    https, http = free_port(), free_port()
    context = ssl.create_default_context(cafile=str(certificate.chain))
    async with (
        TestServer(app) as hub,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as client,
    ):
        assert hub.port
        config = adapted(folder, certificate, hub.port, https, http)
        deployed = config.read_text("utf-8")
        for old, new in changes.items():
            assert old in deployed
            deployed = deployed.replace(old, new)
        config.write_text(deployed, "utf-8")
        with ending(started(config)) as process:
            wait_until(lambda: answers("127.0.0.1", https), process)
            yield Proxied(f"https://localhost:{https}", f"http://localhost:{http}", client)


async def test_plain_http_is_sent_to_https(proxied: Proxied) -> None:
    async with proxied.client.get(
        f"{proxied.http}/agent?day=1", headers={"Host": NAME}, allow_redirects=False
    ) as answer:
        assert answer.status == 308
        assert answer.headers["Location"] == f"https://{NAME}/agent?day=1"


async def test_the_hub_learns_the_true_address_scheme_and_host(proxied: Proxied) -> None:
    lies = {"Host": NAME, "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"}
    async with proxied.client.get(f"{proxied.https}/", headers=lies) as answer:
        told = await answer.json()
    assert told["X-Forwarded-For"] == "127.0.0.1"
    assert told["X-Forwarded-Proto"] == "https"
    assert told["Host"] == NAME


async def test_security_headers_arrive_once(proxied: Proxied) -> None:
    async with proxied.client.get(f"{proxied.https}/", headers={"Host": NAME}) as answer:
        assert answer.headers.getall("Strict-Transport-Security") == [
            "max-age=63072000; includeSubDomains"
        ]
        assert answer.headers["Content-Security-Policy"] == "default-src"
        assert "/" not in answer.headers["Server"]


async def test_websockets_pass_both_ways_with_their_origin(proxied: Proxied) -> None:
    async with proxied.client.ws_connect(
        f"{proxied.https}/signaling/v1/staff", headers={"Host": NAME}, origin=f"https://{NAME}"
    ) as socket:
        assert await socket.receive_json() == {"origin": f"https://{NAME}"}
        await socket.send_str("ping")
        assert await socket.receive_str() == "ping"


async def test_an_oversized_body_never_reaches_the_hub(proxied: Proxied) -> None:
    async with proxied.client.post(
        f"{proxied.https}/", headers={"Host": NAME}, data=io.BytesIO(b"x" * (2**20 + 1))
    ) as answer:
        assert answer.status == 413
        assert "Strict-Transport-Security" in answer.headers


async def test_old_tls_is_refused(proxied: Proxied) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSVersion"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSVersion"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(aiohttp.ClientConnectionError):
        await proxied.client.get(f"{proxied.https}/", ssl=context)


def test_the_limits_of_the_proxy_lie_above_those_of_the_hub() -> None:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    hub = SignalingSettings(hub_origin="", browser_origins=frozenset()).openings
    (rate,) = re.findall(r"rate=(\d+)r/s;", site)
    (burst,) = re.findall(r"burst=(\d+) nodelay;", site)
    (connections,) = re.findall(r"limit_conn visiohub_connections (\d+);", site)
    assert int(rate) > 2 * hub.per_s  # of kiosks and of pages
    assert min(int(burst), int(connections)) > 2 * hub.burst


@pytest.mark.parametrize(
    "tight",
    [
        {"rate=100r/s": "rate=1r/m", "burst=1000": "burst=1"},
        {"_connections 1000": "_connections 1"},
    ],
    ids=["requests", "connections"],
)
async def test_a_flood_is_told_that_it_is_one(
    tmp_path: Path, certificate: Certificate, tight: dict[str, str]
) -> None:
    async with in_front_of_a_hub(tmp_path, certificate, tight) as proxied:
        address = f"{proxied.https}/signaling/v1/staff"
        async with proxied.client.ws_connect(address, origin=f"https://{NAME}"):
            statuses = []
            for _ in range(3):
                async with proxied.client.get(proxied.https) as answer:
                    statuses.append(answer.status)
    assert statuses[-1] == 429
    assert set(statuses) <= {200, 429}
