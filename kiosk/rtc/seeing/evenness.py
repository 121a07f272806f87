"""How long pictures wait so that one that was sent again makes none of them stand. Pure.

A lost packet is there a round trip later, and the next try one more: on a line that loses now and
then the picture would stand for moments. What the eye does not notice is not waited for: so on a
clean line no picture waits.
"""

from __future__ import annotations

from collections import deque

from kiosk.rtc.wrap import nearest

MOST_WAIT_S = 0.120
_CLOCK = 90_000
_HIDDEN_S = 0.110
"""A picture that is late by so much, and one of 25 a second is passed over: no freeze as W3C
webrtc-stats counts them, from 150 ms more than usual on."""
_ROUND_S, _MEMORY_S = 0.5, 20.0
"""The latest of each round counts, so long: once is chance, the second largest is this line's."""
_FASTEST_S = 10.0
"""The fastest picture of so long is the measure for the others."""
_FALL_S_PER_S = 0.020
_JUMP_S = 2.0
"""Pictures that come so much sooner or later than their times say: another clock, or a pause."""


class EvenWait:
    """Learns from when pictures are ready; `now` in seconds never runs backwards."""

    def __init__(self) -> None:
        self.wait_s = 0.0
        self._last: tuple[int, float] | None = None  # (RTP time, unwrapped; ready)
        self._fastest: deque[tuple[float, float]] = deque()  # (at, transit), transit ascending
        self._rounds: deque[tuple[float, float]] = deque()  # (began, latest)

    def when(self, rtp: int, now: float) -> float:
        """When to show a picture of this 32 bit RTP time that is ready `now`: at most MOST_WAIT_S
        later."""
        full, passed = self._unwrapped(rtp, now)
        transit = now - full / _CLOCK
        while self._fastest and self._fastest[-1][1] >= transit:
            self._fastest.pop()
        self._fastest.append((now, transit))
        while self._fastest[0][0] < now - _FASTEST_S:
            self._fastest.popleft()
        fastest = self._fastest[0][1]
        self._note(transit - fastest, now)
        self.wait_s = max(self._wanted(), self.wait_s - _FALL_S_PER_S * passed)
        return max(now, full / _CLOCK + fastest + self.wait_s)

    def _unwrapped(self, rtp: int, now: float) -> tuple[int, float]:
        """And the time since the picture before."""
        if self._last is None:
            self._last = rtp, now
            return rtp, 0.0
        last, at = self._last
        full = nearest(rtp, 32, last)
        if abs((full - last) / _CLOCK - (now - at)) > _JUMP_S:
            self._fastest.clear()
        self._last = full, now
        return full, now - at

    def _note(self, late_s: float, now: float) -> None:
        if not self._rounds or now - self._rounds[-1][0] >= _ROUND_S:
            self._rounds.append((now, late_s))
        elif late_s > self._rounds[-1][1]:
            self._rounds[-1] = self._rounds[-1][0], late_s
        while self._rounds[0][0] < now - _MEMORY_S:
            self._rounds.popleft()

    def _wanted(self) -> float:
        latest = sorted(late for _, late in self._rounds)
        second = latest[-2] if len(latest) > 1 else 0.0
        return min(MOST_WAIT_S, max(0.0, second - _HIDDEN_S))
