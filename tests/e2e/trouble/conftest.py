"""Office, hub and venue as hosts of their own, with an ADSL line to the venue."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import clips
import pytest
import pytest_asyncio
from browsers import Browser, Devices
from browsers.chromium import ChromiumBrowser
from people import Agent, Citizen
from scene import Call, Certificate
from stack import Parts, Site, Stack, running

from bench.linelab.namespaces import HUB_TO_VENUE, Host, Lab, lab
from bench.linelab.profile import PRESETS


@pytest.fixture(scope="session")
def lines() -> Iterator[Lab]:
    """The three hosts; the venue has 8 Mbit/s down, 800 kbit/s up."""
    with lab(PRESETS["adsl-8m"]) as running_lab:
        yield running_lab


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trouble")


@pytest.fixture(scope="session")
def certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "relay.pem", folder / "relay.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=relay", "-addext",
         f"subjectAltName=IP:{HUB_TO_VENUE}", "-keyout", str(made.key), "-out", str(made.chain)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(lines: Lab, folder: Path, certificate: Certificate) -> AsyncIterator[Stack]:
    camera = folder / "camera.mkv"
    clips.numbered(camera)
    parts = Parts(
        site=Site(lines.hub.name, lines.venue.name, HUB_TO_VENUE),
        hub={"sign_in_tries_per_address": 1000},
        kiosk={
            "KIOSK_CAMERA": f"file:{camera}",
            "KIOSK_MICROPHONE": f"file:{camera}",
            "SSL_CERT_FILE": str(certificate.chain),
        },
    )
    async with running(folder, parts) as running_stack:
        yield running_stack


@asynccontextmanager
async def chromium_on(host: Host, folder: Path, origin: str) -> AsyncIterator[Browser]:
    """A Chromium on a host of the laboratory, which trusts the hub as if it had TLS."""
    wrapper = folder / f"chromium-on-{host.name}"
    wrapper.write_text(
        "#!/bin/sh\n"
        f"exec ip netns exec {host.name} chromium"
        f' --unsafely-treat-insecure-origin-as-secure={origin} --ignore-certificate-errors "$@"\n'
    )
    wrapper.chmod(0o700)
    browser = await ChromiumBrowser.start(Devices(), wrapper)
    try:
        yield browser
    finally:
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def call(stack: Stack, lines: Lab) -> AsyncIterator[Call]:
    """Agent and citizen at their screens; `Call.begin` has them talk."""
    async with (
        chromium_on(lines.office, stack.folder, stack.hub_url) as office,
        chromium_on(lines.venue, stack.folder, stack.hub_url) as venue,
    ):
        agent = await Agent.arrive(stack, office, "caf1")
        citizen = await Citizen.arrive(stack, venue)
        yield Call(stack, agent, citizen)


@pytest_asyncio.fixture(loop_scope="session")
async def supervised(stack: Stack) -> AsyncIterator[None]:
    """The kiosk is started again whenever it ends, as systemd does."""
    task = asyncio.create_task(stack.kiosk.keep_running())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture(autouse=True)
def show_logs(request: pytest.FixtureRequest, stack: Stack) -> Iterator[None]:
    """The ends of both logs go with a test that failed."""
    yield
    report = request.node.stash.get(_REPORT, None)
    if report is not None and report.failed:
        print(stack.last_words())


_REPORT: pytest.StashKey[pytest.TestReport] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report
