from __future__ import annotations

import random

import pytest
from hub_world import NOW

from visiohub.domain.line import Figures
from visiohub.domain.line_figures import counted, together
from visiohub.linkquality import histogram

SEED = 20_261_121


def test_of_several_minutes_the_ends_are_the_worst_and_the_middle_the_mean_by_probes() -> None:
    first = Figures(NOW, sent=30, rtt_p5=10.0, rtt_p50=20.0, rtt_p95=30.0, rtt_p99=90.0)
    second = Figures(NOW, sent=12, lost=2, rtt_p5=8.0, rtt_p50=40.0, rtt_p95=50.0, rtt_p99=60.0)
    merged = together(NOW, [first, second, Figures(NOW, sent=20, lost=20)])
    assert merged.rtt_p5 == 8.0
    assert merged.rtt_p50 == pytest.approx(25.0)
    assert merged.rtt_p95 == pytest.approx(35.0)
    assert merged.rtt_p99 == 90.0
    assert (merged.sent, merged.lost, merged.minutes) == (62, 22, 3)


def test_percentiles_of_many_minutes_are_those_of_all_their_probes() -> None:
    chance = random.Random(SEED)
    delays = [
        [30 + 10 * n % 7 + chance.expovariate(1 / (5 + n)) for _ in range(20)] for n in range(96)
    ]
    minutes = [Figures(NOW, sent=20, **counted(histogram.count(minute))) for minute in delays]
    quarters = [together(NOW, minutes[first : first + 15]) for first in range(0, 96, 15)]
    day = together(NOW, [*quarters, Figures(NOW, sent=20, lost=20)])
    ranked = sorted(delay for minute in delays for delay in minute)
    for name, share in (("p5", 5), ("p25", 25), ("p50", 50), ("p75", 75), ("p95", 95), ("p99", 99)):
        true = ranked[int(share * len(ranked) / 100)]
        assert getattr(day, f"rtt_{name}") == pytest.approx(true, rel=0.03), f"seed {SEED}: {name}"
    assert together(NOW, quarters).rtt_counts == together(NOW, minutes).rtt_counts


def test_a_minute_without_counts_leaves_its_quarter_without_them() -> None:
    counted_one = Figures(NOW, sent=20, **counted(histogram.count([30.0] * 20)))
    plain = Figures(NOW, sent=20, rtt_p5=10.0, rtt_p50=20.0, rtt_p95=30.0, rtt_p99=90.0)
    merged = together(NOW, [counted_one, plain])
    assert (merged.rtt_p5, merged.rtt_p25, merged.rtt_counts) == (10.0, None, None)
