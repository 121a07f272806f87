"""The scripted hub, and a page that waits before the call. One browser serves a whole module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from browsers import ENGINES, Browser, Page, launch
from call_phase import phase
from fake_hub import FakeHub


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Chromium, then Firefox, with synthetic camera and microphone."""
    async with launch(request.param) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def hub() -> AsyncIterator[FakeHub]:
    running = FakeHub()
    await running.start()
    try:
        yield running
    finally:
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """An empty tab."""
    opened = await browser.new_page()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(hub: FakeHub, tab: Page) -> Page:
    """The call page of one agent, the citizen waiting."""
    await tab.open(hub.call_url)
    await tab.until("!document.querySelector('#entry').hidden")
    return tab


@pytest_asyncio.fixture(loop_scope="module")
async def live(hub: FakeHub, page: Page) -> Page:
    """The same, in the call."""
    await page.click("#enter")
    await phase(page, "live")
    return page
