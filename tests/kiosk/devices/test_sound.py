from __future__ import annotations

import numpy as np

from kiosk.devices import tone
from kiosk.devices.playout import Playout, Source
from kiosk.devices.speaker import Volume
from kiosk.devices.tone import CHUNK, SAMPLE_RATE
from kiosk.ring import RINGS, Bell, bell


def seconds_of_tone(start: float, seconds: float) -> np.ndarray:
    count = round(seconds * SAMPLE_RATE / CHUNK)
    return np.concatenate([tone.chunk(start + i * CHUNK / SAMPLE_RATE) for i in range(count)])


def test_the_tone_is_recognised_and_marks_each_second() -> None:
    mark, rest = seconds_of_tone(7.0, 0.1), seconds_of_tone(7.1, 0.5)
    assert tone.power_share(mark, tone.SYNC_HZ) > 0.99
    assert tone.power_share(mark, tone.TONE_HZ) < 0.05
    assert tone.power_share(rest, tone.TONE_HZ) > 0.99
    assert tone.power_share(np.zeros(960, np.int16), tone.TONE_HZ) == 0


def test_noise_is_no_tone() -> None:
    seed = 11
    noise = np.random.default_rng(seed).integers(-3000, 3000, 48_000).astype(np.int16)
    assert tone.power_share(noise, tone.TONE_HZ) < 0.01, f"seed {seed}"


def test_the_level_meter_goes_from_silence_to_full_scale() -> None:
    assert tone.level(np.zeros(960, np.int16)) == 0
    assert tone.level(np.empty(0, np.int16)) == 0
    assert 0.5 < tone.level(tone.chunk(0.5)) < 0.8
    assert tone.level(np.full(960, 32767, np.int16)) > 0.99


def test_volume_is_three_decibels_a_step() -> None:
    loud = np.full(960, 10_000, np.int16)
    assert Volume(10).apply(loud)[0] == 10_000
    assert abs(int(Volume(9).apply(loud)[0]) - 7079) <= 1
    assert Volume(0).apply(loud)[0] == 0


def constant(value: int) -> Source:
    return lambda samples, _heard_at: np.full(samples, value, np.int16)


def test_without_anything_to_play_there_is_silence() -> None:
    playout = Playout()
    assert not playout.busy
    assert playout.pull(480, 0.0).tolist() == [0] * 480


def test_everything_that_sounds_is_heard_together_and_never_wraps() -> None:
    playout = Playout()
    quiet, loud = constant(5), constant(30_000)
    playout.add(quiet)
    assert playout.pull(3, 0.0).tolist() == [5] * 3
    playout.add(loud)
    assert playout.pull(3, 0.0).tolist() == [30_005] * 3
    playout.add(constant(30_000))
    assert playout.pull(3, 0.0).tolist() == [32_767] * 3
    playout.remove(quiet)
    playout.remove(quiet)
    playout.remove(loud)
    assert playout.pull(3, 0.0).tolist() == [30_000] * 3


def test_the_bell_rings_so_often_and_is_then_silent() -> None:
    ring, once = Bell(), bell()
    heard = [ring.pull(480, 0.0) for _ in range(RINGS * len(once) // 480 + 100)]
    whole = np.concatenate(heard)
    assert (whole[: len(once)] == once).all()
    assert (whole[len(once) * (RINGS - 1) : len(once) * RINGS] == once).all()
    assert not whole[RINGS * len(once) :].any()
