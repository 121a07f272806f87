"""Chromium by playwright."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import BrowserContext, ConsoleMessage, Playwright, async_playwright
from playwright.async_api import Page as PlaywrightPage

from browsers.interface import Browser, Devices, Page, Place

FLAGS = {
    "fake": ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    "none": ["--use-fake-ui-for-media-stream"],
    "denied": ["--use-fake-device-for-media-stream"],
}


class ChromiumPage(Page):
    """One tab of Chromium."""

    def __init__(self, page: PlaywrightPage) -> None:
        self._page = page
        self.console = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))

    async def open(self, url: str) -> None:
        await self._page.goto(url, wait_until="load")

    async def reload(self) -> None:
        await self._page.reload(wait_until="load")

    async def evaluate(self, expression: str) -> Any:
        found = await self._page.evaluate(
            f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        )
        return json.loads(found)

    async def click(self, selector: str) -> None:
        await self._page.locator(selector).first.click(timeout=20000)

    async def type(self, selector: str, text: str) -> None:
        await self._page.locator(selector).first.focus(timeout=20000)
        await self.write(text)

    async def write(self, text: str) -> None:
        await self._page.keyboard.type(text)

    async def press(self, key: str) -> None:
        await self._page.keyboard.press(key)

    async def resize(self, width: int, height: int) -> None:
        await self._page.set_viewport_size({"width": width, "height": height})

    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        await self._page.screenshot(path=path, full_page=full)

    async def close(self) -> None:
        await self._page.close()

    def _heard(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")


class ChromiumBrowser(Browser):
    """A headless Chromium of the system."""

    engine = "chromium"

    def __init__(
        self, playwright: Playwright, browser: PlaywrightBrowser, context: BrowserContext
    ) -> None:
        self._playwright, self._browser, self._context = playwright, browser, context

    @classmethod
    async def start(cls, devices: Devices, place: Place) -> ChromiumBrowser:
        """Launch it. Raises FileNotFoundError when chromium is not installed."""
        executable = shutil.which("chromium")
        if executable is None:
            raise FileNotFoundError("chromium (apt install chromium)")
        flags = [*FLAGS[devices.kind]]
        if devices.video_file:
            flags.append(f"--use-file-for-fake-video-capture={devices.video_file}")
        if devices.audio_file:
            flags.append(f"--use-file-for-fake-audio-capture={devices.audio_file}")
        if place.trusted:
            flags.append(f"--unsafely-treat-insecure-origin-as-secure={place.trusted}")
            flags.append("--ignore-certificate-errors")
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to sandbox for root
        playwright = await async_playwright().start()
        with tempfile.TemporaryDirectory(prefix="visiohub-chromium-") as folder:
            program = _program(Path(folder, "chromium"), place.command(executable))
            # Its own silent output keeps time on a busy machine; a sound server's does not.
            quiet = {name: value for name, value in os.environ.items() if name != "PULSE_SERVER"}
            browser = await playwright.chromium.launch(
                executable_path=program, args=flags, env=quiet
            )
        # Permissions are the flags' business: an empty list here makes "denied" deny.
        granted = [] if devices.kind == "denied" else ["camera", "microphone"]
        context = await browser.new_context(permissions=granted, locale="fr-FR")
        return cls(playwright, browser, context)

    async def new_page(self) -> Page:
        return ChromiumPage(await self._context.new_page())

    async def close(self) -> None:
        await self._browser.close()
        await self._playwright.stop()


def _program(path: Path, command: list[str]) -> Path:
    """A command as a program: playwright adds its arguments to a path alone."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o700)
    return path
