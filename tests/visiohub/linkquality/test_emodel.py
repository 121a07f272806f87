"""The E-model against the recommendations' own figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality import emodel
from visiohub.linkquality.emodel import (
    G711,
    G711_PLC,
    G729A,
    OPUS_SUPERWIDE,
    OPUS_WIDE,
    Band,
    delay_impairment,
    equipment_impairment,
    mos,
    rate,
)


@pytest.mark.parametrize(
    ("r", "expected"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_mos_is_that_of_g107_table_b1(r: float, expected: float) -> None:
    # The table's second decimal is not always the formula's: that gives 4.024 at 80.
    assert mos(r) == pytest.approx(expected, abs=0.01)


def test_the_default_connection_is_93_2_and_4_41() -> None:
    rating = rate(G711, 0, 0)
    assert rating.r == rating.r_narrow == 93.2
    assert rating.mos == pytest.approx(4.41, abs=0.005)


def test_mos_ends_at_1_and_4_5() -> None:
    assert (mos(-3), mos(0), mos(100), mos(140)) == (1, 1, 4.5, 4.5)
    assert all(mos(r / 10) >= 1 for r in range(100))


@pytest.mark.parametrize(
    ("delay_ms", "idd"),
    # By hand from (7-27): X = 1 at 200 ms, 2 at 400 ms.
    [(0, 0), (100, 0), (200, 25 * (2 ** (1 / 6) - 3 * (1 + 3**-6) ** (1 / 6) + 2)),
     (400, 25 * (65 ** (1 / 6) - 3 * (1 + (2 / 3) ** 6) ** (1 / 6) + 2))],
)  # fmt: skip
def test_delay_impairs_as_in_g107(delay_ms: float, idd: float) -> None:
    assert delay_impairment(delay_ms) == pytest.approx(idd)


def test_a_delay_of_400_ms_is_what_g114_calls_the_limit_of_planning() -> None:
    assert delay_impairment(150) < 1
    assert 20 < delay_impairment(400) < 26


def test_loss_impairs_as_in_g107() -> None:
    assert equipment_impairment(G711_PLC, 0.01) == pytest.approx(95 / 26.1)
    assert equipment_impairment(G729A, 0.02) == pytest.approx(11 + 84 * 2 / 21)
    assert equipment_impairment(G711, 0.02, 2) == pytest.approx(95 * 2 / (1 + 4.3))


def test_wide_bands_are_rated_on_their_own_scale() -> None:
    wide = rate(OPUS_WIDE, 0, 0)
    assert wide.r == pytest.approx(129 - 23.3)
    assert wide.r_narrow == pytest.approx(wide.r / 1.29)
    assert Band.FULL.best / Band.FULL.scale == pytest.approx(100)
    late = rate(OPUS_WIDE, 400, 0)
    assert late.r_narrow == pytest.approx(wide.r_narrow - delay_impairment(400))
    full = emodel.Codec(Band.FULL, ie=10, bpl=20)
    assert equipment_impairment(full, 0.01) == pytest.approx(10 + 122 / 21)
    assert not OPUS_WIDE.official
    assert not OPUS_SUPERWIDE.official


@given(
    st.sampled_from([G711, G711_PLC, G729A, OPUS_WIDE, OPUS_SUPERWIDE]),
    st.floats(0, 5_000), st.floats(0, 1), st.floats(1, 50), st.floats(1, 500),
)  # fmt: skip
def test_worse_lines_are_never_rated_better(
    codec: emodel.Codec, delay_ms: float, loss: float, burst: float, more: float
) -> None:
    rating = rate(codec, delay_ms, loss, burst)
    assert 1 <= rating.mos <= 4.5
    assert rate(codec, delay_ms + more, loss, burst).r <= rating.r + 1e-9
    assert rate(codec, delay_ms, min(1, loss * (1 + more)), burst).r <= rating.r + 1e-9
    assert rate(codec, delay_ms, loss, burst * (1 + more)).r <= rating.r + 1e-9


@pytest.mark.parametrize("wrong", [(-1, 0, 1), (0, 1.1, 1), (0, 0, 0.5)])
def test_what_cannot_be_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="needed"):
        rate(G711, *wrong)
