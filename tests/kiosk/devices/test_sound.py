from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices import tone
from kiosk.devices.playout import MOST_S, SPARE_S, TARGET_S, Playout
from kiosk.devices.speaker import Volume
from kiosk.devices.tone import CHUNK, SAMPLE_RATE


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


def test_sound_starts_when_enough_is_gathered_and_pauses_when_it_runs_out() -> None:
    playout = Playout()
    piece = np.full(CHUNK, 5, np.int16)
    playout.push(piece)
    assert not playout.pull(CHUNK).any()
    playout.push(piece)  # 40 ms: the target
    assert all(playout.pull(CHUNK).all() for _ in range(2))
    assert not playout.pull(CHUNK).any()
    assert playout.underruns == 1
    playout.push(piece)
    assert not playout.pull(CHUNK).any()  # gathers anew


@given(st.lists(st.integers(0, 4), max_size=80))
def test_latency_stays_bounded_whatever_comes(pieces_per_turn: list[int]) -> None:
    playout = Playout()
    for count in pieces_per_turn:
        for _ in range(count):
            playout.push(np.ones(CHUNK, np.int16))
            assert playout.held_s <= MOST_S
        assert len(playout.pull(CHUNK)) == CHUNK


def test_too_much_is_cut_back_to_the_target() -> None:
    playout = Playout()
    for _ in range(11):
        playout.push(np.ones(CHUNK, np.int16))
    assert playout.cuts == 1
    assert playout.held_s == TARGET_S


def test_latency_that_jitter_left_behind_goes_away() -> None:
    playout = Playout()
    for _ in range(8):
        playout.push(np.ones(CHUNK, np.int16))  # 160 ms came at once after an outage
    for _ in range(300):  # 6 s in an even pace
        playout.pull(CHUNK)
        playout.push(np.ones(CHUNK, np.int16))
    assert playout.cuts == 1
    assert playout.underruns == 0
    assert playout.held_s == SPARE_S + CHUNK / SAMPLE_RATE
