"""A screen server, and Chromium's page of it, in which nothing may go wrong unseen."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright
from stage import Stage, launch


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage


def bad(said: ConsoleMessage) -> bool:
    # while the agent is away, asking for it is refused: that is no fault of the page
    return said.type == "error" and "CONNECTION_REFUSED" not in said.text


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await launch(playwright.chromium)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if bad(said) else None)
        await page.goto(stage.address)
        yield page
        await browser.close()
        assert faults == []
