"""Bad input never ends a call, leaks or holds the loop: wrong packets by real sockets and SRTP.

Some thousand here; a million by `.venv/bin/pytest -m slow -s tests/kiosk/rtc/test_fuzz.py`
(`FUZZ_PACKETS`, `FUZZ_SEED`).
"""

from __future__ import annotations

import os
import random
from dataclasses import asdict

import pytest
from fuzz_attack import Attacker, Outcome

PACKETS = int(os.environ.get("FUZZ_PACKETS", "1000000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
LONGEST_TURN_S = 0.25
GROWS_LESS_THAN = 0.05


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
    warm, last = outcome.warm, outcome.last
    return f"""{outcome.sent} packets, {outcome.sent / outcome.seconds:.0f} a second
{outcome.encrypted} of them encrypted, {last.authentic} past SRTP
memory {warm.rss_kib} to {last.rss_kib} KiB
descriptors {warm.descriptors} to {last.descriptors}, threads {warm.threads} to {last.threads}
longest turn of the loop {outcome.longest_turn_s * 1000:.0f} ms
new pictures and sound after {outcome.recovered_s} s
uncaught: {outcome.exceptions[:20]}"""


def check(outcome: Outcome) -> None:
    assert outcome.encrypted > outcome.sent / 2
    assert outcome.last.authentic > outcome.sent / 3
    assert not outcome.exceptions
    assert outcome.last.connected
    assert not outcome.last.failed
    assert outcome.last.descriptors <= outcome.warm.descriptors
    assert outcome.longest_turn_s < LONGEST_TURN_S
    assert outcome.recovered_s is not None, asdict(outcome.last)


async def test_some_thousand_wrong_packets_change_nothing() -> None:
    check(await fuzz(6_000))


@pytest.mark.slow
async def test_a_million_wrong_packets_change_nothing() -> None:
    outcome = await fuzz(PACKETS)
    check(outcome)
    assert outcome.last.rss_kib < outcome.warm.rss_kib * (1 + GROWS_LESS_THAN)
