"""What happened between two readings: counts that wrap, restart, turn their day, or lie."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import recorded_modems as recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.probes.modem_reading import modem_card
from visiohub.linkquality.modem import Mib, ModemState, Tally, Way, news
from visiohub.linkquality.modem_agents import DRAYTEK, HUAWEI
from visiohub.linkquality.modem_columns import COMMON, IF_LAST_CHANGE, SYS_UPTIME, TABLES
from visiohub.linkquality.modem_tables import modem_state

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
WRAP = 1 << 32


def state(retrains: Tally | None = None, *, ran_s: float = 1000.0, **down: object) -> ModemState:
    return ModemState(Mib.ADSL, ran_s, down=replace(Way(), **down), retrains=retrains)


def test_an_increase() -> None:
    before = state(Tally(4), errored_s=Tally(100), octets=Tally(1000))
    after = state(Tally(6), ran_s=1060, errored_s=Tally(130), octets=Tally(751_000))
    happened = news(before, after, 60)
    assert (happened.retrains, happened.down.errored_s) == (2, 30)
    card = modem_card(AT, before, after, 60, own_octets=(375_000, 0))
    assert card.down.others_kbit_s == 50.0
    assert card.up.others_kbit_s is None


def test_a_count_that_stands_still_is_not_the_lines() -> None:
    """Some modems count nothing of a line that they only bridge."""
    still = state(octets=Tally(7))
    card = modem_card(AT, still, state(ran_s=1060, octets=Tally(7)), 60, own_octets=(9_000, 0))
    assert card.down.others_kbit_s is None


def test_a_count_wraps() -> None:
    before = state(octets=Tally(WRAP - 500))
    assert news(before, state(ran_s=1060, octets=Tally(500)), 60).down.octets == 1000


def test_a_modem_that_started_anew_has_no_increase() -> None:
    before = state(Tally(4), octets=Tally(WRAP - 500))
    happened = news(before, state(Tally(5), ran_s=20, octets=Tally(500)), 60)
    assert (happened.retrains, happened.down.octets) == (None, None)


def test_a_count_that_was_cleared_is_no_wrap() -> None:
    assert news(state(Tally(400)), state(Tally(0), ran_s=1060), 60).retrains is None


def test_a_days_count_begins_anew() -> None:
    before = state(Tally(7, day_s=86_380))
    assert news(before, state(Tally(1, day_s=40), ran_s=1060), 60).retrains is None
    assert news(before, state(Tally(8, day_s=86_399), ran_s=1019), 19).retrains == 1


@pytest.mark.parametrize("elapsed_s", [0.0, -3600.0])
def test_no_time_between_them(elapsed_s: float) -> None:
    assert news(state(Tally(1)), state(Tally(2)), elapsed_s).retrains is None


def test_a_count_that_was_reset_unseen_is_no_traffic_of_others() -> None:
    """Some modems keep their uptime when the line's counters begin anew."""
    rate, before = 8_000.0, 3_000_000_000

    def moved(octets: int, sync: float | None = rate, bits: int = 32) -> int | None:
        first = state(octets=Tally(before, bits=bits), sync_kbit_s=sync)
        then = state(ran_s=1240, octets=Tally(octets, bits=bits), sync_kbit_s=sync)
        return news(first, then, 240).down.octets

    assert moved(1_000_000) is None, "as a wrap it is more than the line carries in 240 s"
    assert moved(before + 200_000_000) == 200_000_000
    assert moved(before + 300_000_000) is None
    assert moved(before + 200_000_000, sync=None) is None, "the count may have gone round"
    assert moved(before + 200_000_000, sync=None, bits=64) == 200_000_000


def test_another_mib_is_another_count() -> None:
    after = replace(state(Tally(9), ran_s=1060), mib=Mib.ADSL2)
    assert news(state(Tally(8)), after, 60).retrains is None


def test_more_than_can_be_is_not_passed_on() -> None:
    assert news(state(errored_s=Tally(0)), state(ran_s=1060, errored_s=Tally(90)), 60) == news(
        state(), state(ran_s=1060), 60
    )


def test_a_card_of_a_first_reading_holds_the_state_alone() -> None:
    known = modem_state(recorded.numbers(recorded.VDSL2))
    assert known is not None
    card = modem_card(AT, None, known, 0.0)
    assert (card.standard, card.down.sync_kbit_s, card.down.snr_db) == ("vdsl2", 52_000.0, 8.4)
    assert (card.retrains, card.down.errored_s, card.down.others_kbit_s) == (None, None, None)


def test_rates_that_fit_no_direction_are_left_out() -> None:
    objects = recorded.numbers(recorded.ADSL2)
    column = (*TABLES[Mib.ADSL2][6], 2)
    known = modem_state(objects | {(*column, 1): 15_900_000, (*column, 2): 15_900_000})
    assert known is not None
    assert (known.down.sync_kbit_s, known.up.sync_kbit_s) == (None, None)


@pytest.mark.parametrize("ticks", [-1, 1 << 32, (1 << 64) - 1])
def test_an_uptime_that_no_agent_can_have_is_none(ticks: int) -> None:
    """The rest of the reading is as good as before."""
    known = modem_state(recorded.numbers(recorded.ADSL))
    odd = modem_state(recorded.numbers(recorded.ADSL) | {(*SYS_UPTIME, 0): ticks})
    assert known is not None
    assert known.line_uptime_s is not None
    assert odd == replace(known, up_since_start_s=None, line_uptime_s=None)
    assert modem_card(AT, known, odd, 240, (0, 0)).uptime_s is None


def test_a_line_that_never_changed_has_no_age() -> None:
    """Agents that do not keep the time of the last change say zero."""
    known = modem_state(recorded.numbers(recorded.ADSL) | {(*IF_LAST_CHANGE, 5): 0})
    assert known is not None
    assert (known.line_is_up, known.line_uptime_s) == (True, None)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([*COMMON, *(c for columns in TABLES.values() for c in columns)]),
            st.just(())
            | st.tuples(st.integers(0, 3))
            | st.tuples(st.integers(0, 3), st.integers(0, 3)),
        ).map(lambda parts: (*parts[0], *parts[1])),
        st.integers(-(2**31), 2**64 - 1) | st.integers(-700, 700),
        max_size=60,
    ),
    st.sampled_from([None, DRAYTEK, HUAWEI]),
)
def test_no_numbers_make_a_false_figure(
    values: dict[tuple[int, ...], int], maker: int | None
) -> None:
    found = modem_state(values, maker)
    if found is None:
        return
    for way in (found.down, found.up):
        assert way.sync_kbit_s is None or 0 < way.sync_kbit_s <= 1_000_000
        assert way.snr_db is None or -64 <= way.snr_db <= 64
        assert way.attenuation_db is None or 0 <= way.attenuation_db <= 127
    modem_card(AT, found, found, 60, (0, 0))
