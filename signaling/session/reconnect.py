"""When a kiosk tries to reach the hub again: staggered attempts that race (PROTOCOL.md §3.5).

A line that comes back must not find the kiosk asleep in a back-off, and an attempt whose first
packet was lost waits whole seconds for TCP's retransmission. So attempts start one after the
other without waiting for each other's end; the first that is welcomed wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Start:
    """Begin attempt `number`: TCP, TLS, WebSocket, proof, welcome."""

    number: int


@dataclass(frozen=True)
class Drop:
    """Abandon attempt `number`, it took too long or another won."""

    number: int


class Race:
    """Attempts to connect, from the loss of a connection to the next welcome.

    In a call: one every `IN_CALL_S`. Idle: one every `IDLE_FIRST_S`, slowing to `IDLE_LAST_S`,
    jittered so that kiosks do not come back in step after a restart of the hub.
    Times are seconds of one monotonic clock.
    """

    IN_CALL_S = 0.5
    IDLE_FIRST_S = 2.0
    IDLE_LAST_S = 5.0
    IDLE_GROWTH = 1.25
    LIVES_S = 8.0
    """How long one attempt may take."""

    def __init__(self, *, in_call: bool, jitter: Callable[[], float], now: float) -> None:
        """`jitter` returns numbers in [0, 1); an idle pause is taken between 75 and 100 % of it."""
        self._in_call = in_call
        self._jitter = jitter
        self._next_at = now
        self._pause_s = self.IDLE_FIRST_S
        self._number = 0
        self._dies_at: dict[int, float] = {}

    @property
    def running(self) -> frozenset[int]:
        """Attempts under way."""
        return frozenset(self._dies_at)

    def get_timer(self) -> float:
        """When to call `handle_timer` next; there is always a next attempt."""
        return min([self._next_at, *self._dies_at.values()])

    def handle_timer(self, now: float) -> list[Start | Drop]:
        """Attempts to abandon and to begin now."""
        late = [number for number, at in self._dies_at.items() if at <= now]
        for number in late:
            del self._dies_at[number]
        steps: list[Start | Drop] = [Drop(number) for number in late]
        if now >= self._next_at:
            self._number += 1
            self._dies_at[self._number] = now + self.LIVES_S
            self._next_at = now + self._pause()
            steps.append(Start(self._number))
        return steps

    def failed(self, number: int) -> None:
        """An attempt ended by itself; the others and the schedule go on."""
        self._dies_at.pop(number, None)

    def won(self, number: int) -> list[Drop]:
        """An attempt was welcomed: the race is over, abandon the others."""
        return [Drop(other) for other in self._dies_at if other != number]

    def _pause(self) -> float:
        if self._in_call:
            return self.IN_CALL_S
        pause = self._pause_s * (1 - self._jitter() / 4)
        self._pause_s = min(self._pause_s * self.IDLE_GROWTH, self.IDLE_LAST_S)
        return pause
