"""The call: who holds it, which PeerConnection is in force, how it is repaired, how it ends.

waiting -> admitted -> negotiating -> connected <-> interrupted -> ended (PROTOCOL.md §8.1).

Pure. Events are methods that take `now` (aware UTC) and return effects to perform in order.
A driver calls `handle_timer(now)` when `get_timer()` is due, and after each event asks again.
Refusals are raised as SignalingError before anything changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from signaling.errors import SignalingError
from signaling.protocol.cards import (
    CallCard,
    CallStateName,
    EndReason,
    PlaceCard,
    RefusalReason,
)
from signaling.protocol.messages import (
    Answer,
    CallState,
    Candidate,
    Ended,
    FromHub,
    Negotiate,
    Offer,
    Say,
    Superseded,
)
from signaling.session.effects import Effect, Record, Send, Tab, ToKiosk, ToPeople, ToTab
from signaling.session.facts import CallFact, Ticket, UnfinishedCall
from signaling.session.negotiation import End, Negotiation
from signaling.session.timings import CallTimings
from signaling.session.waiting import Waiting

__all__ = ["Call", "CallTimings"]


class Call:
    """One call from the waiting room to its end."""

    def __init__(self, ticket: Ticket, timings: CallTimings, now: datetime) -> None:
        self.ticket = ticket
        self.state: CallStateName = "waiting"
        self.tab: Tab | None = None
        """The tab that holds the call."""
        self.person_id: str | None = None
        """The agent who holds the call."""
        self._negotiation = Negotiation(timings)
        self.kiosk, self.agent = self._negotiation.kiosk, self._negotiation.agent
        self._kiosk_target = ToKiosk(ticket.kiosk_id)
        self._timings = timings
        self._admitted_at: datetime | None = None
        self._interrupted_at: datetime | None = None
        self._gives_up_at: datetime | None = None
        """In every state but waiting and connected."""
        self._waiting = Waiting(timings, now)
        self._said = ""
        self._end_reason: EndReason | None = None

    # --- life -------------------------------------------------------------------------------

    def open(self, place: PlaceCard, now: datetime) -> list[Effect]:
        """The kiosk that asked is here and waits."""
        self.kiosk.back(now)
        self._waiting.put(place, now)
        return [self._fact(now), *self._tell()]

    @classmethod
    def restore(cls, unfinished: UnfinishedCall, timings: CallTimings, now: datetime) -> Call:
        """The call as its last fact says; both ends are away. Media may still flow between them."""
        call, fact = cls(unfinished.ticket, timings, now), unfinished.fact
        call._negotiation.generation = fact.generation
        call.person_id = fact.person_id
        call._admitted_at = unfinished.admitted_at
        call.kiosk.lost(now, closed=False)
        call.agent.lost(now, closed=False)
        grace = now + timedelta(seconds=timings.resume_grace_s)
        if fact.state == "waiting":
            call._waiting = Waiting(timings, unfinished.ticket.arrived_at)
            call._waiting.not_before(grace)
            if fact.asked_to_wait_minutes is not None:
                call._waiting.please_wait(fact.asked_to_wait_minutes, fact.at)
        elif fact.state in {"connected", "interrupted"}:
            call.state = "interrupted"
            call._interrupted_at = fact.interrupted_at or now
            limit = now + timedelta(seconds=timings.gives_up_s)
            call._gives_up_at = max(fact.gives_up_at, grace) if fact.gives_up_at else limit
        else:
            call.state = "negotiating" if fact.generation else "admitted"
            call._gives_up_at = now + timedelta(seconds=timings.gives_up_s)
        return call

    @property
    def generation(self) -> int:
        """The one in force: the last that was ordered."""
        return self._negotiation.generation

    @property
    def over(self) -> bool:
        """Ended: nothing happens any more."""
        return self.state == "ended"

    def card(self, *, for_agent: bool) -> CallCard:
        """The call as one of its ends may see it."""
        ticket = self.ticket
        return CallCard(
            call_id=ticket.call_id,
            state=self.state,
            generation=self.generation,
            kiosk_id=ticket.kiosk_id,
            venue_name=ticket.venue.venue_name,
            room_name=ticket.venue.room_name,
            partner=ticket.partner,
            service=ticket.service,
            citizen=ticket.citizen if for_agent else "",
            language=ticket.language,
            arrived_at=ticket.arrived_at,
            admitted_at=self._admitted_at,
            until=ticket.until,
            interrupted_at=self._interrupted_at,
            gives_up_at=self._gives_up_at if self.state == "interrupted" else None,
            attempts=self._negotiation.attempts,
            kiosk_here=self.kiosk.here,
            agent_here=self.agent.here,
            fallback_phone=ticket.fallback_phone,
            end_reason=self._end_reason,
            place=self._waiting.place if self.state == "waiting" else None,
        )

    # --- waiting (§7) -----------------------------------------------------------------------

    def placed(self, place: PlaceCard, now: datetime) -> list[Effect]:
        """The place in the queue was computed anew; `asked_to_wait_minutes` counts down."""
        if self.state != "waiting":
            return []
        return self._tell() if self._waiting.put(place, now) else []

    def make_wait(self, minutes: int, now: datetime) -> list[Effect]:
        """An agent answered "please wait n minutes" (§7.5)."""
        self.must_wait()
        self._waiting.please_wait(minutes, now)
        return [self._fact(now), *self._tell()]

    def refuse(self, reason: RefusalReason, text: str, now: datetime) -> list[Effect]:
        """An agent will not take this call (§7.6)."""
        self.must_wait()
        return self._end("refused", now, refusal=reason, text=text)

    def admit(self, tab: Tab, ticket: Ticket, now: datetime) -> list[Effect]:
        """The call is this tab's (§7.4). The others who were told learn that it is taken."""
        self.must_wait()
        self.ticket = replace(ticket, call_id=self.ticket.call_id, kiosk_id=self.ticket.kiosk_id)
        others = ToPeople(self.ticket.person_ids - {tab.person_id})
        self.state, self.tab, self.person_id = "admitted", tab, tab.person_id
        self._admitted_at = now
        self._gives_up_at = now + timedelta(seconds=self._timings.gives_up_s)
        self.agent.back(now)
        taken = Send(others, CallState(call=self.card(for_agent=True)))
        admitted: list[Effect] = [self._fact(now), taken]
        if self.kiosk.here:
            return [*admitted, *self._negotiate(now)]
        return [*admitted, *self._tell()]

    # --- ends come and go (§8.2) ------------------------------------------------------------

    def kiosk_back(self, now: datetime) -> list[Effect]:
        """The kiosk is connected, or connected anew; its welcome carries the card."""
        if self.over:
            return []
        self._negotiation.back(self.kiosk, now)
        said: list[Effect] = [self._to_kiosk(self._say())] if self._said else []
        return [*self._tell(), *said]

    def kiosk_lost(self, now: datetime, *, closed: bool) -> list[Effect]:
        """The kiosk's connection is gone. `closed`: it was closed by its side, not by silence."""
        if self.over:
            return []
        self._negotiation.lost(self.kiosk, now, closed=closed)
        return self._settle(now) or self._tell()

    def tab_back(self, tab: Tab, now: datetime) -> list[Effect]:
        """A tab of the holder is connected; the tab that held the call holds it again."""
        if self.over:
            return []
        if tab != self.tab:
            return []
        self._negotiation.back(self.agent, now)
        return self._tell()

    def tab_lost(self, tab: Tab, now: datetime, *, closed: bool) -> list[Effect]:
        """A tab's connection is gone."""
        if self.over:
            return []
        if tab != self.tab or not self.agent.here:
            return []
        self._negotiation.lost(self.agent, now, closed=closed)
        return self._settle(now) or self._tell()

    def take_over(self, tab: Tab, now: datetime) -> list[Effect]:
        """Another tab of the same agent, or this one without its media, takes the call (§7.7)."""
        self._must_be_agent(tab)
        old, self.tab = self.tab, tab
        self._negotiation.back(self.agent, now)
        self.agent.report(self.generation, flowing=False)
        let_go: list[Effect] = []
        if old is not None and old != tab:
            let_go = [Send(ToTab(old), Superseded(call_id=self.ticket.call_id))]
        if self.state == "connected":
            let_go += self._interrupt(now)
        if self.kiosk.here:
            return [*let_go, *self._negotiate(now)]
        return [*let_go, *self._tell()]

    # --- negotiation and media (§8.3 to §8.6) -------------------------------------------------

    def offer(self, tab: Tab, message: Offer, now: datetime) -> list[Effect]:
        """The browser's offer, on to the kiosk (§8.3)."""
        held = self._must_hold(tab, now, message.generation)
        if not self._negotiation.in_force(message.generation) or not self.kiosk.here:
            return held
        self._negotiation.step_at = now
        return [*held, self._to_kiosk(message)]

    def answer(self, message: Answer, now: datetime) -> list[Effect]:
        """The kiosk's answer, on to the tab (§8.3)."""
        self._must_be_admitted()
        if not self._negotiation.in_force(message.generation) or self.tab is None:
            return []
        self._negotiation.step_at = now
        return [Send(ToTab(self.tab), message)]

    def candidate_from_kiosk(self, message: Candidate) -> list[Effect]:
        """A candidate of the generation in force, on to the tab (§8.4)."""
        self._must_be_admitted()
        if not self._negotiation.in_force(message.generation) or self.tab is None:
            return []
        return [Send(ToTab(self.tab), message)]

    def candidate_from(self, tab: Tab, message: Candidate, now: datetime) -> list[Effect]:
        """A candidate of the generation in force, on to the kiosk (§8.4)."""
        held = self._must_hold(tab, now)
        return (
            [*held, self._to_kiosk(message)]
            if self._negotiation.in_force(message.generation)
            else held
        )

    def kiosk_media(self, generation: int, now: datetime, *, flowing: bool) -> list[Effect]:
        """The kiosk says what it receives (§8.5)."""
        self._must_be_admitted()
        return self._media(self.kiosk, generation, now, flowing=flowing)

    def tab_media(self, tab: Tab, generation: int, now: datetime, *, flowing: bool) -> list[Effect]:
        """The tab says what it receives (§8.5)."""
        return [
            *self._must_hold(tab, now, generation),
            *self._media(self.agent, generation, now, flowing=flowing),
        ]

    def kiosk_renegotiates(self, generation: int, now: datetime) -> list[Effect]:
        """The kiosk gives this generation up (§8.6)."""
        self._must_be_admitted()
        return self._renegotiate(self.kiosk, generation, now)

    def tab_renegotiates(self, tab: Tab, generation: int, now: datetime) -> list[Effect]:
        """The tab gives this generation up (§8.6)."""
        return [
            *self._must_hold(tab, now, generation),
            *self._renegotiate(self.agent, generation, now),
        ]

    def say(self, tab: Tab, text: str, now: datetime) -> list[Effect]:
        """Text on the kiosk's screen; kept, so that a kiosk that restarts shows it again (§8.7)."""
        held = self._must_hold(tab, now)
        self._said = text
        return [*held, self._to_kiosk(self._say())]

    def reported_by(self, tab: Tab, now: datetime) -> list[Effect]:
        """Statistics came from this tab; nothing changes, but it must hold the call (§8.8)."""
        return self._must_hold(tab, now)

    def reported_by_kiosk(self) -> list[Effect]:
        """Statistics came from the kiosk; the call must be admitted (§8.8)."""
        self._must_be_admitted()
        return []

    # --- ends (§8.9) ------------------------------------------------------------------------

    def kiosk_hangs_up(self, now: datetime) -> list[Effect]:
        """The citizen leaves or hangs up."""
        self._must_live()
        waiting = self.state == "waiting"
        return self._end("left_by_citizen" if waiting else "hung_up_by_citizen", now)

    def agent_hangs_up(self, tab: Tab, now: datetime) -> list[Effect]:
        """The agent hangs up, from any of their tabs."""
        self._must_be_agent(tab)
        return self._end("hung_up_by_agent", now)

    def revoke(self, now: datetime) -> list[Effect]:
        """The kiosk's key was withdrawn."""
        if self.over:
            return []
        return self._end("revoked", now)

    # --- time -------------------------------------------------------------------------------

    def get_timer(self) -> datetime | None:
        """When to call `handle_timer` next; None once ended."""
        due = [at for at in (self._ends_at(), self._try_at(), self._report_due_at()) if at]
        return min(due, default=None)

    def handle_timer(self, now: datetime) -> list[Effect]:
        """Whatever is due by `now`."""
        ends_at, report_due_at, try_at = self._ends_at(), self._report_due_at(), self._try_at()
        if ends_at and now >= ends_at:
            return self._end(self._cause(), now)
        if report_due_at and now >= report_due_at:
            self._negotiation.close_reports()
            return self._settle(now)
        if try_at and now >= try_at:
            return self._negotiate(now)
        return []

    def _ends_at(self) -> datetime | None:
        if self.state == "waiting":
            return self._waiting.ends_at(self.kiosk)
        return self._gives_up_at

    def _report_due_at(self) -> datetime | None:
        return self._negotiation.report_due_at() if self.state == "connected" else None

    def _try_at(self) -> datetime | None:
        repairs = self.state in {"admitted", "negotiating", "interrupted"}
        return self._negotiation.try_at(self._interrupted_at) if repairs else None

    def _cause(self) -> EndReason:
        """Why a call ends by itself: whoever is missing, else the line."""
        if self.state == "waiting" and self.kiosk.here:
            return "agent_absent"
        if not self.kiosk.here:
            return "kiosk_fault" if self.kiosk.closed else "line_fault"
        return "line_fault" if self.agent.here else "agent_lost"

    # --- transitions ------------------------------------------------------------------------

    def _negotiate(self, now: datetime) -> list[Effect]:
        """Order the next generation (§8.3). Both ends must be here."""
        if self.tab is None:
            return []
        generation = self._negotiation.order(now, again=self.state == "interrupted")
        if self.state == "admitted":
            self.state = "negotiating"
        order = Negotiate(call_id=self.ticket.call_id, generation=generation, ice_servers=[])
        # the order first: what the page draws of the rest must not delay the offer
        return [self._fact(now), Send(ToTab(self.tab), order), *self._tell()]

    def _media(self, end: End, generation: int, now: datetime, *, flowing: bool) -> list[Effect]:
        self._negotiation.check(generation)
        end.report(generation, flowing=flowing)
        return self._settle(now)

    def _renegotiate(self, end: End, generation: int, now: datetime) -> list[Effect]:
        """Both ends may notice the same death: the first asks, the second is late (§8.6)."""
        if not self._negotiation.in_force(generation) or not self._negotiation.both_here:
            return []
        end.report(generation, flowing=False)
        return [*self._settle(now), *self._negotiate(now)]

    def _settle(self, now: datetime) -> list[Effect]:
        """Does media flow both ways? Then connected, else, once it did, interrupted (§8.5)."""
        flows = self._negotiation.flows
        if self.state == "connected":
            return [] if flows else [*self._interrupt(now), *self._tell()]
        if not flows:
            return []
        self.state = "connected"
        self._interrupted_at = self._gives_up_at = self._negotiation.step_at = None
        self._negotiation.attempts = 0
        return [self._fact(now), *self._tell()]

    def _interrupt(self, now: datetime) -> list[Effect]:
        self.state = "interrupted"
        self._interrupted_at = now
        self._gives_up_at = now + timedelta(seconds=self._timings.gives_up_s)
        self._negotiation.step_at = None
        return [self._fact(now)]

    def _end(
        self,
        reason: EndReason,
        now: datetime,
        *,
        refusal: RefusalReason | None = None,
        text: str = "",
    ) -> list[Effect]:
        people = self._people()
        self.state, self._end_reason = "ended", reason
        self._gives_up_at = None
        message = Ended(
            call_id=self.ticket.call_id,
            reason=reason,
            refusal=refusal,
            text=text,
            fallback_phone=self.ticket.fallback_phone,
        )
        return [
            self._fact(now, refusal=refusal, text=text),
            self._to_kiosk(message),
            Send(people, message),
        ]

    # --- who may, and what is in force ------------------------------------------------------

    def may_see(self, person_id: str) -> bool:
        """Is this call any business of this person? To others it does not exist."""
        return person_id in self._people().person_ids

    def must_wait(self) -> None:
        """Raises call_over, call_taken."""
        self._must_live()
        if self.state != "waiting":
            raise SignalingError("call_taken", "this call was admitted already")

    def _must_live(self) -> None:
        if self.over:
            raise SignalingError("call_over", "this call has ended")

    def _must_be_admitted(self) -> None:
        self._must_live()
        if self.state == "waiting":
            raise SignalingError("not_now", "nobody admitted this call yet")

    def _must_be_agent(self, tab: Tab) -> None:
        self._must_be_admitted()
        if tab.person_id != self.person_id:
            raise SignalingError("not_holder", "this call is held by somebody else")

    def _must_hold(self, tab: Tab, now: datetime, generation: int = 0) -> list[Effect]:
        """After a restart of the hub the first tab of the agent that speaks holds the call."""
        self._must_be_agent(tab)
        self._negotiation.check(generation)
        if self.tab is None:
            self.tab = tab
            self.agent.back(now)
            return self._tell()
        if tab != self.tab:
            raise SignalingError("not_holder", "another of your tabs holds this call")
        return []

    # --- messages ---------------------------------------------------------------------------

    def _people(self) -> ToPeople:
        """Everyone who may admit it, then its agent alone."""
        if self.person_id is None:
            return ToPeople(self.ticket.person_ids)
        return ToPeople(frozenset({self.person_id}))

    def _tell(self) -> list[Effect]:
        """The whole card to both ends (§8.2)."""
        return [
            self._to_kiosk(CallState(call=self.card(for_agent=False))),
            Send(self._people(), CallState(call=self.card(for_agent=True))),
        ]

    def _to_kiosk(self, message: FromHub) -> Send:
        return Send(self._kiosk_target, message)

    def _say(self) -> Say:
        return Say(call_id=self.ticket.call_id, text=self._said)

    def _fact(
        self, now: datetime, *, refusal: RefusalReason | None = None, text: str = ""
    ) -> Record:
        return Record(
            CallFact(
                call_id=self.ticket.call_id,
                at=now,
                state=self.state,
                generation=self.generation,
                person_id=self.person_id,
                interrupted_at=self._interrupted_at,
                gives_up_at=self._gives_up_at if self.state == "interrupted" else None,
                end_reason=self._end_reason,
                refusal=refusal,
                refusal_text=text,
                asked_to_wait_minutes=self._waiting.asked_minutes,
            )
        )
