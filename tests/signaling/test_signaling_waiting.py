"""The call machine before the call: who is told, who admits, who waits; in virtual time."""

from __future__ import annotations

import pytest
from call_story import ANA, BEN, PLACE, Story, offer

from signaling.errors import SignalingError
from signaling.protocol import messages as m
from signaling.session.effects import Record, Send, ToKiosk, ToPeople


def test_everything_is_recorded_before_it_is_told() -> None:
    story = Story().connected()
    kinds = [type(effect) for effect in story.effects]
    assert kinds[0] is Record
    states = [fact.state for fact in story.facts]
    assert states == ["waiting", "admitted", "negotiating", "connected"]


def test_initials_go_to_agents_alone() -> None:
    story = Story().connected()
    to_kiosk = story.sent(m.CallState, ToKiosk)
    to_people = story.sent(m.CallState, ToPeople)
    assert {state.call.citizen for state in to_kiosk} == {""}
    assert {state.call.citizen for state in to_people} == {"M. D."}


def test_who_did_not_admit_hears_once_that_it_is_taken_and_then_no_more() -> None:
    story = Story().waiting()
    story.effects.clear()
    story.then(story.call.admit(ANA, story.call.ticket, story.now))
    story.flows(1)
    to_ben = [
        effect.message
        for effect in story.effects
        if isinstance(effect, Send)
        and isinstance(effect.to, ToPeople)
        and "ben" in effect.to.person_ids
    ]
    assert [message.call.state for message in to_ben] == ["admitted"]
    assert story.call.may_see("ana")
    assert not story.call.may_see("ben")


def test_two_agents_admit_one_wins() -> None:
    story = Story().negotiating()
    with pytest.raises(SignalingError, match="call_taken"):
        story.call.admit(BEN, story.call.ticket, story.now)


def test_those_who_may_admit_now_get_the_card_and_the_others_hear_no_more() -> None:
    story = Story().waiting()
    assert story.call.staff_changed(frozenset({"ana", "ben"}), story.now) == []
    story.effects.clear()
    story.then(story.call.staff_changed(frozenset({"ben", "eve"}), story.now))
    told = {p for e in story.effects if isinstance(e.to, ToPeople) for p in e.to.person_ids}
    assert told == {"ben", "eve"}
    assert not story.call.may_see("ana")
    assert story.call.may_see("eve")


def test_a_held_call_ends_when_its_agent_may_no_longer_hold_it() -> None:
    story = Story().connected()
    story.then(story.call.staff_changed(frozenset({"ana"}), story.now))
    assert story.call.state == "connected"
    story.then(story.call.staff_changed(frozenset({"ben"}), story.now))
    assert (story.call.state, story.facts[-1].end_reason) == ("ended", "agent_lost")
    assert story.call.staff_changed(frozenset({"ana"}), story.now) == []


def test_please_wait_counts_down_and_moves_the_limit() -> None:
    story = Story().waiting()
    story.then(story.call.make_wait(40, story.now))
    story.sleep(25.5 * 60)
    story.then(story.call.placed(PLACE, story.now))
    assert story.sent(m.CallState)[-1].call.place.asked_to_wait_minutes == 15
    story.sleep(10 * 60)
    assert story.call.state == "waiting"
    story.sleep(8 * 60)
    assert story.facts[-1].end_reason == "agent_absent"


def test_an_unchanged_place_is_not_told_again() -> None:
    story = Story().waiting()
    assert story.call.placed(PLACE, story.now) == []
    assert story.call.placed(PLACE.model_copy(update={"people_before": 2}), story.now)


def test_a_refusal_says_why_to_both() -> None:
    story = Story().waiting()
    story.then(story.call.refuse("by_phone", "Nous vous appelons.", story.now))
    for ended in story.sent(m.Ended):
        assert (ended.reason, ended.refusal, ended.text) == (
            "refused",
            "by_phone",
            "Nous vous appelons.",
        )
    assert (story.facts[-1].refusal, story.facts[-1].refusal_text) == (
        "by_phone",
        "Nous vous appelons.",
    )


def test_a_waiting_citizen_keeps_the_place_while_the_line_is_cut() -> None:
    story = Story().waiting()
    story.then(story.call.kiosk_lost(story.now, closed=False))
    assert not story.sent(m.CallState, ToPeople)[-1].call.kiosk_here
    story.sleep(170)
    story.then(story.call.kiosk_back(story.now))
    story.sleep(600)
    assert story.call.state == "waiting"


@pytest.mark.parametrize(("closed", "reason"), [(False, "line_fault"), (True, "kiosk_fault")])
def test_a_waiting_kiosk_that_stays_away_ends_the_call(closed: bool, reason: str) -> None:
    story = Story().waiting()
    story.then(story.call.kiosk_lost(story.now, closed=closed))
    story.sleep(180)
    assert story.facts[-1].end_reason == reason


def test_nobody_can_do_in_the_waiting_room_what_needs_a_call() -> None:
    story = Story().waiting()
    for attempt in (
        lambda: story.call.say(ANA, "x", story.now),
        lambda: story.call.offer(ANA, offer(1), story.now),
        lambda: story.call.kiosk_media(0, story.now, flowing=False),
        lambda: story.call.take_over(ANA, story.now),
        lambda: story.call.agent_hangs_up(ANA, story.now),
    ):
        with pytest.raises(SignalingError, match="not_now"):
            attempt()
