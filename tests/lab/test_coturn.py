"""The real coturn with deploy/turnserver.conf: who may relay, and to where never.

It runs on a lone host whose addresses are documentation ones (RFC 5737), which the configuration
rightly treats as public. Paths, realm and secret are the only lines that are replaced.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aioice import stun, turn
from conftest import DEPLOY, Certificate, answers, ending, wait_until

from bench.linelab.namespaces import lone_host
from bench.linelab.tun import inside
from signaling.turn import IceSettings, ice_servers

pytestmark = [pytest.mark.root, pytest.mark.coturn]

SERVER, FRIEND = "203.0.113.1", "203.0.113.2"
SECRET = "a-secret-of-the-tests"
WAYS = ("udp", "tcp", "tls")
DENIED = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "198.18.0.1", "224.0.0.1", "255.255.255.255",
]  # fmt: skip


def adapted(folder: Path, certificate: Certificate) -> Path:
    """deploy/turnserver.conf with this machine's paths."""
    text = (DEPLOY / "turnserver.conf").read_text("utf-8")
    for key, value in {
        "static-auth-secret": SECRET, "cert": certificate.chain, "pkey": certificate.key,
    }.items():  # fmt: skip
        text, count = re.subn(rf"^{key}=.*$", f"{key}={value}", text, flags=re.MULTILINE)
        assert count == 1
    text += f"\npidfile={folder}/turnserver.pid\nuserdb={folder}/turndb\nlistening-ip={SERVER}\n"
    path = folder / "turnserver.conf"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[str]:
    """The name of the network namespace in which coturn runs."""
    folder = tmp_path_factory.mktemp("coturn")
    config = adapted(folder, certificate)
    with lone_host(SERVER, FRIEND) as host, (folder / "log").open("wb") as log:
        process = host.start("turnserver", "-c", str(config), stdout=log, stderr=log)
        with ending(process):
            with inside(host.name):
                wait_until(lambda: answers(SERVER, 443) and answers(SERVER, 3478), process)
            yield host.name


class Mailbox(asyncio.DatagramProtocol):
    """What came, and what failed."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.released = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 (asyncio's signature)
        self.came.put_nowait(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        self.released.set()

    def error_received(self, exc: Exception) -> None:
        self.came.put_nowait(exc)


@asynccontextmanager
async def relayed(
    way: str, certificate: Certificate, username: str, password: str
) -> AsyncIterator[tuple[turn.TurnTransport, Mailbox]]:
    """An allocation on the server, by UDP, TCP or TLS; this thread is in the namespace."""
    context = ssl.create_default_context(cafile=str(certificate.chain)) if way == "tls" else None
    port = 443 if way == "tls" else 3478
    async with asyncio.timeout(10):
        transport, mailbox = await turn.create_turn_endpoint(
            Mailbox, (SERVER, port), username, password,
            transport="udp" if way == "udp" else "tcp", ssl=context,
        )  # fmt: skip
    try:
        yield transport, mailbox
    finally:
        transport.close()
        await asyncio.wait_for(mailbox.released.wait(), 5)


_calls = itertools.count()


def credentials(now: datetime | None = None) -> tuple[str, str]:
    """As the hub makes them, each for a call of its own: the quota is a user's."""
    settings = IceSettings(turn_urls=["turn:t"], turn_secret=SECRET, turn_valid_s=600)
    server = ice_servers(settings, f"call-{next(_calls)}", now or datetime.now(UTC))[0]
    assert server.username
    assert server.credential
    return server.username, server.credential


@pytest.mark.parametrize("way", WAYS)
async def test_the_hubs_credentials_relay(coturn: str, certificate: Certificate, way: str) -> None:
    with inside(coturn):
        async with (
            relayed(way, certificate, *credentials()) as (one, mail_of_one),
            relayed(way, certificate, *credentials()) as (two, mail_of_two),
        ):
            relay_of_one = one.get_extra_info("sockname")
            relay_of_two = two.get_extra_info("sockname")
            one.sendto(b"opens the way back", relay_of_two)  # installs one's permission
            await asyncio.sleep(0.1)
            two.sendto(b"hello one", relay_of_one)
            assert await asyncio.wait_for(mail_of_one.came.get(), 5) == b"hello one"
            one.sendto(b"hello two", relay_of_two)
            assert await asyncio.wait_for(mail_of_two.came.get(), 5) == b"hello two"


@pytest.mark.parametrize("way", WAYS)
async def test_bad_credentials_are_refused(coturn: str, certificate: Certificate, way: str) -> None:
    username, _ = credentials()
    with inside(coturn), pytest.raises(stun.TransactionFailed, match="401"):
        async with relayed(way, certificate, username, "not the password"):
            pass


@pytest.mark.parametrize("way", WAYS)
async def test_expired_credentials_are_refused(
    coturn: str, certificate: Certificate, way: str
) -> None:
    username, password = credentials(datetime.now(UTC) - timedelta(hours=2))
    assert int(username.split(":")[0]) < time.time()
    with inside(coturn), pytest.raises(stun.TransactionFailed, match="401"):
        async with relayed(way, certificate, username, password):
            pass


@pytest.mark.parametrize("peer", DENIED)
async def test_no_relay_into_private_networks(
    coturn: str, certificate: Certificate, peer: str
) -> None:
    with inside(coturn):
        async with relayed("udp", certificate, *credentials()) as (transport, mailbox):
            transport.sendto(b"let me in", (peer, 22))
            refusal = await asyncio.wait_for(mailbox.came.get(), 5)
            assert isinstance(refusal, stun.TransactionFailed)
            assert "403" in str(refusal)


@pytest.mark.parametrize(
    "peer", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::1", "fe80::1", "fc00::1"]
)
async def test_no_relay_to_dressed_up_addresses(
    coturn: str, certificate: Certificate, peer: str
) -> None:
    with inside(coturn):
        async with relayed("udp", certificate, *credentials()) as (transport, mailbox):
            transport.sendto(b"let me in", (peer, 22))
            refusal = await asyncio.wait_for(mailbox.came.get(), 5)
            assert isinstance(refusal, stun.TransactionFailed)


def test_the_configuration_denies_every_special_range() -> None:
    text = (DEPLOY / "turnserver.conf").read_text("utf-8")
    denied = re.findall(r"^denied-peer-ip=(\S+)$", text, flags=re.MULTILINE)
    assert "::ffff:0.0.0.0-::ffff:255.255.255.255" in denied
    assert not re.findall(r"^(allow-loopback-peers|no-auth|cli-password|oauth)", text, re.MULTILINE)
