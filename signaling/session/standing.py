"""How a call stands: what is known of it, what its ends and the record are told, who may what.

Pure: the ground of the call machine (call.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from signaling.errors import SignalingError
from signaling.protocol.cards import CallCard, CallStateName, EndReason, RefusalReason
from signaling.protocol.messages import AgentDevices, CallState, FromHub, Say
from signaling.session.effects import Effect, Record, Send, Tab, ToKiosk, ToPeople
from signaling.session.facts import CallFact, Ticket, UnfinishedCall
from signaling.session.negotiation import Negotiation
from signaling.session.timings import CallTimings
from signaling.session.waiting import Waiting


class Standing:
    """One call as it now is. Nothing here changes it once it is made."""

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
        self._moved = False
        """The agent has taken it to another tab while it was connected."""
        self._gives_up_at: datetime | None = None
        """In every state but waiting and connected."""
        self._waiting = Waiting(timings, now)
        self._said: str | None = None
        """None: nothing was ever said; empty: what was said is taken back."""
        self._agent_devices: AgentDevices | None = None
        self._budget_told = False
        """An end may keep to a budget of this call."""
        self._end_reason: EndReason | None = None

    @classmethod
    def restore(cls, unfinished: UnfinishedCall, timings: CallTimings, now: datetime) -> Self:
        """The call as its last fact says; both ends are away. Media may still flow between them."""
        call, fact = cls(unfinished.ticket, timings, now), unfinished.fact
        call._negotiation.generation = fact.generation
        call.person_id = fact.person_id
        call._admitted_at = unfinished.admitted_at
        call._budget_told = fact.person_id is not None  # by the hub that stopped, for all we know
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
        return Say(call_id=self.ticket.call_id, text=self._said or "")

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
