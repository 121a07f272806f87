"""What a page really shows and sounds like: lens.js in it, studio.js before it."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from browsers import Page
from browsers.chromium import ChromiumPage
from browsers.firefox import FirefoxPage

from bench.admit_relay import PAGES
from kiosk.devices import tone

HERE = Path(__file__).parent
LENS = "".join(path.read_text("utf-8") for path in (PAGES / "frame_number.js", HERE / "lens.js"))
STUDIO = (HERE / "studio.js").read_text("utf-8").partition("\n() =>")[2]
FAR_IN_BROWSER = "document.querySelector('video.far.shown')"
FAR_AT_KIOSK = "document.querySelector('#far-picture')"
STEP_S = 0.02
"""Pieces in which sound is judged, in seconds."""


async def preload_studio(page: Page) -> None:
    """From the next load on, the page's camera and microphone are studio.js."""
    function = f"() =>{STUDIO}"
    if isinstance(page, ChromiumPage):
        await page._page.add_init_script(f"({function})()")
    elif isinstance(page, FirefoxPage):
        await page._bidi.command(
            "script.addPreloadScript", functionDeclaration=function, contexts=[page._context]
        )


async def install(page: Page) -> None:
    """Make `lens` known to the page."""
    await page.evaluate(f"(() => {{ {LENS}\n return true; }})()")


async def watch(page: Page, name: str, source: str) -> None:
    """Note every picture of a <video> or <canvas> from now on."""
    await install(page)
    await page.until(f"Boolean({source})")
    await page.evaluate(f"(lens.watch({name!r}, {source}), true)")


async def listen(page: Page, name: str, stream: str) -> None:
    """Note what there is to hear in a MediaStream from now on."""
    await install(page)
    await page.evaluate(f"(lens.listen({name!r}, {stream}), true)")


async def clear(page: Page) -> None:
    """Forget what was noted."""
    await page.evaluate("(lens.clear(), true)")


async def numbers(
    page: Page, name: str = "far", *, at_least: int = 10, within_s: float = 30.0
) -> list[int]:
    """Frame numbers that were read, as soon as there are so many."""
    return list(
        await page.until(
            f"(all => all.length >= {at_least} && all)"
            f"(lens.of({name!r}).seen.map(one => one[1]).filter(n => n !== null))",
            within_s=within_s,
        )
    )


async def seen(page: Page, name: str = "far") -> list[tuple[float, int | None, bool]]:
    """Every picture that was shown: ms since 1970, its number, its sync square."""
    return list(await page.evaluate(f"lens.of({name!r}).seen"))


async def picture_marks(page: Page, name: str) -> list[float]:
    """When the sync square turned white, in ms since 1970."""
    return onsets([(at, sync) for at, _, sync in await seen(page, name)])


async def sound_marks(page: Page, name: str) -> list[float]:
    """When the other tone began."""
    heard = await page.evaluate(f"lens.of({name!r}).heard")
    return onsets([(at, high > low) for at, low, high, energy in heard if energy])


def count_up(found: list[int], loop: int) -> bool:
    """Whether each number follows the one before it, with gaps of at most a third of the loop."""
    steps = [(b - a) % loop for a, b in pairwise(found)]
    return all(step < loop / 3 for step in steps) and sum(steps) > 0


def onsets(samples: list[tuple[float, bool]]) -> list[float]:
    """Instants at which something begins after it was not."""
    return [at for (_, before), (at, on) in pairwise(samples) if on and not before]


def lip_sync_ms(picture: list[float], sound: list[float]) -> tuple[float, int]:
    """Median of sound less picture over all marks, and their count; instants in ms."""
    offsets = []
    for at in picture:
        near = min(sound, key=lambda other: abs(other - at), default=None)
        if near is not None and abs(near - at) < 450:
            offsets.append(near - at)
    assert offsets, f"no common marks: picture {picture[:5]}, sound {sound[:5]}"
    return median(offsets), len(offsets)


class Recording:
    """The WAV file into which a kiosk's speaker plays, read while it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def samples(self) -> tone.Pcm:
        """All that was played so far."""
        raw = self.path.read_bytes()[44:] if self.path.exists() else b""
        return np.frombuffer(raw[: len(raw) // 2 * 2], np.int16)

    async def listen(self, seconds: float) -> list[tuple[float, float, float]]:
        """(ms since 1970, share of 440 Hz, share of 1000 Hz) of each piece played meanwhile.

        The file grows in the pace of the speaker: its length now tells when a sample was played.
        """
        began = len(self.samples())
        marks: list[tuple[float, int]] = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            marks.append((time.time() * 1000, self._length()))
            await asyncio.sleep(0.005)
        rate = tone.SAMPLE_RATE
        # The file is written with a delay at times and never early: the latest line is the truth.
        epoch = min(at - length / rate * 1000 for at, length in marks)
        pcm = self.samples()
        step = round(STEP_S / 2 * rate)
        return [
            (
                epoch + (at + step / 2) / rate * 1000,
                tone.power_share(pcm[at : at + step], tone.TONE_HZ),
                tone.power_share(pcm[at : at + step], tone.SYNC_HZ),
            )
            for at in range(began, marks[-1][1] - step, step)
        ]

    def _length(self) -> int:
        return (self.path.stat().st_size - 44) // 2


def report(name: str, **figures: object) -> None:
    """One line of figures, shown by `pytest -rP` and in the summary of failures."""
    print(f"{name}: {json.dumps(figures, default=str)}")
