"""The scripted hub, and a page that waits before the call."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from browsers import Browser, Page
from fake_hub import FakeHub


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    running = FakeHub()
    await running.start()
    try:
        yield running
    finally:
        await running.close()


@pytest.fixture
async def page(hub: FakeHub, browser: Browser) -> Page:
    """The call page of one agent, the citizen waiting."""
    opened = await browser.new_page()
    await opened.open(hub.call_url)
    await opened.until("!document.querySelector('#entry').hidden")
    return opened


@pytest.fixture
async def live(hub: FakeHub, page: Page) -> Page:
    """The same, in the call."""
    await page.click("#enter")
    await phase(page, "live")
    return page


async def phase(page: Page, wanted: str, *, within_s: float = 10.0) -> None:
    """Wait until the page shows this phase of the call."""
    await page.until(
        f"document.querySelector('#stage').dataset.phase === '{wanted}'", within_s=within_s
    )
