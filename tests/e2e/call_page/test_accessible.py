"""Call page and pre-check by axe in every state: French in Chromium, English in Firefox."""

from __future__ import annotations

import json
from pathlib import Path

import axe_playwright_python
import pytest
from browsers import Browser, Page
from call_phase import phase
from fake_hub import FakeHub

from signaling.protocol.cards import DeviceCard

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
LANGUAGE_OF = {"chromium": "fr", "firefox": "en"}
"""What axe looks at is the same in both engines; the words are not."""
NARROW = (640, 320)
"""200 % zoom of 1280, and the width of WCAG 1.4.10."""


async def well(page: Page, state: str) -> None:
    """No violation of WCAG 2.2 A and AA, and nothing wider than a narrow window."""
    found = await page.evaluate(
        f"axe.run(document, {json.dumps(OPTIONS)}).then(found => found.violations.map("
        " one => [one.id, ...one.nodes.map(node => node.target.join(' '))]))"
    )
    assert found == [], state
    for width in NARROW:
        await page.resize(width, 900)
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{state}: {over} px too wide at {width}"
    await page.resize(1440, 900)


async def test_the_call_page(hub: FakeHub, tab: Page, browser: Browser) -> None:
    language = hub.language = LANGUAGE_OF[browser.engine]
    await tab.resize(1440, 900)
    await tab.open(hub.call_url)
    await tab.until("!document.querySelector('#entry').hidden")
    assert await tab.evaluate("document.documentElement.lang") == language
    await tab.evaluate(f"(() => {{ {AXE} }})()")
    for summary in (1, 2):
        await tab.click(f"#entry details:nth-of-type({summary}) summary")
    await well(tab, "waiting")

    await tab.click("#enter")
    await phase(tab, "live")
    await tab.click("#phrases-open")
    await tab.type("#say-text", "Merci.")
    await tab.click("#say-send")
    await hub.devices(DeviceCard(kind="camera", status="unplugged", name="Camera", detail=""))
    await tab.until("document.querySelector('#lacks').children.length > 0")
    await well(tab, "live, a device out")

    await tab.click("#by-phone")
    await tab.until("document.querySelector('#phone-dialog').open")
    await well(tab, "telephone")
    await tab.press("Escape")

    await hub.go_away()
    await tab.until("document.querySelector('#strips').children.length > 0")
    await well(tab, "hub away")
    hub.here = True
    await tab.until("document.querySelector('#strips').children.length === 0", within_s=15)

    await hub.interrupt()
    await tab.until("!document.querySelector('#card').hidden")
    await well(tab, "interrupted")
    await hub.end("line_fault")
    await phase(tab, "ended")
    await well(tab, "ended")


async def test_the_pre_check(hub: FakeHub, tab: Page, browser: Browser) -> None:
    hub.language = LANGUAGE_OF[browser.engine]
    await tab.resize(1440, 900)
    await tab.open(hub.check_url)
    await tab.evaluate(f"(() => {{ {AXE} }})()")
    await well(tab, "before")
    await tab.click("#start")
    await tab.until("document.querySelector('#camera-state').children.length > 0")
    await well(tab, "running")
