"""When to try whether the line carries more than the rate in force. Pure."""

from __future__ import annotations

from kiosk.rtc.sending.aimd import RateController
from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.probing import Prober

_THIN_BIT_S = 100_000.0
_RESTING = 0.75
_SEARCH_AFTER_S, _SEARCH_MOST_S = 5.0, 20.0


class ThinSearch:
    """When to probe because too little is sent to learn more: speech alone, or stills.

    A burst costs speech a tenth of a second, so each that finds nothing doubles the wait.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._wait_s = _SEARCH_AFTER_S

    def due(self, now: float, bit_s: float, sent_bit_s: float) -> bool:
        """At this rate in force, of which so much is used; counts as done."""
        if bit_s >= _THIN_BIT_S or sent_bit_s > _RESTING * bit_s:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        if now - self._since < self._wait_s:
            return False
        self._since, self._wait_s = None, min(_SEARCH_MOST_S, 2 * self._wait_s)
        return True

    def found(self) -> None:
        """A burst has arrived."""
        self._wait_s = _SEARCH_AFTER_S


class ProbePlan:
    """Looks at the rate in force and gives its prober rates to try."""

    def __init__(self, budget: Budget, rate: RateController) -> None:
        self._rate = rate
        self._search = ThinSearch()
        self.prober = Prober(budget.probe_bit_s)
        self.prober.plan(rate.bit_s, 2 * budget.start_bit_s, 4 * budget.start_bit_s)

    def update(self, now: float, before: str, sent_bit_s: float) -> None:
        """Feedback was learnt from; `before` it the rate was in this state."""
        state, bit_s = self._rate.state, self._rate.bit_s
        if state == "drain" and before != "drain":
            self.prober.cancel()
        if state == "increase" and before in ("compete", "trial"):
            self.prober.plan(bit_s, self._rate.alone)
        resting = state == "increase" and not self.prober.busy
        if self._search.due(now, bit_s, sent_bit_s if resting else bit_s):
            self.prober.plan(bit_s, 2 * bit_s)

    def found(self) -> None:
        """A burst has arrived."""
        self._search.found()

    def limit(self, bit_s: float, *, grown: bool) -> None:
        """Never try more than this; `grown`: it was less until now."""
        self.prober.limit(bit_s)
        if grown and self._rate.state == "increase":
            self.prober.plan(self._rate.bit_s, bit_s)
