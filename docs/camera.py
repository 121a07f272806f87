"""A browser that looks at pages of the running program and keeps what it sees as PNG."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).parent / "pictures"
ALL = PICTURES / "all"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SMALL_DESKTOP = (1280, 800)
"""For wide tables only: where their columns first lack room."""
LANGUAGES = ("fr", "en")
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
_taken: set[Path] = set()
"""Of this run: a name that two pages had would keep only the second."""
WIDER_THAN_ITS_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"


@dataclass(frozen=True)
class Camera:
    """Takes pictures of one language and size; a page that fails is noted, the rest goes on."""

    browser: Browser
    language: str
    size: str
    width: int
    height: int
    wanted: list[str]
    """Beginnings of the names to take; none: all."""
    failures: list[str]

    @contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page of this size, in a session of its own."""
        context = self.browser.new_context(
            viewport={"width": self.width, "height": self.height}, locale=self.language
        )
        context.set_default_timeout(25_000)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextmanager
    def signed_in(self, origin: str, login: str, password: str) -> Iterator[Page]:
        """A page of somebody who signed in, in this camera's language; no login: of nobody."""
        with self.page() as page:
            page.goto(f"{origin}/sign-in")
            if login:
                page.fill("#f-login", login)
                page.fill("#f-password", password)
                page.click("main form button.go")
                page.wait_for_url(lambda address: "sign-in" not in address)
            # after the sign-in: an account has a language of its own
            other = page.locator(f"button[name=language][value={self.language}]")
            if other.count():
                other.first.click()
                page.wait_for_load_state()
            yield page

    def wants(self, name: str) -> bool:
        """Whether the command line asked for it."""
        return not self.wanted or name.startswith(tuple(self.wanted))

    def attempt(
        self, name: str, arrive: Callable[[], object], page: Page, *, whole: bool = True
    ) -> None:
        """Arrive somewhere and take the picture; `whole`: with what lies below the window.

        Arrives even when the picture is not wanted: the story needs each of its steps.
        """
        try:
            arrive()
            if self.wants(name):
                self.take(page, name, whole=whole)
        except Exception as error:  # noqa: BLE001 (whatever fails, the other pages are wanted)
            self.note(name, str(error))

    def note(self, name: str, why: str) -> None:
        """One more failure, in one line."""
        line = re.sub(r"\s+", " ", why)[:300]
        self.failures.append(f"{self.language}/{self.size}/{name}: {line}")
        print(f"failed: {self.failures[-1]}", flush=True)

    def take(self, page: Page, name: str, *, whole: bool = True) -> None:
        """The page as it now is."""
        path = self.path(name)
        if path in _taken:
            self.note(name, "two pictures have this name")
        _taken.add(path)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=path, full_page=whole)
        if page.evaluate(WIDER_THAN_ITS_WINDOW):
            self.note(name, "wider than its window")
        for violation in Axe().run(page, options=AXE).response["violations"]:
            where = "; ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
            self.note(name, f"WCAG {violation['id']}: {where}")

    def print_out(self, page: Page, name: str) -> None:
        """What the printer gets: A4 by Chromium's print, one PNG a sheet; one sheet is allowed."""
        path = self.path(name)
        document = path.with_suffix(".pdf")
        page.pdf(path=document, format="A4", print_background=True, prefer_css_page_size=True)
        subprocess.run(  # noqa: S603 (a known program, our own file names)
            [
                "/usr/bin/pdftoppm",
                "-q",
                "-png",
                "-r",
                "110",
                str(document),
                str(path.with_suffix("")),
            ],
            check=True,
        )
        document.unlink()
        sheets = sorted(path.parent.glob(f"{name}-[0-9]*.png"))
        sheets[0].rename(path)
        if len(sheets) > 1:
            self.note(name, f"{len(sheets)} sheets of paper")

    def path(self, name: str) -> Path:
        """Where a picture lies; its folder is made."""
        path = ALL / self.language / self.size / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
