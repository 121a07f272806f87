from __future__ import annotations

import pytest
from hub_world import NOW

from visiohub.domain.line import Figures
from visiohub.domain.line_figures import together


def test_of_several_minutes_the_ends_are_the_worst_and_the_middle_the_mean_by_probes() -> None:
    first = Figures(NOW, sent=30, rtt_p5=10.0, rtt_p50=20.0, rtt_p95=30.0, rtt_p99=90.0)
    second = Figures(NOW, sent=12, lost=2, rtt_p5=8.0, rtt_p50=40.0, rtt_p95=50.0, rtt_p99=60.0)
    merged = together(NOW, [first, second, Figures(NOW, sent=20, lost=20)])
    assert merged.rtt_p5 == 8.0
    assert merged.rtt_p50 == pytest.approx(25.0)
    assert merged.rtt_p95 == pytest.approx(35.0)
    assert merged.rtt_p99 == 90.0
    assert (merged.sent, merged.lost, merged.minutes) == (62, 22, 3)
