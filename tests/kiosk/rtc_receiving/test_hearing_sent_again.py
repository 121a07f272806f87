"""Sound that is lost, asked for and sent again, beside spare copies that are not always there."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest
from arrivals import PACKET, RATE, TICK, NotingDecoder, payload

from kiosk.rtc.hearing.delay_estimate import MOST_S
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.seeing.nack import NackList

PACKET_S = PACKET / RATE
SPARES = 0.67
"""Share of packets with a spare copy: libopus leaves it out for inactive speech (red.py)."""


@dataclass
class LossyLine:
    """Packets and requests are lost alike; order is kept, as on DSL."""

    one_way_s: float
    loss: float
    seed: int
    jitter_s: float = 0.005
    under_way: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.last = 0.0

    def send(self, index: int, data: bytes, at: float) -> None:
        self.sent += 1
        if self.dice.random() >= self.loss:
            self.last = max(self.last, at + self.one_way_s + self.dice.random() * self.jitter_s)
            heapq.heappush(self.under_way, (self.last, self.sent, index, data))


def hear(line: LossyLine, seconds: float) -> Player:
    """A voice over this line, with what is lost asked for and sent again."""
    player, nacks = Player(NotingDecoder()), NackList(useful_s=MOST_S)
    nacks.rtt_s = 2 * line.one_way_s + line.jitter_s
    packets: dict[int, bytes] = {}
    wishes: list[tuple[float, int]] = []
    for tick in range(round(seconds * 1000)):
        now = tick / 1000
        if tick % 20 == 0:
            index = tick // 20
            packets[index] = payload(index, spare=line.dice.random() < SPARES)
            line.send(index, packets[index], now)
        for wish in [wish for wish in wishes if wish[0] <= now]:
            wishes.remove(wish)
            line.send(wish[1], packets[wish[1]], now)
        while line.under_way and line.under_way[0][0] <= now:
            at, _, index, data = heapq.heappop(line.under_way)
            nacks.received(index & 0xFFFF, at)
            player.put(index & 0xFFFF, index * PACKET, data, at)
        heard = [number for number in nacks.due(now) if line.dice.random() >= line.loss]
        wishes += [(now + line.one_way_s, number) for number in heard]
        if tick % 10 == 0:
            player.pull(TICK, now)
    return player


@pytest.mark.parametrize(("one_way_s", "waits_s"), [(0.010, 0.090), (0.020, 0.105), (0.040, 0.140)])
def test_2_percent_of_loss_is_hardly_heard(one_way_s: float, waits_s: float) -> None:
    seed = 1
    player = hear(LossyLine(one_way_s, loss=0.02, seed=seed), 60)
    assert player.totals.concealed / player.totals.samples <= 0.005, f"seed {seed}"
    assert player.target_s <= waits_s


def test_without_loss_nothing_is_made_up_and_nothing_waits() -> None:
    player = hear(LossyLine(0.020, loss=0.0, seed=1), 30)
    assert player.totals.concealed == 0
    assert player.target_s <= 0.060


def test_on_a_long_round_trip_nobody_asks_for_what_would_come_too_late() -> None:
    line = LossyLine(0.300, loss=0.02, seed=1)
    player = hear(line, 20)
    assert line.sent == 1000
    assert player.target_s <= 0.060


def test_a_clock_that_begins_anew_where_a_spare_copy_was_used_is_heard() -> None:
    player, now = Player(NotingDecoder()), 0.0
    for index in range(500):
        now = index * PACKET_S
        if index != 50:  # its copy comes with the next
            player.put(index, index * PACKET, payload(index, spare=True), now)
        player.pull(PACKET // 2, now)
        player.pull(PACKET // 2, now + PACKET_S / 2)
    assert player.totals.spares_used
    for more in range(3):  # so many of a strange time are a new clock
        player.put(500 + more, 50 * PACKET, payload(50, spare=True), now)
    player.pull(RATE, now + PACKET_S)
