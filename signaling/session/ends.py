"""One end of a call as the hub knows it: connected or not, receiving media or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass
class End:
    """`flowing` is what the end last said (§8.5); it stays believed while the end is away."""

    here: bool = False
    since: datetime | None = None
    """When `here` last changed."""
    flowing: int | None = None
    """Generation that this end receives, None: nothing."""
    reported: bool = False
    """It spoke about its media since it came back."""
    closed: bool = False
    """Its connection was closed from its side, so the process is gone, not the line."""

    def back(self, now: datetime) -> None:
        """Connected, or connected anew: what it said before may no longer hold."""
        self.here, self.since, self.reported, self.closed = True, now, False, False

    def lost(self, now: datetime, *, closed: bool) -> None:
        """Its signaling connection is gone; media may flow on."""
        self.here, self.since, self.closed = False, now, closed

    def report(self, generation: int, *, flowing: bool) -> None:
        """It said what it receives. A generation that never flowed falling silent is no news."""
        self.reported = True
        if flowing:
            self.flowing = generation
        elif self.flowing is not None and generation >= self.flowing:
            self.flowing = None
