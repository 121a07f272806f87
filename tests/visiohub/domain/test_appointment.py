from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.protocol.cards import EndReason
from visiohub.domain.appointment import TRANSITIONS, after_call, comes_from, may_become, unmet
from visiohub.domain.hours import zone_of
from visiohub.domain.model import AppointmentState as State
from visiohub.domain.model import CallEnd
from visiohub.domain.record import blend

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = START + timedelta(minutes=30)
instants = st.integers(-60, 90).map(lambda n: START + timedelta(minutes=n))


def test_every_state_has_its_line() -> None:
    assert set(TRANSITIONS) == set(State)


def test_a_way_through() -> None:
    way = [State.BOOKED, State.CONFIRMED, State.ARRIVED, State.IN_CALL, State.DONE]
    assert all(may_become(a, b) for a, b in pairwise(way))
    assert not may_become(State.BOOKED, State.DONE)
    assert not may_become(State.CANCELLED, State.BOOKED)


@given(st.lists(st.tuples(instants, instants).map(lambda t: (min(t), max(t))), max_size=5))
def test_a_fault_is_never_an_absence(away: list[tuple[datetime, datetime]]) -> None:
    state, cause = unmet(START, END, arrived=False, away=away)
    was_away_at_start = any(began <= START < ended for began, ended in away)
    if was_away_at_start:
        assert (state, cause) == (State.LOST, "line_fault")
    assert (state is State.LOST) == (cause is not None)
    if not any(began < END and ended > START for began, ended in away):
        assert state is State.NO_SHOW


def test_away_for_half_of_it_is_a_fault() -> None:
    away = [(START + timedelta(minutes=10), START + timedelta(minutes=25))]
    assert unmet(START, END, arrived=False, away=away) == (State.LOST, "line_fault")
    away = [(START + timedelta(minutes=10), START + timedelta(minutes=24))]
    assert unmet(START, END, arrived=False, away=away) == (State.NO_SHOW, None)


def test_who_came_is_never_absent() -> None:
    assert unmet(START, END, arrived=True, away=[]) == (State.LOST, "agent_absent")


@pytest.mark.parametrize("reason", get_args(EndReason))
@pytest.mark.parametrize("was_in_call", [False, True])
@pytest.mark.parametrize("connected", [False, True])
def test_every_end_leads_to_a_drawn_step(reason: str, was_in_call: bool, connected: bool) -> None:
    before = State.IN_CALL if was_in_call else State.ARRIVED
    state, cause = after_call(reason, was_in_call=was_in_call, connected=connected)
    assert state is not State.NO_SHOW
    assert (state is State.LOST) == (cause is not None)
    if not was_in_call and reason == "hung_up_by_agent":
        return  # an agent cannot hang up before admitting
    if was_in_call and reason == "refused":
        return  # nor refuse after
    assert may_become(before, state)


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0.1, 60)), min_size=1, max_size=50),
)
def test_reports_are_blended_by_the_time_they_speak_of(reports: list[tuple[float, float]]) -> None:
    end, covered_s = CallEnd(), 0.0
    for rate, lasted_s in reports:
        covered_s += lasted_s
        end = blend(end, CallEnd(sent_kbit_s=rate, video_codec="VP8", rtt_ms=rate), covered_s)
    assert end.samples == len(reports)
    mean = sum(rate * lasted_s for rate, lasted_s in reports) / covered_s
    assert end.sent_kbit_s == pytest.approx(mean, abs=1e-6)
    assert end.video_codec == "VP8"


def test_a_short_report_does_not_count_as_much_as_a_long_one() -> None:
    """3 freezes in 8 s are 22.5 a minute, whatever pieces they are told in."""
    end = blend(CallEnd(), CallEnd(freezes_per_minute=60.0), 2.0)
    end = blend(end, CallEnd(freezes_per_minute=12.0), 7.0)
    end = blend(end, CallEnd(freezes_per_minute=0.0), 8.0)
    assert end.freezes_per_minute == pytest.approx(3 * 60 / 8)


def test_a_report_before_any_time_went_by_is_taken_as_it_is() -> None:
    end = blend(CallEnd(), CallEnd(sent_kbit_s=500.0), 0.0)
    assert end.sent_kbit_s == 500.0
    assert blend(end, CallEnd(sent_kbit_s=100.0), 5.0).sent_kbit_s == 100.0


def test_a_report_without_rtt_or_codec_keeps_what_was_known() -> None:
    end = blend(blend(CallEnd(), CallEnd(rtt_ms=40.0, audio_codec="opus"), 5.0), CallEnd(), 10.0)
    assert (end.rtt_ms, end.audio_codec) == (40.0, "opus")


def test_just_after_midnight_one_may_come_before_it() -> None:
    starts = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
    early = timedelta(minutes=30)
    assert comes_from(starts, zone_of("Europe/Paris"), early) == starts - early
