"""Whatever happens in whatever order, the call machine keeps its promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from signaling_lab import SDP, ticket

from signaling.errors import SignalingError
from signaling.ports import CallFact, UnfinishedCall
from signaling.protocol import messages as m
from signaling.protocol.cards import PlaceCard
from signaling.session.call import Call
from signaling.session.effects import Effect, Record, Send, Tab, ToKiosk, ToTab
from signaling.session.timings import CallTimings

PLACE = PlaceCard(agent_told=True, people_before=0, wait_minutes=None)
TABS = st.sampled_from([Tab("ana", "t1"), Tab("ana", "t2"), Tab("ben", "t1"), Tab("eve", "t1")])
BEFORE = st.integers(0, 2)
"""How many generations ago a message was meant."""

TO_KIOSK_ONLY = (m.Offer, m.AgentDevices)
TO_TAB_ONLY = (m.Negotiate, m.Answer, m.Superseded)


class AnyCall(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.call = Call(ticket(people=("ana", "ben")), CallTimings(), self.now)
        self.last: CallFact | None = None
        self.holder: str | None = None
        self.generation = 0
        self.ended = 0
        self.taken_up = "waiting"
        self.see(self.call.open(PLACE, self.now))

    # --- promises, checked on everything that comes out -------------------------------------

    def see(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Record):
                self.see_fact(effect.fact)
            else:
                self.see_send(effect)

    def see_fact(self, fact: CallFact) -> None:
        assert self.last is None or self.last.state != "ended", "nothing follows the end"
        assert fact.generation >= self.generation, "generations never fall"
        assert self.holder in {None, fact.person_id}, "one holder, for good"
        assert (fact.state == "ended") == (fact.end_reason is not None)
        self.last, self.holder, self.generation = fact, fact.person_id, fact.generation
        self.taken_up = fact.state

    def see_send(self, send: Send) -> None:
        message = send.message
        if isinstance(message, TO_KIOSK_ONLY):
            assert send.to == ToKiosk("k1")
        if isinstance(message, m.Say):
            assert send.to in {ToKiosk("k1"), ToTab(self.call.tab)}
        if isinstance(message, TO_TAB_ONLY):
            assert isinstance(send.to, ToTab)
            assert send.to.tab.person_id == self.call.person_id
        if isinstance(message, m.Negotiate):
            assert message.generation == self.generation, "recorded before it is told"
            assert send.to == ToTab(self.call.tab)
        if isinstance(message, m.CallState):
            assert self.last is not None
            assert message.call.state in {self.last.state, self.taken_up, "admitted"}
            if isinstance(send.to, ToKiosk):
                assert message.call.citizen == ""
            else:
                assert "eve" not in send.to.person_ids
        if isinstance(message, m.Ended):
            assert self.last is not None
            assert self.last.state == "ended"

    def attempt(self, event) -> None:
        before = (self.call.state, self.call.generation, self.call.tab, self.call.person_id)
        try:
            effects = event()
        except SignalingError:
            after = (self.call.state, self.call.generation, self.call.tab, self.call.person_id)
            assert after == before, "a refusal changes nothing"
            return
        self.see(effects)

    @invariant()
    def ended_is_silent(self) -> None:
        if self.call.over:
            assert self.call.get_timer() is None
            assert self.call.handle_timer(self.now + timedelta(days=1)) == []

    @invariant()
    def a_call_cannot_hang_for_ever_unless_connected(self) -> None:
        if not self.call.over and self.call.state != "connected":
            assert self.call.get_timer() is not None

    @invariant()
    def the_card_can_be_drawn(self) -> None:
        for for_agent in (True, False):
            card = self.call.card(for_agent=for_agent)
            assert (card.gives_up_at is not None) == (card.state == "interrupted")
            assert (card.place is not None) <= (card.state == "waiting")

    # --- time -------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.1, 0.3, 1, 2, 3, 8, 30, 180, 2000]))
    def sleep(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        for _ in range(5000):
            due = self.call.get_timer()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.see(self.call.handle_timer(self.now))
            later = self.call.get_timer()
            assert later is None or later > self.now, "a timer that was due is done with"
        else:
            raise AssertionError("timers do not progress")
        self.now = until

    # --- ends -------------------------------------------------------------------------------

    @rule()
    def kiosk_back(self) -> None:
        self.attempt(lambda: self.call.kiosk_back(self.now))

    @precondition(lambda self: self.call.kiosk.here)
    @rule(closed=st.booleans())
    def kiosk_lost(self, closed: bool) -> None:
        self.attempt(lambda: self.call.kiosk_lost(self.now, closed=closed))

    @rule(tab=TABS)
    def tab_back(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.tab_back(tab, self.now))

    @rule(tab=TABS, closed=st.booleans())
    def tab_lost(self, tab: Tab, closed: bool) -> None:
        self.attempt(lambda: self.call.tab_lost(tab, self.now, closed=closed))

    @rule()
    def hub_restarts(self) -> None:
        assert self.last is not None
        if self.call.over:
            return
        unfinished = UnfinishedCall(self.call.ticket, self.last, None)
        self.call = Call.restore(unfinished, CallTimings(), self.now)
        self.taken_up = (
            self.call.state
        )  # a connected one as interrupted, which is no change (§8.10)

    # --- requests ---------------------------------------------------------------------------

    @rule(tab=st.sampled_from([Tab("ana", "t1"), Tab("ben", "t1")]))
    def admit(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.admit(tab, self.call.ticket, self.now))

    @rule(minutes=st.integers(1, 120))
    def make_wait(self, minutes: int) -> None:
        self.attempt(lambda: self.call.make_wait(minutes, self.now))

    @rule(before=st.integers(0, 3))
    def placed(self, before: int) -> None:
        place = PLACE.model_copy(update={"people_before": before})
        self.attempt(lambda: self.call.placed(place, self.now))

    @rule(tab=TABS)
    def take_over(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.take_over(tab, self.now))

    @rule(tab=TABS, before=BEFORE)
    def offer(self, tab: Tab, before: int) -> None:
        number = max(1, self.call.generation - before)
        offer = m.Offer(call_id="c1", generation=number, sdp=SDP, ice_servers=[])
        self.attempt(lambda: self.call.offer(tab, offer, self.now))

    @rule(before=BEFORE)
    def answer(self, before: int) -> None:
        number = max(1, self.call.generation - before)
        answer = m.Answer(call_id="c1", generation=number, sdp=SDP)
        self.attempt(lambda: self.call.answer(answer, self.now))

    @rule(before=BEFORE, flowing=st.booleans())
    def kiosk_media(self, before: int, flowing: bool) -> None:
        number = max(0, self.call.generation - before)
        self.attempt(lambda: self.call.kiosk_media(number, self.now, flowing=flowing))

    @rule(tab=TABS, before=BEFORE, flowing=st.booleans())
    def tab_media(self, tab: Tab, before: int, flowing: bool) -> None:
        number = max(0, self.call.generation - before)
        self.attempt(lambda: self.call.tab_media(tab, number, self.now, flowing=flowing))

    @rule(before=BEFORE)
    def kiosk_renegotiates(self, before: int) -> None:
        number = max(0, self.call.generation - before)
        self.attempt(lambda: self.call.kiosk_renegotiates(number, self.now))

    @rule(tab=TABS)
    def tab_renegotiates(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.tab_renegotiates(tab, self.call.generation, self.now))

    @rule(tab=TABS)
    def say(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.say(tab, "Bonjour", self.now))

    @rule(tab=TABS)
    def agent_devices(self, tab: Tab) -> None:
        told = m.AgentDevices(call_id="c1", devices=[])
        self.attempt(lambda: self.call.agent_devices(tab, told, self.now))

    # the ends are rare, or no run would get far
    @precondition(lambda self: self.generation > 3)
    @rule(tab=TABS)
    def agent_hangs_up(self, tab: Tab) -> None:
        self.attempt(lambda: self.call.agent_hangs_up(tab, self.now))

    @precondition(lambda self: self.generation > 3)
    @rule()
    def kiosk_hangs_up(self) -> None:
        self.attempt(lambda: self.call.kiosk_hangs_up(self.now))

    @precondition(lambda self: self.generation > 4)
    @rule()
    def revoke(self) -> None:
        self.attempt(lambda: self.call.revoke(self.now))


AnyCall.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyCall = AnyCall.TestCase
