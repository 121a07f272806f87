"""libopus itself: what is spared is recovered, what changes changes in place."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from arrivals import RATE, TICK
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.rtc.hearing.decoding import Sound
from kiosk.rtc.hearing.opus import Decoder, Encoder, OpusError, OpusUnavailable, library, load
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.hearing.toc import LONGEST, duration, has_spare


def speech(seconds: float) -> Sound:
    """A voice-like sum of harmonics whose pitch glides."""
    at = np.arange(int(seconds * RATE)) / RATE
    turns = np.cumsum(130 + 20 * np.sin(2 * np.pi * 0.8 * at)) / RATE
    sound = sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 12))
    return np.asarray(0.15 * sound * (0.6 + 0.4 * np.sin(2 * np.pi * 2.5 * at)), np.float32)


def packets(encoder: Encoder, sound: Sound, milliseconds: int) -> list[bytes]:
    step = RATE * milliseconds // 1000
    return [encoder.encode(sound[i : i + step]) for i in range(0, len(sound) - step + 1, step)]


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def test_rate_copies_and_packet_time_change_in_place() -> None:
    encoder, decoder, sound = Encoder(), Decoder(), speech(2)
    sizes = {}
    for bitrate, loss, milliseconds in (
        (24000, 0.0, 20),
        (16000, 0.25, 60),
        (32000, 0.02, 20),
        (20000, 0.15, 40),
        (24000, 0.06, 20),
    ):
        encoder.tune(bitrate=bitrate, loss_ratio=loss)
        made = packets(encoder, sound, milliseconds)
        assert {duration(p) for p in made} == {RATE * milliseconds // 1000}
        # libopus copies what it takes for active speech, about two thirds of this voice
        assert (sum(map(has_spare, made[2:])) > len(made) // 2) == (loss > 0)
        sizes[bitrate] = sum(map(len, made)) * 8 / 2
        heard = np.concatenate([decoder.decode(p) for p in made])
        assert rms(heard) == pytest.approx(rms(sound), rel=0.3)
    assert all(asked * 0.6 < got < asked * 1.1 for asked, got in sizes.items())


def test_a_spare_copy_sounds_like_what_was_lost() -> None:
    encoder, sound = Encoder(), speech(2)
    encoder.tune(bitrate=24000, loss_ratio=0.1)
    made = packets(encoder, sound, 20)

    def alike(use_spare: bool) -> float:
        whole, holed = Decoder(), Decoder()
        cross = power_a = power_b = 0.0
        for i, packet in enumerate(made):
            a = whole.decode(packet)
            if i % 10 == 5:
                b = holed.decode_spare(made[i + 1], 960) if use_spare else holed.conceal(960)
                cross += float(np.dot(a, b))
                power_a += float(np.dot(a, a))
                power_b += float(np.dot(b, b))
            else:
                holed.decode(packet)
        return cross / np.sqrt(power_a * power_b)

    assert alike(use_spare=True) > 0.9
    assert alike(use_spare=True) > alike(use_spare=False)


def test_made_up_sound_fades() -> None:
    encoder, decoder = Encoder(), Decoder()
    for packet in packets(encoder, speech(1), 20):
        decoder.decode(packet)
    made_up = [rms(decoder.conceal(960)) for _ in range(20)]
    assert made_up[-1] < made_up[0] / 4


def test_two_channels() -> None:
    encoder, decoder = Encoder(2), Decoder(2)
    stereo = np.stack([speech(0.5), speech(0.5) / 2], axis=1)
    assert decoder.decode(encoder.encode(stereo[:960])).shape == (960, 2)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_corrupt_packets_are_refused_by_name(data: bytes) -> None:
    decoder = Decoder()
    with contextlib.suppress(OpusError):
        assert 0 < len(decoder.decode(data)) == duration(data)
    assert len(decoder.conceal(960)) == 960


@given(st.binary(min_size=1, max_size=60))
def test_the_packet_says_the_same_to_us_and_to_libopus(data: bytes) -> None:
    opus = library()
    samples = opus.opus_packet_get_nb_samples(data, len(data), RATE)
    assert duration(data) == max(0, samples) <= LONGEST
    spare = opus.opus_packet_has_lbrr(data, len(data))
    if samples > 0 and spare > 0:
        assert has_spare(data)


def test_a_wrong_length_is_refused() -> None:
    with pytest.raises(OpusError, match="invalid argument"):
        Encoder().encode(np.zeros(1000, np.float32))
    with pytest.raises(OpusError):
        Encoder(channels=3)


def test_a_missing_library_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(OpusUnavailable, match="no libopus in"):
        load(tmp_path)
    (tmp_path / "libopus-1.so.0").write_bytes(b"no library")
    with pytest.raises(OpusUnavailable, match="does not load"):
        load(tmp_path)


def test_a_voice_through_loss_comes_out_whole() -> None:
    encoder, player, sound = Encoder(), Player(Decoder()), speech(10)
    encoder.tune(bitrate=24000, loss_ratio=0.06)
    made = packets(encoder, sound, 20)
    heard = []
    for tick in range(1000):
        now = tick * 0.010
        if tick % 2 == 0 and tick // 2 % 20 != 11:
            player.put(tick // 2, tick // 2 * 960, made[tick // 2], now)
        heard.append(player.pull(TICK, now))
    whole = np.concatenate(heard)
    assert player.totals.spares_used >= 10  # of 25 lost
    assert player.totals.concealed / player.totals.samples <= 0.03
    assert rms(whole[RATE:]) == pytest.approx(rms(sound[RATE:]), rel=0.2)


def test_garbage_through_the_whole_player() -> None:
    dice = np.random.default_rng(11)
    player = Player(Decoder())
    for i in range(3000):
        player.put(i & 0xFFFF, i * 960, dice.bytes(int(dice.integers(0, 60))), i * 0.020)
        assert len(player.pull(960, i * 0.020)) == 960
