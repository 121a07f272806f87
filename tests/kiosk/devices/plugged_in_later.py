"""A program: plays on one sound device while the microphone, another one, is plugged in, and prints
what became of the microphone, then of the speaker, a line for each state.
`plugged_in_later.py CONFIG NODES`: the file in which ALSA reads what there is, and a folder for
/dev/snd; a process of its own, as PortAudio's list of devices belongs to the process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from kiosk.devices import DeviceSet, portaudio
from kiosk.devices.listing import Listing
from kiosk.devices.tone import Pcm
from kiosk.ending import end_process
from signaling.protocol.cards import DeviceCard

SPEAKER, MICROPHONE = "default", "table_microphone"
WITHIN_S = 150.0
"""All of it. A stream that the sound server lets run dry stops; it is opened again 3 s later."""


async def states(config: Path, nodes: Path) -> list[str]:
    """What the microphone's card says, and that the speaker plays on.

    Raises:
        TimeoutError: names what did not come in time.
    """
    said: list[str] = []
    changed, plays = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    ends = loop.time() + WITHIN_S

    def note(cards: list[DeviceCard]) -> None:
        if not said or said[-1] != cards[1].status:
            said.append(cards[1].status)
        changed.set()

    def voice(samples: int, _heard_at: float) -> Pcm:
        loop.call_soon_threadsafe(plays.set)
        return np.full(samples, 1000, np.int16)

    @asynccontextmanager
    async def in_time(what: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(ends):
                yield
        except TimeoutError:
            raise TimeoutError(f"{what}: not within {WITHIN_S} s; microphone: {said}") from None

    async def heard(status: str) -> None:
        async with in_time(f"the microphone is {status}"):
            while said[-1:] != [status]:
                changed.clear()
                devices.want_microphone()
                await changed.wait()

    devices = DeviceSet.open("none", f"device:{MICROPHONE}", f"device:{SPEAKER}", note, clean=False)
    sounds = devices.sounds.subscribe()
    try:
        devices.play_from(voice)
        async with in_time("the speaker plays at first"):
            await plays.wait()
        await heard("absent")
        plug_in(config, nodes)
        async with in_time("the microphone gives sound"):
            while await sounds.next(1) is None:
                devices.want_microphone()
        await heard("ok")
        plays.clear()
        async with in_time("the speaker plays on"):
            await plays.wait()
        said.append("the speaker plays")
    finally:
        devices.close()
        await asyncio.to_thread(devices.join)
    return said


def plug_in(config: Path, nodes: Path) -> None:
    """The microphone, and what the kernel makes for it."""
    with config.open("a") as lines:
        lines.write(f"pcm.{MICROPHONE} {{ type pulse }}\n")
    (nodes / MICROPHONE).touch()


if __name__ == "__main__":
    alsa, snd = map(Path, sys.argv[1:])
    portaudio._NODES = snd
    portaudio._listing = Listing(portaudio._nodes, portaudio._begin_anew)
    print(*asyncio.run(states(alsa, snd)), sep="\n")
    end_process(0)
