"""Whole receptions in virtual time: a sender, a line that loses, and what is decoded when."""

from __future__ import annotations

import random
from collections.abc import Container
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.order import MOST_HELD
from kiosk.rtc.seeing.picture_requests import PATIENCE_S
from kiosk.rtc.seeing.reception import MOST_WAITING, PictureReception
from kiosk.rtc.source import SourceGuard

SSRC = 77
EVERY = 0.040
PER_PICTURE = 3


@dataclass(frozen=True)
class Packet:
    ssrc: int
    sequence_number: int
    timestamp: int
    marker: int
    payload: bytes


def is_key(packet: Packet) -> bool:
    return packet.payload == b"key"


def packet(number: int, *, keys: Container[int] = (0,), parts: int = PER_PICTURE) -> Packet:
    picture, part = divmod(number, parts)
    key = picture in keys and part == 0
    return Packet(
        SSRC,
        number & 0xFFFF,
        (picture * 3600) & 0xFFFFFFFF,
        int(part == parts - 1),
        b"key" if key else b"more",
    )


@dataclass
class Sender:
    """Answers NACK after a round trip and PLI with its next picture."""

    reception: PictureReception
    rtt_s: float = 0.060
    lost: Container[int] = ()
    lose_ratio: float = 0.0
    seed: int = 1
    cut: tuple[float, float] = (0.0, 0.0)
    parts: int = PER_PICTURE
    decoded: list[tuple[float, int]] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        dice = random.Random(self.seed)
        self.reception.round_trip(self.rtt_s)
        keys, wishes, again = {0}, [], []
        sent: dict[int, Packet] = {}
        for tick in range(round(seconds * 1000)):
            now = tick / 1000
            reachable = not self.cut[0] <= now < self.cut[1]
            if tick % 40 == 0:
                picture = tick // 40
                if any(at <= now for at in wishes):
                    keys.add(picture)
                    wishes = [at for at in wishes if at > now]
                for part in range(self.parts):
                    number = picture * self.parts + part
                    sent[number & 0xFFFF] = packet(number, keys=keys, parts=self.parts)
                    gone = number in self.lost or dice.random() < self.lose_ratio
                    if reachable and not gone:
                        self.reception.packet(sent[number & 0xFFFF], now)
            for at, number in [entry for entry in again if entry[0] <= now]:
                again.remove((at, number))
                if reachable and number in sent and dice.random() >= self.lose_ratio:
                    self.reception.packet(sent[number], now, again=True)
            due = self.reception.due(now)
            if reachable:
                again += [(now + self.rtt_s, number) for number in due.nack]
                if due.pli:
                    self.asked.append(now)
                    wishes.append(now + self.rtt_s)
            self.decoded += [(now, picture.timestamp // 3600) for picture in due.pictures]

    @property
    def pictures(self) -> list[int]:
        return [number for _, number in self.decoded]

    @property
    def longest_gap(self) -> float:
        return max(b - a for (a, _), (b, _) in pairwise(self.decoded))


def reception() -> PictureReception:
    return PictureReception(is_key)


def test_on_a_good_line_each_picture_is_decoded_with_its_last_packet_and_nothing_is_asked() -> None:
    sender = Sender(reception())
    sender.run(4)
    assert sender.decoded == [(pytest.approx(n * EVERY), n) for n in range(100)]
    assert sender.asked == []


def test_a_lost_packet_costs_a_round_trip_and_no_whole_picture() -> None:
    sender = Sender(reception(), lost={30})
    sender.run(4)
    assert sender.pictures == list(range(100))
    assert sender.longest_gap <= EVERY + 0.065
    assert sender.asked == []


@pytest.mark.parametrize("seed", range(5))
def test_2_percent_of_loss_both_ways_freezes_for_less_than_400_ms(seed: int) -> None:
    sender = Sender(reception(), lose_ratio=0.02, seed=seed)
    sender.run(60)
    assert sender.longest_gap < 0.4, f"seed {seed}"
    assert len(sender.decoded) >= 1490
    assert sender.pictures == sorted(sender.pictures)


@pytest.mark.parametrize("seconds", [0.6, 3.0, 10.0, 120.0])
def test_after_an_outage_a_picture_is_back_within_a_round_trip(seconds: float) -> None:
    sender = Sender(reception(), cut=(2.0, 2.0 + seconds))
    sender.run(seconds + 4)
    back = next(at for at, _ in sender.decoded if at > 2.0)
    assert back - (2.0 + seconds) <= sender.rtt_s + 2 * EVERY
    assert len(sender.asked) == 1


def test_what_is_sent_again_late_on_a_full_line_mends_the_picture() -> None:
    sender = Sender(reception(), rtt_s=0.6, parts=8, lost={82, 83})  # 200 packets/s, 120 behind
    sender.run(6)
    assert sender.pictures == list(range(150))
    assert sender.longest_gap <= 0.6 + EVERY + 0.005
    assert sender.asked == []


def test_what_is_sent_again_far_behind_is_no_new_beginning() -> None:
    seeing = reception()
    decoded, asked = [], []
    for number in [*range(10), *range(12, 126), 10, 11, 126, 127]:
        seeing.packet(packet(number, parts=8), 1.0)
        due = seeing.due(1.0)
        decoded += [picture.timestamp // 3600 for picture in due.pictures]
        asked += due.nack
    assert decoded == list(range(16))
    assert asked == [10, 11]


def test_what_is_never_sent_again_is_asked_for_as_a_whole_picture() -> None:
    seeing = reception()
    asked, decoded = [], []
    for tick in range(2000):
        now = tick / 1000
        if tick % 40 == 0:
            for part in range(PER_PICTURE):
                number = tick // 40 * PER_PICTURE + part
                if number != 30:
                    seeing.packet(packet(number, keys={0, 30}), now)
        due = seeing.due(now)
        if due.pli:
            asked.append(now)
        decoded += [picture.timestamp // 3600 for picture in due.pictures]
    assert asked[0] == pytest.approx(0.4 + PATIENCE_S, abs=0.05)
    assert decoded == [*range(10), *range(30, 50)]


def test_a_picture_waits_for_its_sound_before_it_is_decoded() -> None:
    seeing = PictureReception(is_key, lambda _rtp, now: now + 0.1)
    for number in range(PER_PICTURE):
        seeing.packet(packet(number), 1.0)
    assert seeing.due(1.05).pictures == ()
    assert seeing.deadline() == pytest.approx(1.1)
    assert len(seeing.due(1.1).pictures) == 1


def test_pictures_that_wait_stay_in_order_and_are_not_many() -> None:
    waits = iter([0.2, *[0.0] * 100])
    seeing = PictureReception(is_key, lambda _rtp, now: now + next(waits))
    decoded = []
    for number in range(3 * PER_PICTURE):
        seeing.packet(packet(number), number / 100)
    assert seeing.due(0.1).pictures == ()
    decoded += [p.timestamp // 3600 for p in seeing.due(0.25).pictures]
    assert decoded == [0, 1, 2]
    forever = PictureReception(is_key, lambda _rtp, now: now + 1e9)
    for number in range(50 * PER_PICTURE):
        forever.packet(packet(number), 0.0)
    assert len(forever.due(0.0).pictures) == 50 - MOST_WAITING


def test_a_decoder_that_fails_gets_a_whole_picture_next() -> None:
    seeing = reception()
    for number in range(5 * PER_PICTURE):
        seeing.packet(packet(number), 0.0)
    seeing.due(0.0)
    seeing.broken(0.1)
    assert seeing.due(0.1).pli
    decoded = []
    for number in range(5 * PER_PICTURE, 10 * PER_PICTURE):
        seeing.packet(packet(number, keys={7}), 0.2)
    decoded += [p.timestamp // 3600 for p in seeing.due(0.2).pictures]
    assert decoded == [7, 8, 9]


def test_a_sender_that_begins_anew_is_followed() -> None:
    seeing = reception()
    for number in range(5 * PER_PICTURE):
        seeing.packet(packet(number), 0.0)
    seeing.due(0.0)
    decoded = []
    for number in range(5 * PER_PICTURE):
        fresh = replace(packet(number, keys={0, 2}), ssrc=99, sequence_number=40_000 + number)
        seeing.packet(fresh, 1.0)
    decoded += [p.timestamp // 3600 for p in seeing.due(1.0).pictures]
    assert seeing.ssrc == 99
    assert decoded == [2, 3, 4]  # the first packet served to be believed


def test_a_stray_packet_moves_nothing() -> None:
    guard = SourceGuard()
    assert guard.judge(1, 100) == "new"
    assert guard.judge(1, 101) == "known"
    assert guard.judge(2, 500) == "strange"
    assert guard.judge(1, 30_000) == "strange"
    assert guard.judge(1, 102) == "known"
    assert guard.judge(1, 99) == "known"
    assert guard.judge(1, 50_000) == "strange"
    assert guard.judge(1, 50_001) == "new"


word = st.integers(0, 0xFFFF)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 2), word | st.integers(0, 400), st.integers(0, 2**32 - 1), st.booleans(),
            st.sampled_from([b"", b"key", b"more"]), st.floats(0, 0.4),
        ),
        max_size=300,
    )
)  # fmt: skip
def test_whatever_comes_nothing_raises_and_memory_is_bounded(arrivals: list[tuple]) -> None:
    seeing = reception()
    now = 0.0
    for ssrc, number, timestamp, marker, payload, passed in arrivals:
        now += passed
        seeing.packet(Packet(ssrc, number, timestamp, int(marker), payload), now)
        due = seeing.due(now)
        assert all(p.packets for p in due.pictures)
        assert len(seeing._order._held) <= MOST_HELD
        deadline = seeing.deadline()
        assert deadline is None or deadline > now - 1e-9
