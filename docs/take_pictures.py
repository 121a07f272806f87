"""`make pictures`: every page and state of the running program, as people see it.

All of them go to docs/pictures/all/LANGUAGE/SIZE/ (git ignores it), to be looked at. The few that
the README shows are made anew in docs/pictures/, half the size and with 64 colours. Names given on
the command line keep to the pictures whose name begins so.
"""

from __future__ import annotations

import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from bench.stack import Stack, stack

PICTURES = Path(__file__).parent / "pictures"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
KIOSK_SIZE = (1920, 1080)
LANGUAGES = ("fr", "en")
FOR_README = ("kiosk-home", "agent-day", "reception", "use")
COLOURS = 64


@dataclass(frozen=True)
class Shot:
    """A page of the hub: its name, its address, and a link to follow from there, if any."""

    name: str
    path: str
    follow: str = ""
    """CSS selector of the link to follow; empty: the page itself."""


PAGES: dict[str, tuple[Shot, ...]] = {
    "": (Shot("public", "/"), Shot("sign-in", "/sign-in"), Shot("not-found", "/no-such-page")),
    "caf1": (
        Shot("agent-day", "/agent"),
        Shot("agent-check", "/agent/check"),
        Shot("appointments", "/appointments"),
        Shot("appointment-new", "/appointments/new"),
        Shot("account", "/account"),
        Shot("forbidden", "/admin"),
    ),
    "accueil-gap": (
        Shot("reception", "/reception"),
        Shot("reception-new", "/appointments/new"),
        Shot("appointment", "/appointments", "main a[href^='/appointments/']:not([href$='new'])"),
    ),
    "admin": (
        Shot("admin", "/admin"),
        *(
            Shot(f"admin-{kind}", f"/admin/{kind}")
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "persons")
        ),
        Shot("admin-venue-new", "/admin/venues/new"),
        Shot("admin-kiosk", "/admin/kiosks", "main a[href^='/admin/kiosks/']:not([href$='new'])"),
    ),
    "coordination": (Shot("use", "/usage"), Shot("calls", "/calls")),
    "technique": (
        Shot("kiosks", "/kiosks"),
        Shot("kiosk", "/kiosks", "main a[href^='/kiosks/']"),
    ),
    "professionnel": (Shot("venues", "/venues"), Shot("help", "/help")),
}


def main(wanted: list[str]) -> int:
    """Take them all; the number of pages that failed, at most 1."""
    failures: list[str] = []
    with stack() as running, running.kiosk(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream",
                  "--use-fake-device-for-media-stream", "--disable-background-networking"],
        )  # fmt: skip
        for language in LANGUAGES:
            for size, (width, height) in SIZES.items():
                camera = Camera(browser, language, size, width, height, wanted, failures)
                for login, shots in PAGES.items():
                    if not any(camera.wants(shot.name) for shot in shots):
                        continue
                    with camera.signed_in(running, login) as page:
                        for shot in shots:
                            camera.attempt(
                                shot.name, lambda s=shot, p=page: go(p, running, s), page
                            )
        story(browser, running, wanted, failures)
        browser.close()
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    if not wanted:
        for name in FOR_README:
            kind = "kiosk" if name.startswith("kiosk-") else "desktop"
            shrink(PICTURES / "all" / "fr" / kind / f"{name}.png", PICTURES / f"{name}.png")
    return 1 if failures else 0


@dataclass(frozen=True)
class Camera:
    """Takes pictures of one language and size; a page that fails is noted, the rest goes on."""

    browser: Browser
    language: str
    size: str
    width: int
    height: int
    wanted: list[str]
    failures: list[str]

    @contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page of this size, in a session of its own."""
        context = self.browser.new_context(
            viewport={"width": self.width, "height": self.height}, locale=self.language
        )
        context.set_default_timeout(10_000)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextmanager
    def signed_in(self, running: Stack, login: str) -> Iterator[Page]:
        """A page of somebody who signed in, in this camera's language; no login: of nobody."""
        with self.page() as page:
            page.goto(f"{running.origin}/sign-in")
            other = page.locator(f"button[name=language][value={self.language}]")
            if other.count():
                other.first.click()
                page.wait_for_load_state()
            if login:
                password = next(
                    row["password"]
                    for row in running.territory["sign_ins"]
                    if row["login"] == login
                )
                page.fill("#f-login", login)
                page.fill("#f-password", password)
                page.click("main form button.go")
                page.wait_for_url(lambda address: "sign-in" not in address)
            yield page

    def wants(self, name: str) -> bool:
        """Whether the command line asked for it; it asks for all when it names none."""
        return not self.wanted or name.startswith(tuple(self.wanted))

    def attempt(self, name: str, arrive: Callable[[], None], page: Page) -> None:
        """Arrive somewhere and take the picture."""
        if not self.wants(name):
            return
        try:
            arrive()
            self.take(page, name)
        except Exception as error:  # noqa: BLE001 (whatever fails, the other pages are wanted)
            line = str(error).splitlines()[0]
            self.failures.append(f"{self.language}/{self.size}/{name}: {line}")

    def take(self, page: Page, name: str) -> None:
        """The page as it now is; a kiosk's is one screen, others are taken whole."""
        path = PICTURES / "all" / self.language / self.size / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=path, full_page=self.size == "phone")


def go(page: Page, running: Stack, shot: Shot) -> None:
    """To the page of a shot."""
    answer = page.goto(running.origin + shot.path)
    if answer is None or answer.status >= 500:
        log = (running.folder / "hub.log").read_text("utf-8")
        raise RuntimeError(f"{shot.path} failed: {log[-400:]!r}")
    if shot.follow:
        page.locator(shot.follow).first.click()
        page.wait_for_load_state()
    page.wait_for_timeout(300)  # live parts arrive; a picture taken early would show them loading


def story(browser: Browser, running: Stack, wanted: list[str], failures: list[str]) -> None:
    """The kiosk's screens in both languages, then one call: waiting, in the call, ended."""
    citizen_camera = {
        language: Camera(browser, language, "kiosk", *KIOSK_SIZE, wanted, failures)
        for language in LANGUAGES
    }
    with citizen_camera["fr"].page() as citizen:
        citizen.goto(f"http://127.0.0.1:{running.screen_port}/")
        for language, camera in citizen_camera.items():
            camera.attempt("kiosk-home", lambda: home(citizen, language), citizen)  # noqa: B023
            camera.attempt("kiosk-code", lambda: press(citizen, "start_code"), citizen)
            camera.attempt("kiosk-code-wrong", lambda: type_code(citizen, "00000000"), citizen)
            camera.attempt("kiosk-help", lambda: press(citizen, "help"), citizen)
            home(citizen, language)
        french = citizen_camera["fr"]
        home(citizen, "fr")
        press(citizen, "start_code")
        code = re.sub(r"\D", "", running.territory["convocation"]["code"])
        french.attempt("kiosk-waiting", lambda: wait_in_line(citizen, code), citizen)
        agent_camera = Camera(browser, "fr", "desktop", *SIZES["desktop"], wanted, failures)
        login = running.territory["convocation_agent"]
        with agent_camera.signed_in(running, login) as agent:
            agent_camera.attempt("agent-day-arrived", lambda: go(agent, running, DAY), agent)
            agent_camera.attempt("agent-call", lambda: admit(agent), agent)
            french.attempt("kiosk-call", lambda: reach(citizen, "call"), citizen)
            agent_camera.attempt("agent-call-ended", lambda: hang_up(agent), agent)
            french.attempt("kiosk-ended", lambda: reach(citizen, "ended"), citizen)


DAY = Shot("agent-day", "/agent")


def press(page: Page, do: str, value: str = "") -> None:
    """A button of the kiosk's screen, by what it does."""
    wish = f'"do":"{do}"' + (f',"value":"{value}"' if value else "")
    page.locator(f"[data-action*='{wish}']").first.click()
    page.wait_for_timeout(300)


def reach(page: Page, screen: str) -> None:
    """Until the kiosk shows this screen, pictures included."""
    page.wait_for_selector(f"body[data-screen={screen}]")
    page.wait_for_timeout(1500)


def home(page: Page, language: str) -> None:
    """The kiosk's first screen in a language."""
    for do in ("dismiss", "help_cancel", "back"):
        button = page.locator(f'[data-action*=\'"do":"{do}"\']')
        if button.count():
            button.first.click()
            page.wait_for_timeout(300)
    page.wait_for_selector("body[data-screen=home]")
    if page.locator("html").get_attribute("lang") != language:
        press(page, "language")


def type_code(page: Page, code: str) -> None:
    """Digit by digit, then the sign; the answer is there."""
    for digit in code:
        page.keyboard.press(digit)
    page.keyboard.press("Enter")
    page.wait_for_timeout(2500)  # the hub hashes slowly, on purpose


def wait_in_line(page: Page, code: str) -> None:
    """Typed a good code: the waiting screen."""
    type_code(page, code)
    reach(page, "waiting")


def admit(page: Page) -> None:
    """The one next step on the agent's day."""
    page.locator("main .go").first.click()
    page.wait_for_url("**/agent/call/**")
    page.wait_for_timeout(4000)


def hang_up(page: Page) -> None:
    """The red button."""
    page.locator("button.hang-up, button[data-do=hang_up], button.red").first.click()
    page.wait_for_timeout(1500)


def shrink(source: Path, target: Path) -> None:
    """Half the size and an indexed palette: small enough to be kept in the repository."""
    picture = cv2.imread(str(source))
    if picture is None:
        raise FileNotFoundError(source)
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    pixels = small.reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(1)
    enough = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, labels, centres = cv2.kmeans(pixels, COLOURS, None, enough, 1, cv2.KMEANS_PP_CENTERS)
    rows = labels.reshape(small.shape[:2]).astype(np.uint8)
    # the mean of many whites may round to 256
    palette = centres[:, ::-1].round().clip(0, 255).astype(np.uint8)
    target.write_bytes(indexed_png(rows, palette))


def indexed_png(rows: np.ndarray, palette: np.ndarray) -> bytes:
    """A PNG of colour type 3 (W3C PNG, §11.2): one octet a pixel into a palette."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width = rows.shape
    lines = b"".join(b"\0" + line.tobytes() for line in rows)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        chunk(b"PLTE", palette.tobytes()),
        chunk(b"IDAT", zlib.compress(lines, 9)),
        chunk(b"IEND", b""),
    ))  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
