"""The ends of a measured call: the agent's page, the kiosk's screen, the peer's page.

One definition of "first picture" for all three: the instant of the first animation frame at which
a decoded picture of the far end is on the page, visible. All are pages of browsers on one machine
and read the same clock (`Date.now()`, in whole milliseconds).
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Protocol

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Page

from bench.admit_relay import Relay
from bench.stack import Stack
from kiosk.identity import enrol

SERVICE = "Question rapide"
"""Of the demo territory: it may be called without an appointment."""
PEER_PLACE = "Borne Gap 2"
_PATIENCE_S = 15.0
_LOOK_EVERY_MS = 300

WATCH = """() => {
    window.bench = { click: null, picture: null };
    const drawn = new Set();
    for (const video of document.querySelectorAll('video'))
        video.requestVideoFrameCallback(() => drawn.add(video));
    const enter = document.querySelector('#enter');
    enter?.addEventListener('click', (event) => {
        bench.click = Date.now() - (performance.now() - event.timeStamp);
    }, { capture: true, once: true });
    const look = () => {
        if (SEEN) bench.picture = Date.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Evaluated in the page; SEEN is one of the following."""
AGENT_SEES = "[...drawn].some((video) => video.matches('.far.shown'))"
SCREEN_SEES = """document.querySelector('#far-picture[data-pictures]')?.checkVisibility()"""
PEER_SEES = "[...drawn].some((video) => video.id === 'far')"


class Far(Protocol):
    """The kiosk's part of a call, whoever plays it."""

    async def arrives(self) -> None:
        """A citizen comes and waits to be let in."""

    async def watches(self) -> None:
        """From now on look for the first picture."""

    async def first_picture(self) -> float:
        """When it was on the screen, in ms since 1970."""

    async def leaves(self) -> None:
        """The call was hung up; ready for the next one."""


class Agent:
    """Somebody of a partner at the call page."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self._stack, self._page = stack, page

    async def arrives(self, login: str) -> None:
        """Sign in."""
        await sign_in(self._page, self._stack, login)

    async def opens_waiting_room(self) -> None:
        """The call's page with its own devices open, the citizen not let in."""
        page = self._page
        await page.goto(f"{self._stack.origin}/agent")
        link = page.locator("[data-focus=admit]").first
        href = await link.get_attribute("href", timeout=_PATIENCE_S * 1000)
        await page.goto(f"{self._stack.origin}{href}")
        await until(page, "!document.querySelector('#entry').hidden")
        await until(page, "document.querySelector('#near').videoWidth")
        # a person reads who is there before pressing; what the page prepares meanwhile is ready
        await page.wait_for_timeout(1500)

    async def admits(self) -> tuple[float, float]:
        """Press "Faire entrer": when it was pressed, when the first picture was there."""
        await watch(self._page, AGENT_SEES)
        await self._page.click("#enter")
        picture = await seen(self._page)
        return float(await self._page.evaluate("bench.click")), picture

    async def hangs_up(self) -> None:
        """By the red button."""
        await self._page.click("#hang-up")
        await self._page.wait_for_selector("#stage[data-phase=ended]")


class KioskScreen:
    """The product: the kiosk's process with its screen in a browser."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self._page = page
        self._address = f"http://127.0.0.1:{stack.screen_port}/"

    async def opens(self) -> None:
        """The first screen."""
        await self._page.goto(self._address)
        await self._at("home")

    async def arrives(self) -> None:
        """By the row of the service."""
        await self._page.bring_to_front()
        row = self._page.locator(".services button.row", has_text=SERVICE)
        await row.first.click(timeout=_PATIENCE_S * 1000)
        await self._at("waiting")

    async def watches(self) -> None:
        """See Far."""
        await watch(self._page, SCREEN_SEES)

    async def first_picture(self) -> float:
        """See Far."""
        return await seen(self._page)

    async def leaves(self) -> None:
        """See Far."""
        await self._at("ended")
        await self._page.click('[data-action*=\'"do":"done"\']')
        await self._at("home")

    async def _at(self, screen: str) -> None:
        await self._page.wait_for_selector(
            f"body[data-screen={screen}]", timeout=_PATIENCE_S * 1000
        )


class PeerKiosk:
    """The peer: the kiosk's part played by a page in a browser."""

    def __init__(self, page: Page, relay: Relay, identity: Mapping[str, Any]) -> None:
        self._page, self._relay, self._identity = page, relay, identity

    async def opens(self) -> None:
        """Devices open, welcomed by the hub."""
        await self._page.goto(self._relay.page)
        await until(self._page, "Boolean(window.peer)")
        await self._page.evaluate("(given) => peer.begin(given)", dict(self._identity))

    async def arrives(self) -> None:
        """By the same service."""
        await self._page.bring_to_front()
        await self._page.evaluate("(label) => peer.callService(label)", SERVICE)
        await self._reaches("waiting")

    async def watches(self) -> None:
        """See Far."""
        await watch(self._page, PEER_SEES)

    async def first_picture(self) -> float:
        """See Far."""
        return await seen(self._page)

    async def leaves(self) -> None:
        """See Far."""
        await self._reaches("idle")

    async def round_trip_ms(self, number: int) -> float:
        """From the page by the relay to the hub and back."""
        return float(await self._page.evaluate("(n) => peer.roundTrip(n)", number))

    async def _reaches(self, state: str) -> None:
        await until(self._page, f"peer.state() === '{state}'")


async def watch(page: Page, found: str) -> None:
    """Have the page note the instant at which `found` holds for the first time."""
    await page.evaluate(WATCH.replace("SEEN", found))


async def seen(page: Page) -> float:
    """The instant that the page noted."""
    return float(await until(page, "bench.picture"))


async def until(page: Page, expression: str) -> Any:
    """The first truthy value. Raises TimeoutError.

    Playwright's own waiting evaluates in the page, which the page's policy forbids.
    """
    async with asyncio.timeout(_PATIENCE_S):
        while not (value := await page.evaluate(expression)):
            # slow, so that what waits does not cost what is measured
            await page.wait_for_timeout(_LOOK_EVERY_MS)
    return value


async def sign_in(page: Page, stack: Stack, login: str) -> None:
    """By the sign-in page."""
    await page.goto(f"{stack.origin}/sign-in")
    await page.fill("#f-login", login)
    await page.fill("#f-password", stack.territory["sign_ins"][0]["password"])
    await page.click("main form button.go")
    await page.wait_for_url(lambda address: "sign-in" not in address)


async def issue_code(page: Page, stack: Stack, kiosk: str) -> str:
    """A one-time code for the kiosk of this name, as the administrator gets it."""
    await sign_in(page, stack, "admin")
    await page.goto(f"{stack.origin}/admin/kiosks")
    await page.locator("main a", has_text=kiosk).first.click()
    await page.locator("form[action$='/code'] button").click()
    return re.sub(r"\W", "", await page.locator(".secret").inner_text())


def enrol_peer(stack: Stack, code: str) -> dict[str, str]:
    """A key that the hub knows, as the peer's page takes it."""
    known = enrol(stack.origin, code, stack.folder / "peer", "peer", replace=False)
    octets = known.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "kiosk_id": known.kiosk_id,
        "origin": known.hub_origin,
        "pkcs8": b64encode(octets).decode("ascii"),
    }
