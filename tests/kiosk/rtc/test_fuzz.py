"""Bad input never ends a call, leaks or holds the loop: wrong packets by real sockets and SRTP.

Some thousand here; a million by `.venv/bin/pytest -m slow -s -o faulthandler_timeout=0
tests/kiosk/rtc/test_fuzz.py` (`FUZZ_PACKETS`, `FUZZ_SEED`).
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from statistics import median

import pytest
from fuzz_attack import LOOKS, Attacker, Outcome

PACKETS = int(os.environ.get("FUZZ_PACKETS", "1000000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
LONGEST_TURN_S = 0.25
GROWS_LESS_THAN = 0.05
WARM = 0.4
"""Of the packets; before that, nothing is compared: some thousand fill what is bounded."""
SETTLED = 100_000
"""Packets. Until then malloc's heaps grow by ever new sizes of pictures, of which it gives little
back, while what is in use stays the same: of a million, 200,000 were looked at that way."""
BLOCKS_PER_PACKET = 0.5


async def fuzz(count: int) -> Outcome:
    print(f"seed {SEED}")
    attacker = Attacker(random.Random(SEED))
    try:
        await attacker.call()
        outcome = await attacker.attack(count)
    finally:
        await attacker.close()
    print(told(outcome))
    return outcome


def told(outcome: Outcome) -> str:
    last = outcome.last
    curve = " ".join(f"{look.rss_kib}" for _, look in outcome.looks)
    return f"""{outcome.sent} packets, {outcome.sent / outcome.seconds:.0f} a second
{outcome.encrypted} of them encrypted, {last.authentic} past SRTP
memory in KiB {curve}
{outcome.by_screen} pictures to the screen, {outcome.by_kiosk} to the kiosk's own decoder
{last.redundant} packets of redundant speech
blocks of Python's {outcome.looks[0][1].blocks} to {last.blocks}
descriptors {outcome.looks[0][1].descriptors} to {last.descriptors}, threads {last.threads}
longest turn of the loop {outcome.longest_turn_s * 1000:.0f} ms
new pictures and sound after {outcome.recovered_s} s
uncaught: {outcome.exceptions[:20]}"""


def trend(points: Sequence[tuple[int, int]]) -> float:
    """What is added per packet: the median slope of all pairs (Theil-Sen), which no step moves."""
    return median((b - a) / (later - sooner) for (sooner, a), (later, b) in combinations(points, 2))


def growth(points: Sequence[tuple[int, int]]) -> float:
    """By that trend, over all packets since the first point, as a share of its value."""
    (first, value), (last, _) = points[0], points[-1]
    return trend(points) * (last - first) / value


def check(outcome: Outcome) -> None:
    warm = outcome.after(int(outcome.sent * WARM))
    assert outcome.encrypted > outcome.sent / 2
    assert outcome.last.authentic > outcome.sent / 3
    assert min(outcome.by_screen, outcome.by_kiosk) > outcome.sent / 5000
    assert outcome.last.redundant > outcome.sent / 50
    assert not outcome.exceptions
    assert outcome.last.connected
    assert not outcome.last.failed
    assert outcome.last.descriptors <= warm[0][1].descriptors
    assert outcome.longest_turn_s < LONGEST_TURN_S
    assert trend([(sent, look.blocks) for sent, look in warm]) < BLOCKS_PER_PACKET
    assert outcome.recovered_s is not None, asdict(outcome.last)


async def test_some_thousand_wrong_packets_change_nothing() -> None:
    check(await fuzz(12_000))


@pytest.mark.slow
async def test_a_million_wrong_packets_change_nothing() -> None:
    outcome = await fuzz(PACKETS)
    check(outcome)
    settled = outcome.after(max(SETTLED, int(outcome.sent * WARM)))
    assert len(settled) >= LOOKS // 2, f"memory settles in {SETTLED} packets: send more"
    rss = growth([(sent, look.rss_kib) for sent, look in settled])
    blocks = growth([(sent, look.blocks) for sent, look in settled])
    print(f"since packet {settled[0][0]} RSS by {rss * 100:.2f} %, blocks by {blocks * 100:.2f} %")
    assert rss < GROWS_LESS_THAN
    assert blocks < GROWS_LESS_THAN


def test_a_small_leak_is_found_and_steps_up_and_down_are_none() -> None:
    chance = random.Random(SEED)
    plateau = [
        (sent, 184_000 + chance.choice((0, 0, 4_400))) for sent in range(200_000, 1_000_001, 25_000)
    ]
    assert abs(growth(plateau)) < GROWS_LESS_THAN / 2
    leaking = [(sent, rss + sent * 16 // 1024) for sent, rss in plateau]
    assert growth(leaking) > GROWS_LESS_THAN, "16 octets a packet"
