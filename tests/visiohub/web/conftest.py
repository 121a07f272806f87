"""Running hubs, and browsers signed in to them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from argon2 import PasswordHasher
from hub_site import Site, demo_in, serve
from playwright.sync_api import Browser, sync_playwright

from visiohub.booking import secrets
from visiohub.demo import Demo


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """For what lives longer than a test."""
    patch = pytest.MonkeyPatch()
    patch.setattr(secrets, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def territory(quick_hashes: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Demo]:
    """The demo, loaded once; each file of tests gets a copy."""
    folder = tmp_path_factory.mktemp("territory")
    return folder, demo_in(folder)


@pytest.fixture(scope="module")
def site(territory: tuple[Path, Demo], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub of its own for each file: what the tests of another changed is not there."""
    kept, demo = territory
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    yield from serve(folder, demo)


@pytest.fixture(scope="module")
def empty_site(quick_hashes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub with one administrator and nothing else."""
    for site in serve(tmp_path_factory.mktemp("empty"), None):
        site.new_person("admin", roles=["administrator", "coordinator"])
        yield site


@pytest.fixture
async def anonymous(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client() as client:
        yield client


@pytest.fixture
async def agent(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("caf1") as client:
        yield client


@pytest.fixture
async def reception(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("accueil-laragne") as client:
        yield client


@pytest.fixture
async def admin(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("admin") as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. For modules without coroutines: playwright's own loop runs meanwhile."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield running
        running.close()
