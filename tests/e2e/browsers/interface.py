"""What both drivers can do."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Devices:
    """What the browser finds when a page asks for a camera and a microphone."""

    kind: str = "fake"
    """`fake`: synthetic ones, granted without a question; `none`: nothing is plugged in;
    `denied`: the person said no."""
    video_file: Path | None = None
    """Y4M or MJPEG played as the camera (Chromium alone)."""
    audio_file: Path | None = None
    """WAV played as the microphone (Chromium alone)."""


@dataclass(frozen=True)
class Place:
    """Where the browser runs, and which site it trusts as if that had TLS."""

    netns: str = ""
    """A network namespace; empty: this one."""
    trusted: str = ""
    """An origin such as http://10.71.2.1:8080; empty: only loopback. Its certificates pass, too."""

    def command(self, program: str) -> list[str]:
        """The program as run there."""
        return ["ip", "netns", "exec", self.netns, program] if self.netns else [program]


class Page(ABC):
    """One tab."""

    console: list[str]
    """What the page wrote to its console and what it threw, as `level: text`."""

    @abstractmethod
    async def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""

    @abstractmethod
    async def reload(self) -> None:
        """Load the page anew."""

    @abstractmethod
    async def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression, awaited, by way of JSON."""

    @abstractmethod
    async def click(self, selector: str) -> None:
        """Press the pointer on the first match; real input, so it counts as the user's."""

    @abstractmethod
    async def type(self, selector: str, text: str) -> None:
        """Focus the first match and type."""

    @abstractmethod
    async def write(self, text: str) -> None:
        """Type into whatever has the focus."""

    @abstractmethod
    async def press(self, key: str) -> None:
        """Press one key, by its KeyboardEvent.key name."""

    @abstractmethod
    async def resize(self, width: int, height: int) -> None:
        """Size of the viewport in CSS pixels."""

    @abstractmethod
    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        """PNG of the viewport, or of the whole page."""

    @abstractmethod
    async def close(self) -> None:
        """Close the tab."""

    async def until(self, expression: str, *, within_s: float = 20.0) -> Any:
        """The first truthy value of an expression. Raises AssertionError when it stays falsy."""
        deadline = time.monotonic() + within_s
        while True:
            value = await self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > deadline:
                said = "\n".join(self.console[-20:])
                shown = str(await self.evaluate("document.body.innerText"))[:1500]
                raise AssertionError(
                    f"not within {within_s} s: {expression}\nshown:\n{shown}\nconsole:\n{said}"
                )
            await asyncio.sleep(0.05)

    async def text(self, selector: str) -> str:
        """Visible words of the first match."""
        return str(await self.evaluate(f"document.querySelector({selector!r}).innerText"))

    async def sees(self, words: str, *, within_s: float = 20.0) -> None:
        """Wait until these words are on the page. No-break spaces count as spaces."""
        plain = "document.body.innerText.replace(/[\\u00a0\\u202f]/g, ' ')"
        await self.until(f"{plain}.includes({words!r})", within_s=within_s)


class Browser(ABC):
    """One running browser; its pages share cookies."""

    engine: str

    @abstractmethod
    async def new_page(self) -> Page:
        """A new tab."""

    @abstractmethod
    async def close(self) -> None:
        """End the process."""
