"""Lines with everything that spoils a measurement, by seed. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from bench.linelab.profile import Direction

RATES_KBIT_S = (128.0, 256.0, 512.0, 1_000.0, 2_000.0, 8_000.0, 18_000.0)
WRONG = 0.05
"""A result that is off by more, and yet is no "inconclusive", is wrong but confident."""


@dataclass(frozen=True)
class Troubled:
    """A line, and the rate that the train is planned for as a multiple of the true one."""

    direction: Direction
    expected: float
    known_octets: int | None
    """What the hub takes its tokens for; with a figure it knows its rate, too."""


def ordinary(kbit_s: float) -> Direction:
    """A line that nobody uses: a quarter of a second of buffer, 1 ms of jitter."""
    return Direction(
        kbit_s=kbit_s,
        buffer_octets=max(4_000, int(kbit_s * 250 / 8)),
        delay_ms=10,
        jitter_ms=1,
    )


def troubled(seed: int) -> Troubled:
    """Tokens of 8 to 32 kB, 20 kB of buffer, ATM cells, 5 ms of jitter, 2 % of loss: each with a
    chance of two thirds, and a wrong expectation with one of a half. Tokens pass at once, or at
    1.1 to 2 times the line's rate; they are unknown, held for none, or for half of what they are.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret

    def often() -> bool:
        return chance.random() < 2 / 3

    kbit_s = chance.choice(RATES_KBIT_S)
    direction = Direction(
        kbit_s=kbit_s,
        buffer_octets=20_000 if often() else ordinary(kbit_s).buffer_octets,
        delay_ms=10,
        jitter_ms=5 if often() else chance.choice((0.0, 1.0)),
        loss_ratio=0.02 if often() else 0.0,
        cell_tax="atm" if often() else "none",
        burst_octets=chance.randrange(8_192, 32_769) if often() else 0,
    )
    expected = chance.choice((1, 1, 1, 0.5, 0.85, 1.15, 2))
    if often():
        direction = replace(
            direction, link_kbit_s=chance.choice((1.1, chance.uniform(1.1, 2))) * kbit_s
        )
    known = chance.choice((None, 0, direction.burst_octets // 2))
    return Troubled(direction, expected if known is None else 1, known)
