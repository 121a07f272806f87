"""Firefox by WebDriver BiDi, without geckodriver: the browser itself listens."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from browsers.bidi import Bidi
from browsers.interface import Browser, Devices, Page, Place

STARTS_WITHIN_S = 30.0
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")

PREFS: dict[str, bool | int | str] = {
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "intl.accept_languages": "fr-FR, fr",
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.startup.max_resumed_crashes": -1,
}
DEVICE_PREFS: dict[str, dict[str, bool | int | str]] = {
    "fake": {"media.navigator.streams.fake": True, "media.navigator.permission.disabled": True},
    "none": {"media.navigator.permission.disabled": True},
    "denied": {
        "media.navigator.streams.fake": True,
        "permissions.default.camera": 2,
        "permissions.default.microphone": 2,
    },
}
KEYS = {
    "Enter": "\ue007",
    "Tab": "\ue004",
    "Escape": "\ue00c",
    "Backspace": "\ue003",
    "Control": "\ue009",
    "Shift": "\ue008",
    "Space": " ",
    "ArrowUp": "\ue013",
    "ArrowDown": "\ue015",
}
SETTLED = """async (selector) => {
  const found = document.querySelector(selector);
  if (!found?.checkVisibility()) return false;
  found.scrollIntoView({ block: 'center' });
  const place = () => JSON.stringify(found.getBoundingClientRect());
  const before = place();
  await new Promise((done) => setTimeout(done, 40));
  return place() === before;
}"""
"""A pointer that is sent to a place while the page shifts presses something else."""


class FirefoxPage(Page):
    """One tab of Firefox."""

    def __init__(self, bidi: Bidi, context: str) -> None:
        self._bidi, self._context = bidi, context
        self.console = []

    async def open(self, url: str) -> None:
        await self._bidi.command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def reload(self) -> None:
        await self._bidi.command("browsingContext.reload", context=self._context, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        found = await self._bidi.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({expression})) ?? null))()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=False,
        )
        if found["type"] == "exception":
            raise AssertionError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    async def click(self, selector: str) -> None:
        element = await self._find(selector)
        origin = {"type": "element", "element": element}
        pointer = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": pointer})

    async def type(self, selector: str, text: str) -> None:
        await self._find(selector)
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.write(text)

    async def write(self, text: str) -> None:
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": strokes})

    async def press(self, key: str) -> None:
        parts = [KEYS.get(part, part) for part in key.split("+")]
        down = [{"type": "keyDown", "value": part} for part in parts]
        up = [{"type": "keyUp", "value": part} for part in reversed(parts)]
        await self._act({"type": "key", "id": "keyboard", "actions": [*down, *up]})

    async def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        await self._bidi.command(
            "browsingContext.setViewport", context=self._context, viewport=size
        )

    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        origin = "document" if full else "viewport"
        taken = await self._bidi.command(
            "browsingContext.captureScreenshot", context=self._context, origin=origin
        )
        await asyncio.to_thread(path.write_bytes, base64.b64decode(taken["data"]))

    async def close(self) -> None:
        await self._bidi.command("browsingContext.close", context=self._context)

    async def _act(self, source: dict[str, Any]) -> None:
        await self._bidi.command("input.performActions", context=self._context, actions=[source])

    async def _find(self, selector: str) -> dict[str, Any]:
        """A visible match, scrolled into view, that stays where it is. Raises AssertionError."""
        await self.until(f"({SETTLED})({json.dumps(selector)})", within_s=5.0)
        found = await self._bidi.command(
            "browsingContext.locateNodes",
            context=self._context,
            locator={"type": "css", "value": selector},
            maxNodeCount=1,
        )
        return {"sharedId": found["nodes"][0]["sharedId"]}


class FirefoxBrowser(Browser):
    """A headless Firefox of the system, with a profile of its own."""

    engine = "firefox"

    def __init__(self, process: asyncio.subprocess.Process, profile: str, place: Place) -> None:
        self._process, self._profile, self._place = process, profile, place
        self._pages: dict[str, FirefoxPage] = {}
        self._bidi: Bidi | None = None
        self._drain: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, devices: Devices, place: Place) -> FirefoxBrowser:
        """Launch it. Raises FileNotFoundError when firefox-esr is not installed."""
        executable = shutil.which("firefox-esr") or shutil.which("firefox")
        if executable is None:
            raise FileNotFoundError("firefox-esr (apt install firefox-esr)")
        profile = tempfile.mkdtemp(prefix="visiohub-firefox-")
        prefs = PREFS | DEVICE_PREFS[devices.kind]
        if place.trusted:
            prefs["dom.securecontext.allowlist"] = urlsplit(place.trusted).hostname or ""
            prefs["security.warn_submit_secure_to_insecure"] = False  # it asks in a dialog
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in prefs.items()]
        await asyncio.to_thread(Path(profile, "user.js").write_text, "".join(lines), "utf-8")
        process = await asyncio.create_subprocess_exec(
            *place.command(executable), "--headless", "--no-remote", "--profile", profile,
            "--remote-debugging-port", "0", "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        browser = cls(process, profile, place)
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                await browser._join()
        except BaseException:
            await browser.close()
            raise
        return browser

    async def new_page(self) -> Page:
        bidi = self._connection()
        context = (await bidi.command("browsingContext.create", type="tab"))["context"]
        page = FirefoxPage(bidi, context)
        self._pages[context] = page
        await page.resize(1280, 800)
        return page

    async def close(self) -> None:
        if self._bidi is not None:
            await self._bidi.close()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._drain is not None:
            await self._drain
        shutil.rmtree(self._profile, ignore_errors=True)

    async def _join(self) -> None:
        errors = self._process.stderr
        if errors is None:
            raise RuntimeError("firefox was started without a pipe")
        while not (found := LISTENING.search(await errors.readline())):
            if errors.at_eof():
                raise RuntimeError("firefox ended before it listened")
        self._drain = asyncio.create_task(self._read_away(errors))
        self._bidi = await Bidi.connect(
            f"{found[1].decode()}/session", self._heard, self._place.netns
        )
        await self._bidi.command("session.new", capabilities={})
        await self._bidi.command("session.subscribe", events=["log.entryAdded"])

    def _connection(self) -> Bidi:
        if self._bidi is None:
            raise RuntimeError("firefox is not connected")
        return self._bidi

    def _heard(self, event: str, params: dict[str, Any]) -> None:
        if event != "log.entryAdded":
            return
        page = self._pages.get(params["source"].get("context", ""))
        if page is not None:
            page.console.append(f"{params['level']}: {params['text']}")

    @staticmethod
    async def _read_away(errors: asyncio.StreamReader) -> None:
        while await errors.readline():
            pass
