"""What each end of a measured call noted: a browser in its page, the kiosk in its files."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from playwright.async_api import Page

from bench.call import sound
from bench.call.clip import RATE, Clip, Luma
from bench.call.measure import Loop, Shown
from bench.call.sound import Recording


@dataclass
class Noted:
    """What one end noted of one call. Instants are seconds since 1970."""

    first_picture: float | None
    shown: list[Shown]
    stills: list[tuple[float, int, Luma]]
    """(instant, number, luma plane as it was decoded)."""
    heard: Recording
    camera: Loop
    microphone: Loop
    stats: list[tuple[float, list[dict[str, Any]]]] = field(default_factory=list)
    """RTCStats entries once a second, of a browser or the kiosk."""


async def noted(page: Page, clip: Clip, source: sound.Source) -> Noted:
    """What the probe in a browser's page noted."""
    given = await page.evaluate("probe.end()")
    picture = await page.evaluate("bench.picture")
    own = [(at / 1000, number / RATE) for at, number in given["near"]]
    return Noted(
        first_picture=picture and picture / 1000,
        shown=shown_in(given),
        stills=stills_in(given),
        heard=_recording(given["heard"], at_end=False),
        camera=Loop(own, clip.seconds),
        microphone=sound.microphone(_recording(given["said"], at_end=True), source),
        stats=[(at / 1000, entries) for at, entries in given["stats"]],
    )


def kiosk_stats(file: Path) -> list[tuple[float, list[dict[str, Any]]]]:
    """What the kiosk's KIOSK_STATS tells; the last line may be half written."""
    found = []
    for line in file.read_text("utf-8").splitlines() if file.exists() else []:
        with suppress(json.JSONDecodeError):
            told = json.loads(line)
            found.append((told["unix_s"], list(told["stats"].values())))
    return found


class SoundTotal(NamedTuple):
    """What the receiver of the sound told at one instant, in samples so far."""

    at: float
    played: int
    concealed: int


def sound_totals(stats: Sequence[tuple[float, Sequence[Mapping[str, Any]]]]) -> list[SoundTotal]:
    """From its RTCStats entries."""
    return [
        SoundTotal(at, entry["totalSamplesReceived"], entry["concealedSamples"])
        for at, entries in stats
        for entry in entries
        if entry["type"] == "inbound-rtp" and entry.get("kind") == "audio"
    ]


def shown_in(given: Mapping[str, Any]) -> list[Shown]:
    """Of what the probe gave."""
    return [Shown(at / 1000, number, width, height) for at, number, width, height in given["far"]]


def stills_in(given: Mapping[str, Any]) -> list[tuple[float, int, Luma]]:
    """Of what the probe gave: (instant, number, luma plane)."""
    return [
        (
            one["at"] / 1000,
            one["number"],
            np.frombuffer(b64decode(one["luma"]), np.uint8).reshape(one["height"], one["width"]),
        )
        for one in given["stills"]
    ]


def _recording(given: Mapping[str, Any], *, at_end: bool) -> Recording:
    """A piece comes when its last sample is captured, or when its first is about to be played."""
    marks, before = [], 0
    for at, after, rate in given["ends"]:
        if rate != sound.RATE:
            raise ValueError(f"the browser works at {rate * sound.THIN} Hz")
        marks.append((at / 1000, after if at_end else before))
        before = after
    return Recording(np.frombuffer(b64decode(given["samples"]), np.int16), marks)
