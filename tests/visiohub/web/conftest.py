"""Running hubs, and browsers signed in to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from argon2 import PasswordHasher
from hub_site import Site, serve
from playwright.sync_api import Browser, sync_playwright

from visiohub.booking import secrets


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    patch = pytest.MonkeyPatch()
    patch.setattr(secrets, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield from serve(tmp_path_factory.mktemp("hub"), demo=True)
    patch.undo()


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub with one administrator and nothing else."""
    patch = pytest.MonkeyPatch()
    patch.setattr(secrets, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for site in serve(tmp_path_factory.mktemp("empty"), demo=False):
        site.new_person("admin", roles=["administrator", "coordinator"])
        yield site
    patch.undo()


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
