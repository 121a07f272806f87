"""Does the far end answer what is sent, and how often? Pure: `now` in seconds comes in."""

from __future__ import annotations

OUTAGE_S = 1.0
"""So long without an answer to what was sent, and the line counts as dead."""
_REPORTS_UNFED = 3
_INTERVAL_S, _MOST_INTERVAL_S, _INTERVAL_GAIN = 0.05, 0.3, 0.1


class Answers:
    """Transport-wide feedback and receiver reports, as signs of life."""

    def __init__(self, now: float) -> None:
        self._heard_at: float | None = None
        self._unheard_since: float | None = now
        self._reached: dict[int, int] = {}
        self._reports_unfed = 0
        self.interval_s = _INTERVAL_S
        """Between two feedbacks, smoothed."""

    def asked(self, now: float) -> None:
        """Something left to which an answer is due."""
        if self._unheard_since is None:
            self._unheard_since = now

    def feedback(self, now: float) -> None:
        """Transport-wide feedback said that something arrived."""
        if self._heard_at is not None:
            interval_s = min(_MOST_INTERVAL_S, now - self._heard_at)
            self.interval_s += (interval_s - self.interval_s) * _INTERVAL_GAIN
        self._heard_at = now
        self._unheard_since = None
        self._reached.clear()
        self._reports_unfed = 0

    def reached(self, ssrc: int, number: int, now: float) -> None:
        """A receiver report: this stream of ours has arrived up to this extended number.

        The far end goes on reporting where the way to it alone is dead: what counts is that more
        has arrived than the first report in the silence said.
        """
        if not self.silent(now):
            return
        if number > self._reached.setdefault(ssrc, number):
            self._reached[ssrc] = number
            self._reports_unfed += 1

    @property
    def fed(self) -> bool:
        """Transport-wide feedback comes; a line that is silent for a while counts as fed.

        Where ever more arrives without it, it is the far end that has stopped giving it.
        """
        return self._heard_at is not None and self._reports_unfed < _REPORTS_UNFED

    def silent(self, now: float) -> bool:
        """The line counts as dead: nothing of what was numbered has been answered for a second."""
        since = self._unheard_since
        return self._heard_at is not None and since is not None and now - since > OUTAGE_S
