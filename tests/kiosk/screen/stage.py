"""A screen server on a free port that shows any sample, and the pictures taken from it.

    python tests/kiosk/screen/stage.py FOLDER [STATE...]

writes STATE-LANGUAGE-WIDTHxHEIGHT.png for every state, language and size.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).parent))

from playwright.async_api import Browser, Page, async_playwright
from samples import NOW, SAMPLES, far_picture, self_picture

from kiosk.scene import Action, Scene, Screen
from kiosk.screen.frames import FAR, SELF
from kiosk.screen.server import ScreenServer
from kiosk.screen.view import draw

CHROMIUM = "/usr/bin/chromium"
SIZES = ((1920, 1080), (1280, 800), (1080, 1920))


class Stage:
    """Shows scenes to a page, and keeps the actions that come back."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.server = ScreenServer(self.actions.append)

    async def __aenter__(self) -> Self:
        await self.server.start(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/"

    async def show(self, page: Page, scene: Scene, *, update: bool = False) -> None:
        """Show a scene and wait until it is on the page.

        `update`: the page goes there from a scene of the same screen, as it is.
        """
        shown = f"body[data-screen={scene.screen.value}]"
        if not update and await page.query_selector(shown):
            # by another screen, or nobody could tell when this one has come
            other = Screen.STARTING if scene.screen is not Screen.STARTING else Screen.CLOSED
            self.server.show(draw(Scene(screen=other, time=NOW)))
            await page.wait_for_selector(f"body[data-screen={other.value}]")
        self.server.show(draw(scene))
        await page.wait_for_selector(shown)
        if scene.far_picture:
            self.server.push_picture(FAR, far_picture())
            await page.wait_for_selector("#far-picture[data-pictures]", state="attached")
        if scene.shows_self and not scene.device_is_out("camera"):
            qr = "VH1.a1.0123456789abcdef0123456789" if scene.reads_qr else ""
            self.server.push_picture(SELF, self_picture(qr))
            await page.wait_for_selector("#self-picture[data-pictures]", state="attached")
        await page.evaluate("document.fonts.ready")


async def until(so: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait for what a page says over its connection, of which nobody else is told."""
    async with asyncio.timeout(within_s):
        while not so():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.01)


async def launch(chromium: object) -> Browser:
    return await chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])  # type: ignore[attr-defined]


async def take_pictures(
    folder: Path, names: list[str], sizes: tuple[tuple[int, int], ...] = SIZES,
    languages: tuple[str, ...] = ("fr", "en"), *, larger: bool = False,
) -> None:  # fmt: skip
    async with Stage() as stage, async_playwright() as playwright:
        browser = await launch(playwright.chromium)
        for width, height in sizes:
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(stage.address)
            for name in names:
                for language in languages:
                    scene = replace(SAMPLES[name], language=language, larger_text=larger)  # type: ignore[arg-type]
                    await stage.show(page, scene)
                    suffix = "-larger" if larger else ""
                    file = folder / f"{name}-{language}-{width}x{height}{suffix}.png"
                    await page.screenshot(path=file)
            await page.close()
        await browser.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(take_pictures(Path(sys.argv[1]), sys.argv[2:] or list(SAMPLES)))
