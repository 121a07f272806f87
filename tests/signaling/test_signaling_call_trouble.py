"""The call machine in virtual time: cuts, restarts, and who is to blame."""

from __future__ import annotations

from datetime import timedelta

import pytest
from call_story import ANA, ANA_2, PLACE, Story, offer

from signaling.protocol import messages as m
from signaling.session.effects import ToKiosk, ToPeople


def test_a_cut_is_told_to_both_and_the_old_connection_may_revive() -> None:
    story = Story().connected()
    story.effects.clear()
    story.cut()
    assert story.sent(m.CallState, ToKiosk)[-1].call.state == "interrupted"
    assert story.sent(m.CallState, ToPeople)[-1].call.gives_up_at == story.now + timedelta(
        seconds=180
    )
    story.sleep(0.2)
    story.then(story.call.tab_media(ANA, 1, story.now, flowing=True))
    assert story.call.state == "connected"
    story.sleep(60)
    assert story.generations() == []


def test_while_interrupted_a_new_generation_every_three_seconds_without_steps() -> None:
    story = Story().connected()
    story.effects.clear()
    story.cut()
    story.sleep(0.3)
    assert story.generations() == [2]
    story.sleep(3)
    assert story.generations() == [2, 3]
    story.sleep(2)
    story.then(story.call.offer(ANA, offer(3), story.now))
    story.sleep(2.9)
    assert story.generations() == [2, 3]
    assert story.sent(m.CallState)[-1].call.attempts == 2


def test_an_old_connection_that_revives_counts_while_a_new_one_is_tried() -> None:
    story = Story().connected()
    story.cut()
    story.sleep(4)
    story.flows(1)
    assert story.call.state == "connected"
    assert story.call.card(for_agent=True).attempts == 0


@pytest.mark.parametrize("cut_s", [5, 30, 120])
def test_after_a_cut_media_is_tried_at_once_when_the_kiosk_is_back(cut_s: float) -> None:
    story = Story().connected()
    story.then(story.call.kiosk_lost(story.now, closed=False))
    story.cut()
    story.sleep(cut_s)
    story.then(story.call.kiosk_back(story.now))
    story.effects.clear()
    story.then(story.call.kiosk_media(1, story.now, flowing=False))
    story.sleep(0.3)
    assert len(story.generations()) == 1


def test_a_kiosk_that_restarts_in_mid_call_gets_a_new_generation() -> None:
    story = Story().connected()
    story.then(story.call.say(ANA, "Un instant", story.now))
    story.then(story.call.kiosk_lost(story.now, closed=True))
    story.cut()
    story.sleep(10)
    story.effects.clear()
    story.then(story.call.kiosk_back(story.now))
    assert story.sent(m.Say)[0].text == "Un instant"
    story.then(story.call.kiosk_media(1, story.now, flowing=False))
    story.sleep(0.3)
    assert story.generations() == [2]
    story.flows(2)
    assert story.call.state == "connected"


def test_a_kiosk_that_comes_back_and_says_nothing_receives_nothing() -> None:
    story = Story().connected()
    story.then(story.call.kiosk_lost(story.now, closed=True))
    story.then(story.call.kiosk_back(story.now))
    assert story.call.state == "connected"
    story.sleep(2)
    assert story.call.state == "interrupted"


def test_signaling_alone_lost_and_back_disturbs_nothing() -> None:
    story = Story().connected()
    story.then(story.call.kiosk_lost(story.now, closed=False))
    story.sleep(600)
    assert story.call.state == "connected"
    story.then(story.call.kiosk_back(story.now))
    story.then(story.call.kiosk_media(1, story.now, flowing=True))
    story.sleep(60)
    assert story.call.state == "connected"
    assert story.generations() == [1]


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        ("nobody", "line_fault"),
        ("kiosk silent", "line_fault"),
        ("kiosk closed", "kiosk_fault"),
        ("tab", "agent_lost"),
    ],
)
def test_after_its_time_an_interrupted_call_ends_and_says_whose_fault(
    lost: str, reason: str
) -> None:
    story = Story().connected()
    if lost.startswith("kiosk"):
        story.then(story.call.kiosk_lost(story.now, closed=lost.endswith("closed")))
    story.then(story.call.kiosk_media(1, story.now, flowing=False))
    if lost == "tab":
        story.then(story.call.tab_lost(ANA, story.now, closed=True))
    story.sleep(179)
    assert story.call.state == "interrupted"
    story.sleep(1)
    assert story.facts[-1].end_reason == reason
    assert {ended.fallback_phone for ended in story.sent(m.Ended)} == {"3230"}
    assert story.call.get_timer() is None


def test_a_hub_that_restarts_finds_media_flowing_and_orders_nothing() -> None:
    story = Story().connected().restarted()
    assert story.call.state == "interrupted"
    story.sleep(8)
    story.then(story.call.kiosk_back(story.now))
    story.then(story.call.kiosk_media(1, story.now, flowing=True))
    story.sleep(5)
    story.then(story.call.tab_media(ANA_2, 1, story.now, flowing=True))
    assert story.call.state == "connected"
    assert story.call.tab == ANA_2
    story.sleep(60)
    assert story.generations() == []


def test_a_hub_that_restarts_repairs_what_does_not_flow() -> None:
    story = Story().connected().restarted()
    story.then(story.call.kiosk_back(story.now))
    story.then(story.call.kiosk_media(1, story.now, flowing=True))
    story.then(story.call.tab_media(ANA, 1, story.now, flowing=False))
    story.sleep(0.3)
    assert story.generations() == [2]


def test_a_hub_away_for_long_leaves_time_to_come_back() -> None:
    story = Story().connected()
    story.cut()
    story.now += timedelta(hours=1)
    again = story.restarted()
    again.sleep(29)
    assert again.call.state == "interrupted"
    again.sleep(1)
    assert again.call.over


def test_a_waiting_call_is_restored_with_its_please_wait() -> None:
    story = Story().waiting()
    story.then(story.call.make_wait(20, story.now))
    again = story.restarted()
    assert again.call.state == "waiting"
    again.sleep(60)
    again.then(again.call.kiosk_back(again.now))
    again.then(again.call.placed(PLACE, again.now))
    assert again.call.card(for_agent=False).place.asked_to_wait_minutes == 19
