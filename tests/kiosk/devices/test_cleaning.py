import sys

import numpy as np
import pytest
from synthetic_room import Signal, by_another_clock, echo_of, hiss, speech

from kiosk.devices.cleaning import CleaningUnavailable, RoomCleaner
from kiosk.devices.gain import AIM_DBFS, MOST_DB, Gain
from kiosk.devices.tone import SAMPLE_RATE

CHUNK = 960


def level(signal: Signal) -> float:
    return float(10 * np.log10(np.mean(np.square(signal)) + 1e-12))


def through(cleaner: RoomCleaner, played: Signal, heard: Signal) -> Signal:
    def pcm(signal: Signal, at: int):
        return (np.clip(signal[at : at + CHUNK], -1, 1) * 32767).astype(np.int16)

    out = []
    for at in range(0, len(heard) - CHUNK + 1, CHUNK):
        cleaner.played(pcm(played, at))
        out.append(cleaner.clean(pcm(heard, at)) / 32768)
    return np.concatenate(out)


def test_the_far_end_does_not_hear_itself(capsys: pytest.CaptureFixture[str]) -> None:
    far = speech(15, seed=1, pitch=120)
    heard = echo_of(far) + hiss(15, -60)
    sent = through(RoomCleaner(), far, heard)
    after = 2 * SAMPLE_RATE
    reduction = level(heard[after : len(sent)]) - level(sent[after:])
    with capsys.disabled():
        print(f"\nfar end reduced by {reduction:.1f} dB in single talk")
    assert reduction >= 40


def test_a_microphone_by_another_clock_than_the_loudspeakers_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    far = speech(15, seed=1, pitch=120)
    heard = by_another_clock(echo_of(far), 100) + hiss(15, -60)
    sent = through(RoomCleaner(), far, heard)
    after = 2 * SAMPLE_RATE
    reduction = level(heard[after : len(sent)]) - level(sent[after:])
    with capsys.disabled():
        print(f"\nfar end reduced by {reduction:.1f} dB with clocks 100 ppm apart")
    assert reduction >= 40


def test_who_speaks_at_the_kiosk_is_not_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gain, "apply", lambda _self, samples, _seconds: samples)  # lifts voices
    near = 0.5 * speech(15, seed=2, pitch=200)
    silence = np.zeros_like(near)
    alone = through(RoomCleaner(), silence, near + hiss(15, -60))
    both = speech(15, seed=1, pitch=120)
    only_far_first = near * (np.arange(len(near)) >= 5 * SAMPLE_RATE)
    mixed = through(RoomCleaner(), both, echo_of(both) + only_far_first + hiss(15, -60))
    lost_alone = level(near[2 * SAMPLE_RATE : len(alone)]) - level(alone[2 * SAMPLE_RATE :])
    lost_mixed = level(near[6 * SAMPLE_RATE : len(mixed)]) - level(mixed[6 * SAMPLE_RATE :])
    with capsys.disabled():
        print(f"\nnear speech lost: {lost_alone:.1f} dB alone, {lost_mixed:.1f} dB in double talk")
    assert lost_alone <= 3
    assert lost_mixed <= 3


def test_the_rooms_noise_goes() -> None:
    noise = hiss(6, -40)
    sent = through(RoomCleaner(), np.zeros_like(noise), noise)
    assert level(noise[4 * SAMPLE_RATE :]) - level(sent[4 * SAMPLE_RATE :]) > 10


def test_pieces_of_any_length_may_be_played() -> None:
    cleaner = RoomCleaner()
    for length in (1, 479, 480, 481, 2000):
        cleaner.played(np.zeros(length, np.int16))
    assert len(cleaner.clean(np.zeros(CHUNK, np.int16))) == CHUNK
    with pytest.raises(ValueError, match="10 ms"):
        cleaner.clean(np.zeros(100, np.int16))


def test_a_machine_without_the_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(CleaningUnavailable):
        RoomCleaner()


def test_a_quiet_voice_is_lifted_slowly_and_silence_is_not() -> None:
    gain = Gain()
    quiet_voice = 0.02 * np.sin(np.arange(480) / 5)
    silence = 1e-4 * np.sin(np.arange(480) / 5)
    first = level(gain.apply(quiet_voice, 0.01))
    for _ in range(500):
        lifted = level(gain.apply(quiet_voice, 0.01))
    assert first - level(quiet_voice) < 1
    assert abs(lifted - min(AIM_DBFS, level(quiet_voice) + MOST_DB)) < 0.5
    for _ in range(5):
        quiet = level(gain.apply(silence, 0.01))
    assert abs(quiet - level(silence)) < 0.5


def test_a_shout_is_never_clipped() -> None:
    gain = Gain()
    for _ in range(500):
        gain.apply(0.02 * np.sin(np.arange(480) / 5), 0.01)
    assert np.abs(gain.apply(0.9 * np.sin(np.arange(480) / 5), 0.01)).max() <= 0.95
