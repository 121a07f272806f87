"""When sound was captured: by what PortAudio tells, and by devices that tell nonsense."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.devices import microphone, portaudio
from kiosk.devices.capture_time import CaptureTimes, waited_s
from kiosk.devices.specs import parse_spec
from kiosk.devices.tone import CHUNK, SAMPLE_RATE

PIECE_S = CHUNK / SAMPLE_RATE
AHEAD_S = 70_000.0
"""PortAudio's clock of ours."""


@pytest.mark.parametrize("held_s", [0.0, 0.008, 0.1, 0.4])
def test_a_device_s_buffer_is_counted(held_s: float) -> None:
    assert waited_s(CHUNK, 10.0, 10.0 + PIECE_S + held_s) == pytest.approx(PIECE_S + held_s)


@pytest.mark.parametrize(
    ("adc_s", "current_s"),
    [(0.0, 0.0), (0.0, 10.0), (10.0, 0.0), (10.1, 10.0), (10.0, 10.001), (10.0, 11.0),
     (-5.0, -4.9), (math.nan, 10.0), (10.0, math.nan), (10.0, math.inf)],
)  # fmt: skip
def test_nonsense_counts_as_no_buffer(adc_s: float, current_s: float) -> None:
    assert waited_s(CHUNK, adc_s, current_s) == PIECE_S


def errors(held_s: Callable[[int], float], late_s: Callable[[int], float]) -> list[float]:
    """Of ten seconds of pieces that wait 80 ms in the device: told less true capture time."""
    times, found = CaptureTimes(), []
    for n in range(500):
        captured = 100.0 + n * PIECE_S
        current = captured + PIECE_S + 0.08
        told = times.of(
            CHUNK, current + late_s(n), current - PIECE_S - held_s(n) + AHEAD_S, current + AHEAD_S
        )
        found.append(told - captured)
    return found


def test_a_steady_device_is_believed_from_its_first_piece() -> None:
    assert max(map(abs, errors(lambda _: 0.08, lambda _: 0.0))) < 1e-6


def test_times_that_jump_and_callbacks_that_run_late_move_nothing() -> None:
    seed = 20261122
    dice = random.Random(seed)
    found = errors(
        lambda _: dice.choice([0.08] * 8 + [-5.0, 0.3]),
        lambda _: dice.choice([0.0] * 9 + [0.04]),
    )
    assert max(map(abs, found[25:])) < 0.001, f"seed {seed}"


def test_a_clock_that_runs_fast_is_followed() -> None:
    times, at = CaptureTimes(), 0.0
    for n in range(90_000):  # half an hour
        now = n * PIECE_S * (1 - 200e-6) + PIECE_S
        at = times.of(CHUNK, now, 0.0, 0.0)
    assert at == pytest.approx(now - PIECE_S, abs=0.001)


def test_what_was_left_out_is_not_heard_early() -> None:
    times = CaptureTimes()
    for n in range(100):
        times.of(CHUNK, n * PIECE_S + PIECE_S, 0.0, 0.0)
    times.lost()
    assert times.of(CHUNK, 3.0 + PIECE_S, 0.0, 0.0) == pytest.approx(3.0)


def test_a_microphone_tells_when_its_sound_was_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    held_s = 0.06

    def stream(*, callback: Any, **_: Any) -> SimpleNamespace:
        def start() -> None:
            status = SimpleNamespace(input_overflow=False)
            when = SimpleNamespace(inputBufferAdcTime=5.0, currentTime=5.0 + PIECE_S + held_s)
            callback(bytes(2 * CHUNK), CHUNK, when, status)

        return SimpleNamespace(start=start, stop=lambda: None, close=lambda: None)

    library = SimpleNamespace(RawInputStream=stream, PortAudioError=OSError)
    monkeypatch.setattr(portaudio, "load", lambda: library)
    monkeypatch.setattr(portaudio, "find", lambda *_: None)
    before = time.monotonic()
    sound = next(microphone.sounds(parse_spec("microphone", "device:"), threading.Event()))
    after = time.monotonic()
    assert before - held_s - PIECE_S <= sound.at <= after - held_s - PIECE_S
    assert sound.buffered_s == pytest.approx(held_s)
