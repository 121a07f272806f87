"""Calls that only a relay can carry: coturn by UDP, TCP and TLS, no way from office to venue."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import lens
import pytest
from people import last_record
from scene import Call, Certificate
from stack import Stack

from bench.linelab.namespaces import HUB_TO_VENUE, Lab
from bench.linelab.tun import inside

pytestmark = [
    pytest.mark.root,
    pytest.mark.browser,
    pytest.mark.coturn,
    pytest.mark.asyncio(loop_scope="session"),
]

SECRET = "a-secret-of-the-tests"
WAYS = {
    "udp": f"turn:{HUB_TO_VENUE}:3478?transport=udp",
    "tcp": f"turn:{HUB_TO_VENUE}:3478?transport=tcp",
    "tls": f"turns:{HUB_TO_VENUE}:443?transport=tcp",
}


@pytest.fixture(scope="module")
def relay(lines: Lab, stack: Stack, certificate: Certificate) -> Iterator[None]:
    """coturn beside the hub; office and venue reach it, and not each other."""
    folder = stack.folder
    config = folder / "turnserver.conf"
    config.write_text(
        f"listening-ip={HUB_TO_VENUE}\nrelay-ip={HUB_TO_VENUE}\nrealm=lab\nfingerprint\n"
        f"use-auth-secret\nstatic-auth-secret={SECRET}\nlistening-port=3478\n"
        f"tls-listening-port=443\ncert={certificate.chain}\npkey={certificate.key}\n"
        f"no-cli\npidfile={folder}/turn.pid\nuserdb={folder}/turndb\nlog-file=stdout\n"
    )
    lines.hub.run("iptables", "-I", "FORWARD", "-j", "DROP")
    with (folder / "turn.log").open("wb") as log:
        server = lines.hub.start("turnserver", "-c", str(config), stdout=log, stderr=log)
        try:
            _wait_for(lines.hub.name, server, folder / "turn.log")
            yield
        finally:
            server.terminate()
            server.wait(10)
            lines.hub.run("iptables", "-D", "FORWARD", "-j", "DROP")


def _wait_for(netns: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 15
    with inside(netns):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((HUB_TO_VENUE, 443)) == 0:
                    return
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


@pytest.mark.parametrize("call", ["chromium"], indirect=True)
@pytest.mark.parametrize("way", WAYS)
async def test_a_call_by_relay_alone(
    call: Call, stack: Stack, relay: None, plain_hub: None, way: str
) -> None:
    await stack.restart_hub(turn_urls=[WAYS[way]], turn_secret=SECRET)
    began = time.monotonic()
    await call.begin()
    took = time.monotonic() - began
    for page in call.pages:
        await lens.clear(page)
    for page in call.pages:
        await lens.numbers(page, at_least=75)
    await call.citizen.hangs_up()  # its figures go before it
    await call.agent.reaches("ended")
    record = await last_record(stack)
    lens.report("relay alone", way=way, begun_s=round(took, 2), record=record)
    assert record["borne, par relais"] == "oui"
    assert record["agent, par relais"] == "oui"
