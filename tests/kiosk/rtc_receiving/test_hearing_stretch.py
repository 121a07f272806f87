from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.hearing.decoding import Sound
from kiosk.rtc.hearing.stretch import BLOCK, RATE, faster, slower


def tone(hz: float, seconds: float = 1.0, level: float = 0.5) -> Sound:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def voice(seconds: float = 2.0) -> Sound:
    """Glottal pulses of a gliding pitch through three formants, in syllables, with breath."""
    count = int(seconds * RATE)
    at = np.arange(count) / RATE
    pitch = 120 + 25 * np.sin(2 * np.pi * 0.7 * at)
    turns = np.cumsum(pitch) / RATE
    pulses = np.diff(np.floor(turns), prepend=0.0)
    breath = 0.002 * np.random.default_rng(4).standard_normal(count)
    sound = pulses + breath
    decay = np.arange(RATE // 50) / RATE
    whole = np.zeros(count)
    for formant, width, level in ((600, 80, 1.0), (1100, 90, 0.6), (2500, 120, 0.3)):
        ring = level * np.exp(-np.pi * width * decay) * np.sin(2 * np.pi * formant * decay)
        whole += np.convolve(sound, ring)[:count]
    whole *= 0.55 + 0.45 * np.sin(2 * np.pi * 3 * at)
    return (0.4 * whole / np.abs(whole).max()).astype(np.float32)


def stretched(sound: Sound, *, pace: str, block: int = BLOCK) -> Sound:
    """Every block of it made shorter or longer."""
    out = []
    before = sound[:0]
    for start in range(0, len(sound) - block + 1, block):
        piece = sound[start : start + block]
        if pace == "slower":
            joined = slower(np.concatenate([before, piece]), RATE // 50, len(before))
            assert np.array_equal(joined[: len(before)], before)
            piece = joined[len(before) :]
        else:
            piece = faster(piece, block // 2, urgent=pace == "urgent")
        out.append(piece)
        before = piece[-720:]
    return np.concatenate(out)


def loudest_hz(sound: Sound) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE / len(sound))


def roughness(sound: Sound) -> float:
    """Largest bend between samples: a click shows here."""
    return float(np.abs(np.diff(sound.astype(np.float64), 2)).max())


@pytest.mark.parametrize("hz", [90, 150, 220, 440, 1000, 3100])
@pytest.mark.parametrize("pace", ["faster", "urgent", "slower"])
def test_tones_keep_their_pitch_without_a_click(hz: float, pace: str) -> None:
    sound = tone(hz)
    got = stretched(sound, pace=pace)
    assert len(got) > len(sound) * 1.05 if pace == "slower" else len(got) < len(sound) * 0.95
    assert loudest_hz(got) == pytest.approx(hz, rel=0.02, abs=2)
    assert roughness(got) <= roughness(sound) * 1.25
    assert np.abs(got).max() <= 0.505


@pytest.mark.parametrize("pace", ["faster", "urgent", "slower"])
def test_a_voice_is_stretched_without_a_click(pace: str) -> None:
    sound = voice()
    got = stretched(sound, pace=pace)
    assert abs(len(got) - len(sound)) > len(sound) * 0.08
    assert roughness(got) <= roughness(sound) * 1.15
    loud, loud_got = np.sqrt(np.mean(sound**2)), np.sqrt(np.mean(got**2))
    assert loud_got == pytest.approx(loud, rel=0.12)


def test_a_block_of_20_ms_is_enough_for_a_woman() -> None:
    assert len(faster(tone(200, 0.02), 960)) < 960


def test_noise_is_left_alone_unless_it_is_urgent() -> None:
    noise = (0.2 * np.random.default_rng(1).standard_normal(BLOCK)).astype(np.float32)
    assert faster(noise, 720) is noise


def test_silence_is_cut_wherever() -> None:
    assert len(faster(np.zeros(BLOCK, np.float32), 720)) == BLOCK - 720
    assert len(slower(np.zeros(BLOCK, np.float32), 720)) == BLOCK + 720


def test_two_channels_are_cut_alike() -> None:
    left = tone(200, 0.03)
    got = faster(np.stack([left, 0.5 * left], axis=1), 720)
    assert got.shape[1] == 2
    assert got[:, 1] == pytest.approx(got[:, 0] / 2, abs=1e-6)


@given(st.integers(0, 4000), st.integers(-10, 5000), st.booleans(), st.integers(0, 2000))
def test_never_more_than_allowed_and_the_ends_stay(
    length: int, most: int, urgent: bool, played: int
) -> None:
    sound = tone(170, 1)[:length]
    played = min(played, length)
    shorter = faster(sound, most, urgent=urgent)
    longer = slower(sound, most, played)
    assert length - max(0, most) <= len(shorter) <= length
    assert length <= len(longer) <= length + max(0, most)
    assert np.array_equal(longer[:played], sound[:played])
    if length:
        assert shorter[0] == sound[0]
        assert shorter[-1] == pytest.approx(sound[-1], abs=0.01)
        assert longer[-1] == pytest.approx(sound[-1], abs=0.01)
