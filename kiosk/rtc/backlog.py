"""Does who decodes pictures keep up with what comes? Pure: `now` in seconds comes in."""

from __future__ import annotations

MOST_WAITING = 30
"""Pictures."""
CATCHES_UP_S = 1.0
"""With as many for longer, it is too slow. For a moment there are more when a packet that was sent
again sets free all that waited for it: 1.4 s of pictures, on a round trip of 600 ms."""


class Backlog:
    """Of one decoder."""

    def __init__(self) -> None:
        self.kept_up_at = 0.0
        """When there were last fewer than MOST_WAITING."""

    def too_long(self, waiting: int, now: float) -> bool:
        """Whether only a new beginning catches up; so many pictures wait before the next one."""
        if waiting < MOST_WAITING:
            self.kept_up_at = now
        return now > self.kept_up_at + CATCHES_UP_S
