"""Scripted arrivals in virtual time: what is heard, how late, and how much is made up."""

from __future__ import annotations

import numpy as np
import pytest
from arrivals import (
    PACKET,
    RATE,
    TICK,
    Arrival,
    NotingDecoder,
    hear,
    held_up,
    jittered,
    late,
    lossy,
    payload,
    steady,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.rtc.hearing.buffer import MOST_HELD
from kiosk.rtc.hearing.decoding import Sound, Undecodable
from kiosk.rtc.hearing.player import Player

STEEPEST = 0.5 * 2 * np.pi * 200 / RATE
"""Of the noting decoder's tone, from one sample to the next."""


def clicks(sound: Sound) -> float:
    """The largest step, in steps of the pure tone; the fade-in at the start included."""
    return float(np.abs(np.diff(sound)).max()) / STEEPEST


def test_a_steady_line_waits_little_and_makes_nothing_up() -> None:
    heard = hear(steady(60), 60)
    assert heard.totals.concealed == 0
    assert heard.delay(5, 60) <= 0.055
    assert heard.decoder.played == list(range(len(heard.decoder.played)))
    assert clicks(heard.sound) < 1.1


def test_jitter_of_8_ms_is_absorbed() -> None:
    heard = hear(jittered(steady(60), 0.008, seed=1), 60)
    assert heard.totals.concealed == 0
    assert heard.delay(5, 60) <= 0.065


def test_2_percent_of_random_loss_is_mended_by_spare_copies() -> None:
    heard = hear(jittered(lossy(steady(120), 0.02, seed=2), 0.008, seed=3), 120)
    assert heard.concealed_ratio <= 0.005
    assert heard.totals.spares_used > 60
    assert heard.delay(5, 120) <= 0.070


def test_2_percent_of_loss_sent_again_is_waited_for_when_there_are_no_spare_copies() -> None:
    packets = late(steady(120, spare=False), lambda i: 0.080 if i % 50 == 7 else 0.0)
    heard = hear(packets, 120)
    assert heard.concealed_ratio <= 0.005
    assert heard.delay(20, 120) <= 0.150


def test_a_burst_of_half_a_second_is_caught_up_within_two() -> None:
    heard = hear(held_up(steady(30), 10, 10.5), 30)
    assert heard.delay(10, 11) > 0.4
    assert heard.delay(12.5, 30) <= 0.070
    assert heard.totals.concealed <= 0.5 * RATE
    assert heard.decoder.played == list(range(len(heard.decoder.played)))  # nothing left out
    assert clicks(heard.sound) < 1.2


def test_a_hold_up_of_three_seconds_is_skipped_instead_of_run_through() -> None:
    heard = hear(held_up(steady(30), 10, 13), 30)
    assert heard.delay(15, 30) <= 0.070


def test_repeated_hold_ups_lengthen_the_wait_until_they_stop() -> None:
    packets = steady(60)
    for begin in range(5, 30, 4):
        packets = held_up(packets, begin, begin + 0.13)
    heard = hear(packets, 60)
    assert heard.totals.concealments <= 3
    assert max(heard.targets[1500:3000]) >= 0.120
    assert heard.targets[-1] <= 0.060


def test_after_an_outage_sound_is_back_at_once_and_as_soon_as_before() -> None:
    packets = [a for a in steady(40) if not 10 < a.at < 20]
    heard = hear(packets, 40)
    back = 20.0
    silent_until = next(t for t in range(2000, 4000) if heard.concealed[t] == heard.concealed[-1])
    assert silent_until / 100 - back <= 0.150
    assert heard.delay(21, 40) <= 0.070
    assert heard.totals.silent_concealed > 9.5 * RATE


def test_600_ms_of_round_trip_150_ms_of_jitter_and_10_percent_loss() -> None:
    packets = lossy(jittered(steady(300), 0.150, seed=1), 0.10, seed=2)
    heard = hear(packets, 300)
    assert heard.gaps(0.400) <= 5  # one a minute
    assert heard.concealed_ratio <= 0.04
    assert heard.delay(10, 300) <= 0.230


def test_reordered_packets_play_in_order() -> None:
    heard = hear(late(steady(20), lambda i: 0.025 if i % 5 == 0 else 0.0), 20)
    assert heard.totals.concealed == 0
    assert heard.decoder.played == sorted(heard.decoder.played)


def test_duplicates_play_once() -> None:
    packets = [a for a in steady(20) for _ in range(3)]
    heard = hear(packets, 20)
    assert heard.decoder.played == list(range(len(heard.decoder.played)))
    assert heard.totals.discarded == heard.totals.packets * 2 // 3


def test_counters_wrap() -> None:
    packets = steady(20, first_sequence=0xFFF0, first_timestamp=0xFFFFFFFF - 100 * PACKET)
    heard = hear(lossy(packets, 0.01, seed=5), 20)
    assert heard.concealed_ratio < 0.005
    assert heard.delay(2, 20) <= 0.060


def test_pauses_of_a_silent_sender_are_no_fault() -> None:
    packets = []
    for a in steady(20):
        part = (a.at - 0.05) % 1.0
        if part < 0.5:
            packets.append(a)
        elif 0.5 <= part < 0.515:
            packets.append(Arrival(a.at, a.sequence, a.timestamp, a.payload[:1]))
    # the numbers go on without a gap, the timestamps jump
    packets = [Arrival(a.at, i, a.timestamp, a.payload) for i, a in enumerate(packets)]
    heard = hear(packets, 19.5)
    # the scripted decoder refuses the short packets: 20 ms of each pause
    assert heard.totals.concealed <= 20 * PACKET
    assert heard.delay(2, 19) <= 0.6
    assert heard.targets[-1] <= 0.060


@pytest.mark.parametrize("minutes", [15, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ppm", [200, -200])
def test_drift_neither_starves_nor_piles_up(ppm: int, minutes: int) -> None:
    packets = steady(60 * minutes, packet_s=0.020 / (1 + ppm * 1e-6), spare=False)
    player = Player(Anything())
    at, worst = 0, 0.0
    for tick in range((60 * minutes - 50) * 50):
        now = tick * 0.020
        while at < len(packets) and packets[at].at <= now:
            a = packets[at]
            player.put(a.sequence, a.timestamp, a.payload, a.at)
            at += 1
        assert len(player.pull(2 * TICK, now)) == 2 * TICK
        if now > 10:
            worst = max(worst, abs(player.delay_s(now) - 0.060))
    assert player.totals.concealed == 0
    assert worst <= 0.060
    assert player.drift_ppm == pytest.approx(ppm, abs=5)
    stretched = player.totals.added + player.totals.removed
    # of the 8640 samples that drift in 15 minutes, most went unheard by resampling
    assert stretched < RATE // 4 * minutes / 60


@pytest.mark.parametrize("ppm", [150, -150])
def test_a_sound_card_with_another_clock(ppm: int) -> None:
    heard = hear(steady(300), 290, speaker_ppm=ppm, keep_sound=False)
    assert heard.totals.concealed == 0
    assert heard.delay(10, 290) <= 0.065
    assert heard.player.drift_ppm == pytest.approx(-ppm, abs=10)


class Wavering(Player):
    """Its estimate goes to and fro each second, about what is worth correcting."""

    asked = 0

    @property
    def drift_ppm(self) -> float:
        self.asked += 1
        return 20.0 if self.asked // 50 % 2 else 0.0


def splatter_db(sound: Sound) -> float:
    """The most of any 40 ms that lies above 1 kHz, of the tone's power."""
    size = 1920
    window, above = np.hanning(size), np.fft.rfftfreq(size, 1 / RATE) > 1000
    worst = 0.0
    for at in range(0, len(sound) - size, size // 4):
        power = np.abs(np.fft.rfft(sound[at : at + size] * window)) ** 2
        worst = max(worst, float(power[above].sum() / power.sum()))
    return 10 * np.log10(worst + 1e-20)


def test_an_estimate_of_the_drift_that_wavers_is_not_heard() -> None:
    """Where correcting began and ended anew each time: steps of 2.7 tones, -49 dB."""
    heard = hear(steady(30), 29, player=Wavering(NotingDecoder()))
    sound = heard.sound[RATE:]
    assert clicks(sound) < 1.01
    assert splatter_db(sound) < -100


def test_a_sender_that_begins_another_clock_is_followed() -> None:
    packets = steady(10) + steady(
        10, first_sequence=40000, first_timestamp=3_000_000_000, begin_s=10
    )
    heard = hear(packets, 20)
    assert heard.delay(12, 20) <= 0.070
    assert heard.totals.concealed <= 0.3 * RATE


def test_a_single_packet_of_another_clock_is_ignored() -> None:
    stray = Arrival(5.001, 7, 2_000_000_000, payload(99))
    heard = hear(sorted([*steady(10), stray], key=lambda a: a.at), 10)
    assert heard.totals.concealed == 0
    assert 99 in heard.decoder.played  # its own, in its own place
    assert heard.decoder.played == list(range(len(heard.decoder.played)))


def test_a_single_packet_of_another_clock_in_a_hole_does_not_end_the_sound() -> None:
    packets = [a for a in steady(12) if not 5 < a.at < 6]
    goes_on = min(a.at for a in packets if a.at >= 6)
    stray = Arrival(goes_on - 0.001, 7, 1_000_000_000, payload(99))
    heard = hear(sorted([*packets, stray], key=lambda a: a.at), 12)
    assert heard.concealed[-1] == heard.concealed[650]
    assert heard.delay(7, 12) <= 0.070


def test_the_shortest_packets_fade_out_too() -> None:
    class Short(NotingDecoder):
        def decode(self, payload: bytes) -> Sound:
            return super().decode(payload)[:120]

    celt_2_5_ms = 16 << 3
    packets = [
        Arrival(0.05 + i * 0.0025, i, i * 120, payload(i, toc=celt_2_5_ms)) for i in range(400)
    ]
    heard = hear(packets, 3, player=Player(Short()))
    assert heard.totals.silent_concealed > 0


def test_lip_sync_can_hold_sound_back() -> None:
    player = Player(NotingDecoder())
    player.wait_more(0.080, until=20.0)
    heard = hear(steady(40), 40, player=player)
    assert 0.085 <= heard.delay(10, 20) <= 0.135
    assert heard.delay(30, 40) <= 0.070, "nobody says any more that a picture is late"


def test_position_follows_what_is_heard() -> None:
    heard = hear(steady(10, first_timestamp=5000), 10)
    position = heard.player.position()
    assert position is not None
    assert (10.0 - 0.05 - (position - 5000) / RATE) == pytest.approx(0.045, abs=0.02)


def test_statistics_in_w3c_names() -> None:
    heard = hear(lossy(steady(30, spare=False), 0.05, seed=9), 30)
    entry = heard.totals.w3c()
    assert entry["totalSamplesReceived"] == 30 * RATE
    assert entry["concealedSamples"] == heard.decoder.made_up > 0
    mean_s = entry["jitterBufferDelay"] / entry["jitterBufferEmittedCount"]
    assert 0.030 <= mean_s <= 0.060


class Broken(NotingDecoder):
    def decode(self, payload: bytes) -> Sound:
        raise Undecodable(f"always, {len(payload)} octets or not")

    def conceal(self, samples: int) -> Sound:
        raise Undecodable(f"{samples} samples too")


def test_a_decoder_that_always_fails_gives_silence() -> None:
    heard = hear(steady(5), 5, player=Player(Broken()))
    assert not heard.sound.any()
    assert heard.totals.concealed > 4.5 * RATE


orders = st.lists(
    st.tuples(
        st.integers(0, 80),  # which packet
        st.integers(0, 6),  # ticks of 10 ms that pass before it
    ),
    max_size=150,
)


@settings(max_examples=60, deadline=None)
@given(orders, st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(1, 1500))
def test_always_as_many_samples_as_asked_and_no_packet_twice(
    order: list[tuple[int, int]], sequence: int, timestamp: int, samples: int
) -> None:
    decoder = NotingDecoder()
    player = Player(decoder)
    now = 0.0
    for index, ticks in order:
        for _ in range(ticks):
            assert len(player.pull(samples, now)) == samples
            now += samples / RATE
        player.put(
            (sequence + index) & 0xFFFF,
            (timestamp + index * PACKET) & 0xFFFFFFFF,
            payload(index, spare=index % 2 == 0),
            now,
        )
        assert player.held <= MOST_HELD
    for _ in range(50):
        assert len(player.pull(samples, now)) == samples
        now += samples / RATE
    played = decoder.played + decoder.recovered
    assert len(set(played)) == len(played)
    assert decoder.played == sorted(decoder.played)


class Anything(NotingDecoder):
    """As libopus would: decodes or refuses."""

    def decode(self, payload: bytes) -> Sound:
        if len(payload) < 2:
            raise Undecodable("short")
        return np.zeros(PACKET, np.float32)

    def decode_spare(self, payload: bytes, samples: int) -> Sound:
        assert payload
        return np.zeros(samples, np.float32)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF),
            st.integers(0, 0xFFFFFFFF) | st.integers(0, 500_000),
            st.binary(max_size=12),
            st.floats(0, 0.2),
        ),
        max_size=120,
    )
)
def test_garbage_never_raises_and_never_piles_up(
    packets: list[tuple[int, int, bytes, float]],
) -> None:
    player = Player(Anything())
    now = 0.0
    for sequence, timestamp, data, passed in packets:
        now += passed
        player.put(sequence, timestamp, data, now)
        assert player.held <= MOST_HELD
        assert len(player.pull(TICK, now)) == TICK
    assert 0 <= player.target_s <= 0.2
