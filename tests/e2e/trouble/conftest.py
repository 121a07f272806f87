"""Office, hub and venue as hosts of their own, with an ADSL line to the venue."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import clips
import lens
import pytest
import pytest_asyncio
from browsers import ENGINES, Browser, Place, launch
from people import Agent, Citizen
from scene import Call, Certificate
from stack import Parts, Site, Stack, running

from bench.linelab.namespaces import HUB_TO_VENUE, Lab, lab
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def screen(stack: Stack, lines: Lab) -> AsyncIterator[Browser]:
    """The browser of the kiosk's screen, at the venue."""
    async with launch("chromium", place=Place(lines.venue.name)) as running_browser:
        yield running_browser


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=ENGINES)
async def call(
    request: pytest.FixtureRequest, stack: Stack, lines: Lab, screen: Browser, sound_output: None
) -> AsyncIterator[Call]:
    """Agent and citizen at their screens; `Call.begin` has them talk.

    The agent sits in the office at Chromium, then at Firefox.
    """
    async with launch(request.param, place=Place(lines.office.name, stack.hub_url)) as office:
        agent = await Agent.arrive(stack, office, "caf1")
        await lens.preload_studio(agent.page)
        citizen = await Citizen.arrive(stack, screen)
        yield Call(request.param, stack, agent, citizen)
        await citizen.page.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plain_hub(stack: Stack) -> AsyncIterator[None]:
    """Tests may restart the hub with other settings: afterwards it is as it was."""
    yield
    await stack.restart_hub()


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
