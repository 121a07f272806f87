"""The Chromium that benchmarks open their pages in."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Playwright

FLAGS = (
    "--use-fake-device-for-media-stream=fps=25",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@asynccontextmanager
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """A headless Chromium of the system, with synthetic devices.

    Raises FileNotFoundError when it is not installed.
    """
    executable = shutil.which("chromium")
    if executable is None:
        raise FileNotFoundError("chromium (apt install chromium)")
    # Chromium refuses to sandbox for root
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
    browser = await playwright.chromium.launch(executable_path=executable, args=flags)
    try:
        yield browser
    finally:
        await browser.close()
