"""The bell that says "the agent is coming": two soft notes, then a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from kiosk.devices.tone import CHUNK, SAMPLE_RATE, Pcm

NOTES_HZ = (659.26, 880.0)
NOTE_S = 0.35
PAUSE_S = 1.6
LOUDNESS = 0.25
RINGS = 12
"""Then it is silent, about half a minute on: the screen still says that the agent is coming."""


def bell() -> Pcm:
    """One ring, mono at 48 kHz: each note fades out, so that no click is heard."""
    t = np.arange(int(NOTE_S * SAMPLE_RATE)) / SAMPLE_RATE
    fade = np.minimum(1.0, t / 0.01) * np.exp(-5.0 * t)
    notes = [np.sin(2 * np.pi * hz * t) * fade for hz in NOTES_HZ]
    pause = np.zeros(int(PAUSE_S * SAMPLE_RATE))
    sound = np.concatenate([*notes, pause]) * (LOUDNESS * 32767)
    pcm: Pcm = sound[: len(sound) // CHUNK * CHUNK].astype(np.int16)
    return pcm


async def ring(play: Callable[[Pcm], None]) -> None:
    """Ring until cancelled, `RINGS` times at most, chunk by chunk as the speaker takes them."""
    clock = asyncio.get_running_loop().time
    sound, due = bell(), clock()
    for _ in range(RINGS):
        for at in range(0, len(sound), CHUNK):
            play(sound[at : at + CHUNK])
            due += CHUNK / SAMPLE_RATE
            await asyncio.sleep(max(0.0, due - clock()))
