"""Speakers: PortAudio devices, a WAV file, or nothing at all."""

from __future__ import annotations

import os
import threading
import time
import wave
from collections.abc import Callable
from typing import Any

import numpy as np

from kiosk.devices import portaudio
from kiosk.devices.errors import DeviceError
from kiosk.devices.playout import Source
from kiosk.devices.specs import Spec
from kiosk.devices.tone import SAMPLE_RATE, Pcm

LOUDEST = 10
PIECE = SAMPLE_RATE // 100
"""Samples pulled at a time: the shorter, the less sound waits for its turn."""
_CATCHING_UP_S = 0.002


class Volume:
    """0 to 10; each step is 3 dB, 0 is silence. 10 plays the sound as it came."""

    def __init__(self, value: int = 7) -> None:
        self.value = value

    def apply(self, pcm: Pcm) -> Pcm:
        """The sound at this volume."""
        if self.value >= LOUDEST:
            return pcm
        gain = 0.0 if self.value <= 0 else 10 ** (-3 * (LOUDEST - self.value) / 20)
        return (pcm * gain).astype(np.int16)


def play(
    spec: Spec,
    pull: Source,
    working: Callable[[], None],
    failing: Callable[[DeviceError], None],
    go_on: Callable[[], bool],
) -> None:
    """Play what `pull(samples, heard_at)` gives while `go_on()`.

    A device ends earlier when another one is looked for; play again. Of one that stalls `failing`
    is told at once: to close it may take half a minute.

    Raises:
        DeviceError: the speaker cannot be opened, or it stopped.
    """
    match spec.form:
        case "device":
            _to_device(spec, pull, working, failing, go_on)
        case "file":
            _to_file(spec, pull, working, go_on)
        case _:
            _paced(go_on, lambda at: pull(PIECE, at))


def _paced(go_on: Callable[[], bool], step: Callable[[float], object]) -> None:
    """Each step takes the sound of the time just passed: what is written has been heard."""
    due = time.monotonic()
    pause = threading.Event()
    while go_on():
        # catching up goes by steps too: sound that has arrived meanwhile must be taken in first
        pause.wait(max(_CATCHING_UP_S, due + PIECE / SAMPLE_RATE - time.monotonic()))
        step(due)
        due += PIECE / SAMPLE_RATE


def _to_file(
    spec: Spec,
    pull: Source,
    working: Callable[[], None],
    go_on: Callable[[], bool],
) -> None:
    try:
        with wave.open(spec.name, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(SAMPLE_RATE)
            working()

            def write(at: float) -> None:
                if not os.path.isfile(spec.name):  # what is open still takes it, to nobody's ear
                    raise DeviceError("stopped", f"{spec.name} is gone", field="speaker")
                out.writeframes(pull(PIECE, at).tobytes())

            _paced(go_on, write)
    except OSError as error:
        raise DeviceError(
            "cannot_open",
            f"{spec.name} cannot be written ({error.strerror})",
            field="speaker",
            remedy="Give a path that this user may write.",
        ) from error


def _to_device(
    spec: Spec,
    pull: Source,
    working: Callable[[], None],
    failing: Callable[[DeviceError], None],
    go_on: Callable[[], bool],
) -> None:
    sounddevice = portaudio.load()
    beat = threading.Event()

    def give(data: Any, frames: int, when: Any, _status: Any) -> None:
        # some hosts' PortAudio gives no times: 0 for both
        ahead_s = max(0.0, when.outputBufferDacTime - when.currentTime)
        data[:] = pull(frames, time.monotonic() + ahead_s).tobytes()
        beat.set()

    try:
        with portaudio.streaming(
            spec.name, "output", "speaker", blocksize=PIECE, callback=give, failing=failing
        ):
            while go_on() and not portaudio.outdated():
                if not beat.wait(1.0):
                    raise DeviceError("stopped", "the speaker takes no sound", field="speaker")
                beat.clear()
                working()
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            "cannot_open", f"the speaker cannot be used ({error})", field="speaker"
        ) from error
