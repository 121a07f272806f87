"""A program: plays a voice on the default speaker and prints, in dBFS, how loud the microphone
gives it back. `open_loudspeaker.py clean|plain`; a process of its own, as PortAudio reads the list
of its devices once a process."""

from __future__ import annotations

import asyncio
import sys

import numpy as np
from synthetic_room import speech

from kiosk.devices import DeviceSet
from kiosk.devices.tone import SAMPLE_RATE, Pcm

SETTLE_S, LISTEN_S = 2.0, 6.0
TENTH = SAMPLE_RATE // 10


async def heard(*, clean: bool) -> float:
    """Level of what the microphone gives while the far end's voice is played.

    The median of those tenths of a second that are no mere zeros: a busy machine may let the sound
    server run dry for seconds.
    """
    far = (speech(SETTLE_S + LISTEN_S + 2, seed=1, pitch=120) * 32767).astype(np.int16)
    at = 0

    def voice(samples: int, _heard_at: float) -> Pcm:
        nonlocal at
        at += samples
        piece = far[at - samples : at]
        return np.pad(piece, (0, samples - len(piece)))

    devices = DeviceSet.open("none", "device", "device", lambda _cards: None, clean=clean)
    sounds = devices.sounds.subscribe()
    pieces: list[Pcm] = []
    try:
        devices.play_from(voice)
        while len(pieces) * 0.02 < SETTLE_S + LISTEN_S:
            devices.want_microphone()
            sound = await sounds.next(15)  # a device that fails is tried again after 3 s
            if sound is None:
                raise SystemExit(f"the microphone gives nothing: {devices.cards()}")
            pieces.append(sound.pcm)
    finally:
        devices.close()
        await asyncio.to_thread(devices.join)
    late = np.concatenate(pieces)[int(SETTLE_S * SAMPLE_RATE) :] / 32768
    tenths = late[: len(late) // TENTH * TENTH].reshape(-1, TENTH)
    powers = np.mean(np.square(tenths), axis=1)
    power = np.median(powers[powers > 0]) if powers.any() else 0.0
    return float(10 * np.log10(power + 1e-12))


if __name__ == "__main__":
    print(asyncio.run(heard(clean=sys.argv[1] == "clean")))
