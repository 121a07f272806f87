"""How a call goes from state to state, by what its ends say and by time (PROTOCOL.md §8).

Pure: the middle of the call machine (call.py), above what is known (standing.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from signaling.errors import SignalingError
from signaling.protocol.cards import EndReason, RefusalReason
from signaling.protocol.messages import CallBudget, Ended, Negotiate
from signaling.session.effects import Effect, Send, Tab, Target, ToTab
from signaling.session.negotiation import End
from signaling.session.standing import Standing


class Course(Standing):
    """The transitions of one call."""

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
            cut = self._interrupt(now) if self._moved and self.state == "negotiating" else []
            return [*cut, *self._negotiate(now)]
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
        return [
            self._fact(now), *self._tell_budget(), Send(ToTab(self.tab), order), *self._tell(),
        ]  # fmt: skip

    def _tell_budget(self) -> list[Effect]:
        """What the call may use of the line, to both ends (§10.4)."""
        tab = [] if self.tab is None else self._budget_to(ToTab(self.tab))
        return [*self._budget_to(self._kiosk_target), *tab]

    def _budget_to(self, end: Target) -> list[Effect]:
        """The same to one end. That nothing is known is news only to who was told otherwise."""
        if self.person_id is None or (self.ticket.budget is None and not self._budget_told):
            return []
        self._budget_told = True
        return [Send(end, CallBudget(call_id=self.ticket.call_id, budget=self.ticket.budget))]

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

    def _move(self, now: datetime) -> list[Effect]:
        """To another tab, by the agent's own wish: no line was cut. Only when the new connection
        does not come in time is it an interruption."""
        self.state, self._moved = "negotiating", True
        self._gives_up_at = now + timedelta(seconds=self._timings.gives_up_s)
        self._negotiation.step_at = None
        return [self._fact(now)]

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

    def _must_hold(self, tab: Tab, now: datetime, generation: int = 0) -> list[Effect]:
        """After a restart of the hub the first tab of the agent that speaks holds the call."""
        self._must_be_agent(tab)
        self._negotiation.check(generation)
        if self.tab is None:
            self.tab = tab
            self.agent.back(now)
            return [*self._budget_to(ToTab(tab)), *self._tell()]
        if tab != self.tab:
            raise SignalingError("not_holder", "another of your tabs holds this call")
        return []
