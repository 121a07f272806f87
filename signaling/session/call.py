"""The call: who holds it, which PeerConnection is in force, how it is repaired, how it ends.

waiting -> admitted -> negotiating <-> connected <-> interrupted -> ended (PROTOCOL.md §8.1).

Pure. What is known of a call is in standing.py, its transitions are in course.py, its events here:
methods that take `now` (aware UTC) and return effects to perform in order. A driver calls
`handle_timer(now)` when `get_timer()` is due, and after each event asks again. Refusals are raised
as SignalingError before anything changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from signaling.protocol.cards import PlaceCard, RefusalReason
from signaling.protocol.line_cards import BudgetCard
from signaling.protocol.messages import (
    AgentDevices,
    Answer,
    CallState,
    Candidate,
    Offer,
    Superseded,
)
from signaling.session.course import Course
from signaling.session.effects import Effect, Send, Tab, ToPeople, ToTab
from signaling.session.facts import Ticket
from signaling.session.timings import CallTimings

__all__ = ["Call", "CallTimings"]


class Call(Course):
    """One call from the waiting room to its end."""

    # --- waiting (§7) -----------------------------------------------------------------------

    def open(self, place: PlaceCard, now: datetime) -> list[Effect]:
        """The kiosk that asked is here and waits."""
        self.kiosk.back(now)
        self._waiting.put(place, now)
        return [self._fact(now), *self._tell()]

    def placed(self, place: PlaceCard, now: datetime) -> list[Effect]:
        """The place in the queue was computed anew; `asked_to_wait_minutes` counts down."""
        if self.state != "waiting":
            return []
        return self._tell() if self._waiting.put(place, now) else []

    def staff_changed(self, person_ids: frozenset[str], now: datetime) -> list[Effect]:
        """Who may admit it, anew (§7.2). Held by somebody who no longer may, it ends."""
        if self.over or person_ids == self.ticket.person_ids:
            return []
        self.ticket = replace(self.ticket, person_ids=person_ids)
        if self.person_id is None:
            return self._tell()
        return [] if self.person_id in person_ids else self._end("agent_lost", now)

    def budget_changed(self, budget: BudgetCard | None) -> list[Effect]:
        """Others came to the line or left it, or its rate is no longer known: None (§10.4)."""
        if self.over or budget == self.ticket.budget:
            return []
        self.ticket = replace(self.ticket, budget=budget)
        return self._tell_budget()

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
        again = self._budget_to(self._kiosk_target)
        if self._said is not None:  # emptied meanwhile, too
            again.append(self._to_kiosk(self._say()))
        if self._agent_devices is not None:
            again.append(self._to_kiosk(self._agent_devices))
        return [*self._tell(), *again]

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
        return [*self._budget_to(ToTab(tab)), *self._tell()]

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
        if self._said:
            let_go.append(Send(ToTab(tab), self._say()))
        if self.state == "connected":
            let_go += self._move(now)
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

    def agent_devices(self, tab: Tab, message: AgentDevices, now: datetime) -> list[Effect]:
        """How the agent's devices are, on to the kiosk and kept like what is said (§8.11)."""
        held = self._must_hold(tab, now)
        self._agent_devices = message
        return [*held, self._to_kiosk(message)]

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
