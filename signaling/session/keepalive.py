"""Is the other end there? The same machine at both ends of a connection (PROTOCOL.md §4)."""

from __future__ import annotations

from typing import Literal


class Keepalive:
    """Pings when nothing came for a while, gives up when nothing came for longer.

    Every frame counts as a sign of life. Times are seconds of one monotonic clock.
    """

    def __init__(self, *, ping_every_s: float, dead_after_s: float, now: float) -> None:
        self._ping_every_s = ping_every_s
        self._dead_after_s = dead_after_s
        self._n = 0
        self._ping_at = now + ping_every_s
        self._dead_at = now + dead_after_s

    def received(self, now: float) -> None:
        """Any frame came."""
        self._ping_at = now + self._ping_every_s
        self._dead_at = now + self._dead_after_s

    def probe(self, now: float, *, within_s: float) -> int:
        """Doubt: ping at once and expect life within `within_s`. Returns the ping's number.

        For a kiosk whose media just went silent: it learns in one round trip whether it is the
        line, instead of waiting for the next regular ping.
        """
        self._dead_at = min(self._dead_at, now + within_s)
        return self._ping(now)

    def next_ping(self) -> int:
        """Number for the ping that `handle_timer` asked for."""
        return self._n

    def get_timer(self) -> float:
        """When to call `handle_timer` next."""
        return min(self._ping_at, self._dead_at)

    def handle_timer(self, now: float) -> Literal["ping", "dead"] | None:
        """`ping`: send one, numbered `next_ping()`; `dead`: close; None: it was too early."""
        if now >= self._dead_at:
            return "dead"
        if now >= self._ping_at:
            self._ping(now)
            return "ping"
        return None

    def _ping(self, now: float) -> int:
        self._n += 1
        self._ping_at = now + self._ping_every_s
        return self._n
