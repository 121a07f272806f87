"""The time line of what is sent, with devices that are late."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import numpy as np

from kiosk.devices.feed import Feed
from kiosk.devices.microphone import Sound
from kiosk.devices.tone import CHUNK, SAMPLE_RATE
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
