"""The citizen waits and talks; in virtual time."""

from __future__ import annotations

import pytest
from lifecycle_kiosk import Kiosk, card

from kiosk.quality import Glimpse
from kiosk.scene import Do, Mute, Ring, Screen, StartAnswer, Volume
from signaling.protocol.messages import (
    CallState,
    Ended,
    Media,
    Offer,
    Say,
)


def test_who_waits_is_not_on_the_line(kiosk: Kiosk) -> None:
    told = []
    for state in ("waiting", "admitted", "negotiating", "connected", "ended"):
        kiosk.hear(CallState(call=card(state)))
        told.append((kiosk.life.in_call, kiosk.life.on_the_line))
    assert told == [(True, False), (True, True), (True, True), (True, True), (False, False)]


def test_it_rings_when_admitted_and_stops_when_media_flows(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    assert kiosk.scene.screen is Screen.WAITING
    kiosk.hear(CallState(call=card("admitted")))
    assert kiosk.effects[-1] == Ring(True)
    assert kiosk.scene.screen is Screen.ADMITTED
    kiosk.hear(Offer(call_id="c1", generation=1, sdp="v=0"))
    assert kiosk.effects[-1] == StartAnswer("c1", 1, "v=0", ())
    kiosk.effects += kiosk.life.media_flows(1, kiosk.now)
    assert Ring(False) in kiosk.effects
    assert kiosk.sent(Media) == [Media(call_id="c1", generation=1, flowing=True)]


@pytest.mark.parametrize("comes", [True, False])
def test_the_call_is_shown_with_its_first_sound_and_awaits_its_picture(
    kiosk: Kiosk, *, comes: bool
) -> None:
    kiosk.hear(CallState(call=card("negotiating")))
    assert kiosk.scene.screen is Screen.ADMITTED
    kiosk.life.media_flows(1, kiosk.now)
    assert kiosk.scene.screen is Screen.CALL, "the first picture finds its screen there"
    kiosk.hear(CallState(call=card("connected")))
    kiosk.pass_time(0.5)
    assert kiosk.scene.picture_awaited
    if comes:
        kiosk.life.picture(kiosk.now)
    else:
        kiosk.pass_time(1.4)
        assert kiosk.scene.picture_awaited, "it is not said to pass meanwhile"
        kiosk.pass_time(0.2)
        assert not kiosk.scene.far_picture
    assert kiosk.scene.screen is Screen.CALL
    assert not kiosk.scene.picture_awaited


def test_after_a_silence_the_picture_is_awaited_anew(in_call: Kiosk) -> None:
    in_call.life.media_silent(1, in_call.now)
    in_call.pass_time(3)
    in_call.life.media_flows(2, in_call.now)
    assert in_call.scene.screen is Screen.CALL
    assert in_call.scene.picture_awaited
    assert not in_call.scene.far_picture, "nor is it said to pass before it does"
    in_call.life.media_flows(3, in_call.now + 1)
    in_call.pass_time(2)
    assert not in_call.scene.picture_awaited, "another connection makes nobody wait longer"


def test_messages_of_another_call_change_nothing(in_call: Kiosk) -> None:
    for message in (
        Say(call_id="other", text="?"),
        Offer(call_id="other", generation=2, sdp="v=0"),
        Ended(call_id="other", reason="line_fault"),
    ):
        in_call.hear(message)
    assert in_call.effects == []
    assert in_call.scene.said == ""


def test_the_agents_text_is_shown_and_cleared(in_call: Kiosk) -> None:
    in_call.hear(Say(call_id="c1", text="Page deux"))
    assert in_call.scene.said == "Page deux"
    in_call.hear(Say(call_id="c1", text=""))
    assert in_call.scene.said == ""


def test_what_stands_when_the_hub_comes_back_keeps_its_hour(in_call: Kiosk) -> None:
    sentence = Say(call_id="c1", text="Page deux")
    in_call.hear(sentence)
    said_at = in_call.scene.said_at
    for repeats in (1, 2):
        in_call.pass_time(30)
        in_call.life.link_lost(in_call.now)
        in_call.welcome(card("connected"))
        in_call.hear(sentence)
        assert (in_call.scene.said, in_call.scene.said_at) == ("Page deux", said_at), repeats
    in_call.pass_time(30)
    in_call.hear(sentence)
    assert in_call.scene.said_at != said_at, "the agent has said it once more"


def test_muting_and_volume(in_call: Kiosk) -> None:
    in_call.do(Do.MUTE)
    for _ in range(9):
        in_call.do(Do.LOUDER)
    assert in_call.effects[0] == Mute(True)
    assert in_call.effects[-1] == Volume(10)
    assert in_call.scene.volume == 10


def test_silence_is_shown_at_once_without_the_hub(in_call: Kiosk) -> None:
    in_call.life.link_lost(in_call.now)
    assert in_call.scene.screen is Screen.CALL, "media goes on while the hub is away"
    in_call.effects += in_call.life.media_silent(1, in_call.now)
    assert in_call.scene.screen is Screen.INTERRUPTED
    in_call.effects += in_call.life.media_flows(1, in_call.now)
    assert in_call.scene.screen is Screen.CALL


def test_the_hub_tells_of_a_cut_on_the_other_side(in_call: Kiosk) -> None:
    since = in_call.scene.time
    in_call.hear(CallState(call=card("interrupted", interrupted_at=since, attempts=2)))
    assert in_call.scene.screen is Screen.INTERRUPTED
    assert in_call.scene.interrupted_since == since
    in_call.hear(CallState(call=card("connected", generation=2)))
    assert in_call.scene.screen is Screen.CALL


def test_an_older_connection_that_falls_silent_does_not_matter(in_call: Kiosk) -> None:
    in_call.life.media_flows(2, in_call.now)
    assert in_call.life.media_silent(1, in_call.now) == []
    assert in_call.scene.screen is Screen.CALL


def test_sound_before_the_first_picture_is_no_lack_of_picture(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("negotiating")))
    kiosk.life.media_flows(1, kiosk.now)
    assert kiosk.scene.picture_awaited
    kiosk.pass_time(3)
    assert not kiosk.scene.picture_awaited
    kiosk.life.media_flows(2, kiosk.now)
    assert not kiosk.scene.far_picture, "another connection does not bring one back"
    assert not kiosk.scene.picture_awaited


def test_a_picture_that_stops_leaves_the_sound(in_call: Kiosk) -> None:
    in_call.life.picture(in_call.now)
    assert in_call.scene.far_picture
    in_call.pass_time(3)
    assert not in_call.scene.far_picture
    assert in_call.scene.picture_lately, "it may be back at once"
    in_call.pass_time(8)
    assert not in_call.scene.picture_lately


def test_the_words_of_quality_are_of_this_side_of_a_silence(in_call: Kiosk) -> None:
    slow = Glimpse(360, 0.06, 0.0, 0.0, rtt_ms=None)
    for _ in range(2):
        in_call.life.glimpse(slow)
    assert in_call.scene.quality == "slow"
    in_call.life.media_silent(1, in_call.now)
    in_call.life.glimpse(slow)
    in_call.life.media_flows(2, in_call.now)
    assert in_call.scene.quality is None


def test_the_microphone_is_said_to_hear_only_when_it_did(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    assert not kiosk.scene.heard
    kiosk.life.heard(kiosk.now)
    assert kiosk.scene.heard
    kiosk.pass_time(21)
    assert not kiosk.scene.heard


def test_a_line_is_slow_when_all_its_last_answers_were(kiosk: Kiosk) -> None:
    kiosk.life.hub_answered(0.9)
    assert kiosk.scene.line_slow
    kiosk.life.hub_answered(0.1)
    assert not kiosk.scene.line_slow
    for _ in range(3):
        kiosk.life.hub_answered(0.7)
    assert kiosk.scene.line_slow
    kiosk.welcome()
    assert not kiosk.scene.line_slow, "a new connection is a new line"
