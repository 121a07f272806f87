"""The call machine in virtual time: negotiation, tabs and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from call_story import ANA, ANA_2, BEN, START, Story, answer, candidate, offer

from signaling.errors import SignalingError
from signaling.protocol import messages as m
from signaling.session.effects import Send, ToKiosk, ToTab

# --- negotiation -------------------------------------------------------------------------


def test_offer_answer_and_candidates_pass_to_the_other_end_alone() -> None:
    story = Story().negotiating()
    assert story.call.offer(ANA, offer(1), story.now) == [Send(ToKiosk("k1"), offer(1))]
    assert story.call.answer(answer(1), story.now) == [Send(ToTab(ANA), answer(1))]
    assert story.call.candidate_from_kiosk(candidate(1)) == [Send(ToTab(ANA), candidate(1))]
    assert story.call.candidate_from(ANA, candidate(1), story.now) == [
        Send(ToKiosk("k1"), candidate(1))
    ]


def test_what_is_of_an_older_generation_is_late_not_wrong() -> None:
    story = Story().connected()
    story.then(story.call.kiosk_renegotiates(1, story.now))
    assert story.generations() == [1, 2]
    assert story.call.offer(ANA, offer(1), story.now) == []
    assert story.call.answer(answer(1), story.now) == []
    assert story.call.candidate_from_kiosk(candidate(1)) == []
    assert story.call.tab_renegotiates(ANA, 1, story.now) == []
    with pytest.raises(SignalingError, match="invalid_field"):
        story.call.answer(answer(3), story.now)


def test_a_first_negotiation_that_stands_still_is_begun_anew_after_eight_seconds() -> None:
    story = Story().negotiating()
    story.sleep(5)
    story.then(story.call.offer(ANA, offer(1), story.now))
    story.sleep(7.9)
    assert story.generations() == [1]
    story.sleep(0.2)
    assert story.generations() == [1, 2]


def test_a_call_that_never_connects_ends() -> None:
    story = Story().negotiating()
    story.sleep(180)
    assert story.facts[-1].end_reason == "line_fault"


def test_admitted_while_the_kiosk_is_away_negotiates_when_it_is_back() -> None:
    story = Story().waiting()
    story.then(story.call.kiosk_lost(story.now, closed=False))
    story.then(story.call.admit(ANA, story.call.ticket, story.now))
    assert story.call.state == "admitted"
    assert story.generations() == []
    story.then(story.call.kiosk_back(story.now))
    story.sleep(2)
    assert story.call.state == "negotiating"
    assert story.generations() == [1]


# --- tabs and ends -----------------------------------------------------------------------


def test_a_second_tab_takes_over_and_the_first_lets_go() -> None:
    story = Story().connected()
    story.effects.clear()
    story.then(story.call.take_over(ANA_2, story.now))
    assert Send(ToTab(ANA), m.Superseded(call_id="c1")) in story.effects
    orders = [
        e for e in story.effects if isinstance(e, Send) and isinstance(e.message, m.Negotiate)
    ]
    assert [order.to for order in orders] == [ToTab(ANA_2)]
    with pytest.raises(SignalingError, match="not_holder"):
        story.call.offer(ANA, offer(2), story.now)
    with pytest.raises(SignalingError, match="not_holder"):
        story.call.say(ANA, "x", story.now)
    assert story.call.tab_lost(ANA, story.now, closed=True) == []


def test_moving_to_another_tab_is_no_cut_of_the_line() -> None:
    story = Story().connected()
    story.effects.clear()
    story.then(story.call.take_over(ANA_2, story.now))
    story.then(story.call.kiosk_media(1, story.now, flowing=False))
    story.then(story.call.kiosk_media(2, story.now, flowing=True))
    story.then(story.call.tab_media(ANA_2, 2, story.now, flowing=True))
    states = [fact.state for fact in story.facts]
    assert "interrupted" not in states
    assert states[-1] == "connected"


def test_a_tab_that_takes_over_and_gets_no_media_is_a_cut() -> None:
    story = Story().connected()
    story.then(story.call.take_over(ANA_2, story.now))
    story.sleep(7)
    assert story.call.state == "negotiating"
    story.sleep(2)
    assert story.call.state == "interrupted"
    assert story.call.generation == 3, "and the next generation is ordered"


def test_a_tab_that_takes_over_is_told_what_stands_on_the_kiosks_screen() -> None:
    story = Story().connected()
    story.then(story.call.say(ANA, "Un instant", story.now))
    story.effects.clear()
    story.then(story.call.take_over(ANA_2, story.now))
    assert Send(ToTab(ANA_2), m.Say(call_id="c1", text="Un instant")) in story.effects


def test_a_kiosk_that_comes_back_learns_that_a_sentence_was_taken_back() -> None:
    story = Story().connected()
    story.then(story.call.kiosk_back(story.now))
    assert story.sent(m.Say, ToKiosk) == [], "nothing was ever said"
    story.then(story.call.say(ANA, "Un instant", story.now))
    story.then(story.call.kiosk_lost(story.now, closed=False))
    story.then(story.call.say(ANA, "", story.now))
    story.effects.clear()
    story.then(story.call.kiosk_back(story.now))
    assert story.sent(m.Say, ToKiosk) == [m.Say(call_id="c1", text="")]


def test_somebody_else_cannot_take_over_or_hang_up() -> None:
    story = Story().connected()
    for attempt in (story.call.take_over, story.call.agent_hangs_up):
        with pytest.raises(SignalingError, match="not_holder"):
            attempt(BEN, story.now)


@pytest.mark.parametrize("state", ["waiting", "negotiating", "connected"])
def test_hanging_up_ends_it_for_both(state: str) -> None:
    story = getattr(Story(), state)()
    story.then(story.call.kiosk_hangs_up(story.now))
    expected = "left_by_citizen" if state == "waiting" else "hung_up_by_citizen"
    assert [ended.reason for ended in story.sent(m.Ended)] == [expected, expected]
    with pytest.raises(SignalingError, match="call_over"):
        story.call.kiosk_hangs_up(story.now)
    assert story.call.revoke(story.now) == []


def test_the_ticket_of_the_admission_holds_but_not_its_identity() -> None:
    story = Story().waiting()
    later = replace(story.call.ticket, until=START + timedelta(hours=1), kiosk_id="k9")
    story.then(story.call.admit(ANA, later, story.now))
    card = story.call.card(for_agent=True)
    assert (card.until, card.kiosk_id) == (START + timedelta(hours=1), "k1")
