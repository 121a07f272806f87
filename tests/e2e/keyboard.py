"""Somebody who has a keyboard and no pointer."""

from __future__ import annotations

import json

from browsers import Page

MOST_TABS = 80
"""No page of ours has as many things to stop at."""


class Keyboard:
    """Goes through one page by its focus alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def goes_to(self, selector: str) -> None:
        """Tab until this has the focus, and shows that it has."""
        name = json.dumps(selector)
        await self.page.until(f"document.querySelector({name})?.checkVisibility()")
        passed = []
        for _ in range(MOST_TABS):
            if await self.page.evaluate(f"document.activeElement.matches({name})"):
                assert await self.page.evaluate("document.activeElement.matches(':focus-visible')")
                return
            await self.page.press("Tab")
            passed.append(await self.page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        raise AssertionError(f"Tab never comes to {selector}; it came by {passed}")

    async def presses(self, selector: str) -> None:
        """A button, a link, a summary."""
        await self.goes_to(selector)
        await self.page.press("Enter")

    async def writes(self, selector: str, text: str) -> None:
        """Into a field; what stood there is replaced, as browsers select it."""
        await self.goes_to(selector)
        await self.page.write(text)

    async def chooses(self, selector: str, value: str) -> None:
        """From a closed list, by the arrow."""
        await self.goes_to(selector)
        for _ in range(MOST_TABS):
            if await self.page.evaluate("document.activeElement.value") == value:
                return
            await self.page.press("ArrowDown")
        raise AssertionError(f"the arrow never comes to {value}")

    async def does(self, wish: str, value: str = "") -> None:
        """The button of a wish on the kiosk's screen (kiosk/scene.py, Do)."""
        end = f',"value":"{value}"' if value else ""
        await self.presses(f"""button[data-action*='"do":"{wish}"{end}']""")
