"""The time line of what is sent, with devices that are late."""

from __future__ import annotations

import asyncio
import random
import time
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.devices.feed import Feed
from kiosk.devices.microphone import Sound
from kiosk.devices.tone import CHUNK, SAMPLE_RATE
from kiosk.rtc import tracks
from kiosk.rtc.tracks import MicrophoneTrack


def devices(sounds: Feed[Sound]) -> SimpleNamespace:
    return SimpleNamespace(sounds=sounds, muted=False, want_microphone=lambda: None)


async def test_sound_whose_place_was_filled_with_silence_does_not_delay_the_rest() -> None:
    feed: Feed[Sound] = Feed(asyncio.get_running_loop(), 50)
    track = MicrophoneTrack(devices(feed))  # type: ignore[arg-type]
    feed.push(Sound(np.zeros(CHUNK, np.int16), time.monotonic() + 0.001))
    first = await track.recv()
    start = time.monotonic() - first.pts / SAMPLE_RATE
    silences = [await track.recv() for _ in range(6)]  # nothing comes for six pieces
    late = [start + (first.pts + n * CHUNK) / SAMPLE_RATE for n in range(1, 9)]
    for at in late:  # then what was meant for them, in one burst, and two that follow
        feed.push(Sound(np.full(CHUNK, 1000, np.int16), at))
    after = await track.recv()
    assert after.pts == silences[-1].pts + CHUNK
    assert abs(track.captured_at(after.pts) - late[6]) < 0.045
    track.stop()


async def test_a_microphone_that_holds_its_sound_back_is_heard_and_dated_rightly() -> None:
    held_s = 0.15
    feed: Feed[Sound] = Feed(asyncio.get_running_loop(), 50)
    track = MicrophoneTrack(devices(feed))  # type: ignore[arg-type]
    captured: list[float] = []

    def push() -> None:
        captured.append(time.monotonic() - held_s - CHUNK / SAMPLE_RATE)
        feed.push(Sound(np.full(CHUNK, len(captured), np.int16), captured[-1], held_s))

    loop = asyncio.get_running_loop()
    for n in range(40):
        loop.call_later(n * 0.02, push)
    for _ in range(20):
        frame = await track.recv()
        piece = int(frame.to_ndarray().max())
        assert piece, "no silence in its place"
        assert abs(track.captured_at(frame.pts) - captured[piece - 1]) < 0.045
    track.stop()


class OffCrystal:
    """A microphone whose samples come a little fast or slow, in its own virtual time: a tone."""

    HZ, LOUD = 440, 10_000.0

    def __init__(self, ppm: float, seed: int) -> None:
        self.now = 1000.0
        self._start, self._samples = self.now, 0
        self._rate = SAMPLE_RATE * (1 + ppm * 1e-6)
        self._dice = random.Random(seed)

    def subscribe(self) -> OffCrystal:
        return self

    def close(self) -> None:
        pass

    async def next(self, timeout_s: float) -> Sound | None:
        at = self._start + self._samples / self._rate
        over = at + CHUNK / self._rate
        if over > self.now + timeout_s:
            self.now += timeout_s
            return None
        instants = at + np.arange(CHUNK) / self._rate
        pcm = np.rint(self.LOUD * np.sin(2 * np.pi * self.HZ * instants)).astype(np.int16)
        self.now, self._samples = max(self.now, over), self._samples + CHUNK
        return Sound(pcm, at + self._dice.uniform(-0.002, 0.002))

    def late_s(self, sound: NDArray[np.float64], instant: float) -> float:
        """How much later than it was given off the tone stands at `instant`, modulo a period."""
        turns = self.HZ * (instant + np.arange(len(sound)) / SAMPLE_RATE)
        phase = np.angle(np.dot(sound, np.exp(-2j * np.pi * turns)) * 1j)
        return float(-phase / (2 * np.pi * self.HZ))


@pytest.mark.parametrize("ppm", [-100, 0, 100])
async def test_a_crystal_that_is_off_is_neither_heard_nor_lets_the_sound_wander(
    ppm: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    microphone = OffCrystal(ppm, seed=7)
    monkeypatch.setattr(tracks, "time", SimpleNamespace(monotonic=lambda: microphone.now))
    track = MicrophoneTrack(devices(microphone))  # type: ignore[arg-type]
    turn = 2 * np.pi * microphone.HZ / SAMPLE_RATE
    before = np.zeros(0)
    late_s, waits_s, jolts = [], [], []
    for number in range(8 * 60 * 50):
        frame = await track.recv()
        assert frame.pts == number * CHUNK, "nothing is left out, nothing put in"
        instant = track.captured_at(frame.pts)
        sound = frame.to_ndarray()[0].astype(float)
        late_s.append(microphone.late_s(sound, instant))
        waits_s.append(microphone.now - instant)
        seam = np.concatenate([before, sound])
        jolt = seam[2:] - 2 * np.cos(turn) * seam[1:-1] + seam[:-2]  # of a pure tone: 0
        jolts.append(np.max(np.abs(jolt)))
        before = sound[-2:]
    track.stop()
    wander_s = np.unwrap(late_s, period=1 / microphone.HZ)
    assert np.sqrt(np.mean(wander_s**2)) < 0.008
    assert np.ptp(wander_s[1:]) < (0.010 if ppm else 0.0001)
    assert max(waits_s) < 0.050, "of two pieces that it needs, and what it wandered"
    assert max(jolts[1:]) < 5, "rounding makes 4; a sample left out, up to 570"
