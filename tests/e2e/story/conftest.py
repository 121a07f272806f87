"""One hub, one kiosk with a camera of its own, and the browsers, for all tests of the story."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import clips
import pytest
import pytest_asyncio
from browsers import ENGINES, Browser, launch
from lens import Recording
from people import Citizen, Office
from stack import Parts, Stack, running


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="session")
def camera(folder: Path) -> Path:
    """The file that is the kiosk's camera and its microphone."""
    path = folder / "camera.mkv"
    clips.numbered(path)
    return path


@pytest.fixture(scope="session")
def speaker(folder: Path) -> Recording:
    """What the kiosk's speaker plays."""
    return Recording(folder / "speaker.wav")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(folder: Path, camera: Path, speaker: Recording) -> AsyncIterator[Stack]:
    parts = Parts(
        hub={
            "code_early_minutes": 150,  # several appointments can be opened at once
            "max_kiosks": 30,  # so guessing stays below 1e-4 a day
            "wrong_codes_before_lock": 3,  # each takes 2 s
            "sign_in_tries_per_address": 1000,
            "call_gives_up_after_s": 60,
            "room_visio_early_minutes": 240,  # the first common free time is soon enough
        },
        kiosk={
            "KIOSK_CAMERA": f"file:{camera}",
            "KIOSK_MICROPHONE": f"file:{camera}",
            "KIOSK_SPEAKER": f"file:{speaker.path}",
        },
    )
    async with running(folder, parts) as running_stack:
        yield running_stack


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def screens(sound_output: None) -> AsyncIterator[Browser]:
    """The browser of the kiosk's screen; reception and technicians sit at it, too."""
    async with launch("chromium") as running_browser:
        yield running_browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(sound_output: None) -> AsyncIterator[Browser]:
    """A Chromium for staff, where one engine is enough."""
    async with launch("chromium") as running_browser:
        yield running_browser


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=ENGINES)
async def agents(request: pytest.FixtureRequest, sound_output: None) -> AsyncIterator[Browser]:
    """The agents' browser: Chromium, then Firefox."""
    async with launch(request.param) as running_browser:
        yield running_browser


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(stack: Stack, screens: Browser) -> AsyncIterator[Citizen]:
    """Somebody who just came to the kiosk; gone afterwards, whatever happened."""
    arrived = await Citizen.arrive(stack, screens)
    yield arrived
    if await arrived.screen() in {"waiting", "admitted", "call", "interrupted"}:
        await arrived.hangs_up()
    await arrived.page.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def reception(stack: Stack) -> AsyncIterator[Office]:
    office = await Office.arrive(stack, "accueil-gap")
    yield office
    await office.close()
