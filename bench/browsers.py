"""The Chromium that benchmarks open their pages in."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Playwright

from bench.linelab.namespaces import Host

FLAGS = (
    "--use-fake-device-for-media-stream=fps=25",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True)
class Place:
    """Where a browser runs and what it finds there."""

    host: Host | None = None
    """A host of the line laboratory; None: this machine."""
    trusted_origin: str = ""
    """An http origin that counts as secure, for pages that ask for a camera."""
    picture: Path | None = None
    """Y4M played as the camera; None: Chromium's own test picture."""
    sound: Path | None = None
    """WAV played as the microphone."""


def _program_on(host: Host, folder: Path) -> Path:
    path = folder / f"chromium-on-{host.name}"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(host.command("chromium"))} "$@"\n', "utf-8")
    path.chmod(0o700)
    return path


@asynccontextmanager
async def chromium(playwright: Playwright, place: Place | None = None) -> AsyncIterator[Browser]:
    """A headless Chromium of the system, with synthetic devices.

    Raises FileNotFoundError when it is not installed.
    """
    place = place or Place()
    executable = shutil.which("chromium")
    if executable is None:
        raise FileNotFoundError("chromium (apt install chromium)")
    flags = [*FLAGS]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox for root
    if place.trusted_origin:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={place.trusted_origin}")
    if place.picture:
        flags.append(f"--use-file-for-fake-video-capture={place.picture}")
    if place.sound:
        flags.append(f"--use-file-for-fake-audio-capture={place.sound}")
    with ExitStack() as opened:
        if place.host:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="visiohub-bench-"))
            executable = str(_program_on(place.host, Path(folder)))
        browser = await playwright.chromium.launch(executable_path=executable, args=flags)
        try:
            yield browser
        finally:
            await browser.close()
