"""Microphones: PortAudio devices, files, addresses, the synthetic tone."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kiosk.devices import files, portaudio, tone
from kiosk.devices.capture_time import CaptureTimes
from kiosk.devices.errors import DeviceError
from kiosk.devices.specs import Spec
from kiosk.devices.tone import CHUNK, SAMPLE_RATE, Pcm

_STALLED_S = 1.0
"""A microphone that gives nothing for so long has stopped."""


@dataclass(frozen=True)
class Sound:
    """20 ms of mono sound at 48 kHz and the instant of its first sample, `time.monotonic()`."""

    pcm: Pcm
    at: float
    buffered_s: float = 0.0
    """How much later than its last sample the device gave it, in seconds."""


def sounds(
    spec: Spec,
    stop: threading.Event,
    failing: Callable[[DeviceError], None] = lambda _error: None,
) -> Iterator[Sound]:
    """Sound of the microphone, each piece waited for, until `stop` is set.

    A device's ends earlier when another one is looked for; open it again. Of one that stalls
    `failing` is told at once: to close it may take half a minute.

    Raises:
        DeviceError: it cannot be opened, or it stopped.
    """
    match spec.form:
        case "device":
            yield from _captured(spec, stop, failing)
        case "synthetic":
            yield from _played(stop)
        case _:
            for pcm, at in files.sounds(spec, stop):
                yield Sound(pcm, at)


def _played(stop: threading.Event) -> Iterator[Sound]:
    wall_to_monotonic = time.time() - time.monotonic()
    step = CHUNK / SAMPLE_RATE
    due = time.monotonic()
    # A chunk exists when its last sample was "recorded", as with a real microphone.
    while not stop.wait(max(0.0, due + step - time.monotonic())):
        yield Sound(tone.chunk(due + wall_to_monotonic), due)
        due += step * max(1, int((time.monotonic() - due) / step))


def _captured(
    spec: Spec, stop: threading.Event, failing: Callable[[DeviceError], None]
) -> Iterator[Sound]:
    sounddevice = portaudio.load()
    pieces: queue.Queue[Sound] = queue.Queue(maxsize=10)
    times = CaptureTimes()

    def take(data: Any, frames: int, when: Any, status: Any) -> None:
        if status.input_overflow:
            times.lost()
        now = time.monotonic()
        at = times.of(frames, now, when.inputBufferAdcTime, when.currentTime)
        buffered_s = max(0.0, now - at - frames / SAMPLE_RATE)
        piece = Sound(np.frombuffer(data, np.int16).copy(), at, buffered_s)
        try:
            pieces.put_nowait(piece)
        except queue.Full:  # newest wins
            pieces.get_nowait()
            pieces.put_nowait(piece)

    try:
        with portaudio.streaming(
            spec.name, "input", "microphone", blocksize=CHUNK, callback=take, failing=failing
        ):
            while not (stop.is_set() or portaudio.outdated()):
                yield _next(pieces)
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            "cannot_open", f"the microphone cannot be used ({error})", field="microphone"
        ) from error


def _next(pieces: queue.Queue[Sound]) -> Sound:
    try:
        return pieces.get(timeout=_STALLED_S)
    except queue.Empty as error:
        raise DeviceError("stopped", "the microphone gives no sound", field="microphone") from error
