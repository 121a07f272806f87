"""The call machine in virtual time: every event, loss and return is scripted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from signaling_lab import SDP, ticket

from signaling.errors import SignalingError
from signaling.ports import CallFact, UnfinishedCall
from signaling.protocol import messages as m
from signaling.protocol.cards import PlaceCard
from signaling.session.call import Call
from signaling.session.effects import Effect, Record, Send, Tab, ToKiosk, ToPeople, ToTab
from signaling.session.timings import CallTimings

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLACE = PlaceCard(agent_told=True, people_before=0, wait_minutes=None)
ANA, ANA_2, BEN = Tab("ana", "t1"), Tab("ana", "t2"), Tab("ben", "t1")


class Story:
    """A call, its clock, and everything that it asked for."""

    def __init__(self, call: Call | None = None) -> None:
        self.now = START
        self.call = call or Call(ticket(people=("ana", "ben")), CallTimings(), self.now)
        self.effects: list[Effect] = []

    def then(self, effects: list[Effect]) -> list[Effect]:
        self.effects += effects
        return effects

    def sleep(self, seconds: float) -> list[Effect]:
        """Time passes; what is due on the way is done when it is due."""
        until, passed = self.now + timedelta(seconds=seconds), []
        while (due := self.call.get_timer()) is not None and due <= until:
            self.now = max(self.now, due)
            passed += self.call.handle_timer(self.now)
        self.now = until
        return self.then(passed)

    def waiting(self) -> Story:
        self.then(self.call.open(PLACE, self.now))
        return self

    def negotiating(self) -> Story:
        self.waiting()
        self.then(self.call.admit(ANA, self.call.ticket, self.now))
        return self

    def connected(self) -> Story:
        self.negotiating()
        self.flows(1)
        return self

    def flows(self, generation: int) -> None:
        self.then(self.call.kiosk_media(generation, self.now, flowing=True))
        self.then(self.call.tab_media(ANA, generation, self.now, flowing=True))

    def cut(self) -> None:
        """The line: both ends hear nothing of the other, H hears nothing of K."""
        self.then(self.call.tab_media(ANA, self.call.generation, self.now, flowing=False))

    @property
    def facts(self) -> list[CallFact]:
        return [effect.fact for effect in self.effects if isinstance(effect, Record)]

    def sent(self, kind: type, to: type | None = None) -> list[m.FromHub]:
        sends = (effect for effect in self.effects if isinstance(effect, Send))
        return [
            s.message
            for s in sends
            if isinstance(s.message, kind) and (to is None or isinstance(s.to, to))
        ]

    def generations(self) -> list[int]:
        return [order.generation for order in self.sent(m.Negotiate)]

    def restarted(self) -> Story:
        """kill -9 the hub: what was recorded is all that is left."""
        unfinished = UnfinishedCall(self.call.ticket, self.facts[-1], START)
        story = Story(Call.restore(unfinished, CallTimings(), self.now))
        story.now = self.now
        return story


def offer(generation: int) -> m.Offer:
    return m.Offer(call_id="c1", generation=generation, sdp=SDP, ice_servers=[])


def answer(generation: int) -> m.Answer:
    return m.Answer(call_id="c1", generation=generation, sdp=SDP)


def candidate(generation: int) -> m.Candidate:
    return m.Candidate(call_id="c1", generation=generation, candidate="")


# --- waiting --------------------------------------------------------------------------------


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


# --- negotiation ----------------------------------------------------------------------------


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


# --- trouble --------------------------------------------------------------------------------


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


# --- tabs and ends --------------------------------------------------------------------------


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
