"""A call in virtual time: every event, loss and return is scripted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from signaling_lab import SDP, ticket

from signaling.ports import CallFact, UnfinishedCall
from signaling.protocol import messages as m
from signaling.protocol.cards import PlaceCard
from signaling.session.call import Call
from signaling.session.effects import Effect, Record, Send, Tab
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
