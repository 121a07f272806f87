"""Chromium and Firefox behind one small interface, for tests that need real browsers.

    async with launch("firefox") as browser:
        page = await browser.new_page()
        await page.open("http://127.0.0.1:8080/")

Both engines get synthetic cameras and microphones, unless `devices` says otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from browsers.chromium import ChromiumBrowser
from browsers.firefox import FirefoxBrowser
from browsers.interface import Browser, Devices, Page, Place

ENGINES = ("chromium", "firefox")

__all__ = ["ENGINES", "Browser", "Devices", "Page", "Place", "launch"]


@asynccontextmanager
async def launch(
    engine: str, devices: Devices | None = None, place: Place | None = None
) -> AsyncIterator[Browser]:
    """A browser of this engine, closed at the end. Raises KeyError for an unknown engine."""
    starters = {"chromium": ChromiumBrowser.start, "firefox": FirefoxBrowser.start}
    browser = await starters[engine](devices or Devices(), place or Place())
    try:
        yield browser
    finally:
        await browser.close()
