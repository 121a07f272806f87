"""Which PeerConnection is in force, what each end receives of it, when to try the next.

Pure: a part of the call machine (call.py), which decides what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signaling.errors import ProtocolError
from signaling.session.timings import CallTimings


@dataclass
class End:
    """One end of a call as the hub knows it. What it last said is believed while it is away."""

    here: bool = False
    since: datetime | None = None
    """When `here` last changed."""
    flowing: int | None = None
    """Generation that this end receives, None: nothing (§8.5)."""
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
        """It said what it receives; nothing flows in generation 0. A generation that never flowed
        falling silent is no news."""
        self.reported = True
        if flowing and generation > 0:
            self.flowing = generation
        elif self.flowing is not None and generation >= self.flowing:
            self.flowing = None


@dataclass
class Negotiation:
    """Generations and the two ends."""

    timings: CallTimings
    generation: int = 0
    """The last one ordered; never falls."""
    attempts: int = 0
    """Generations ordered since the interruption."""
    kiosk: End = field(default_factory=End)
    agent: End = field(default_factory=End)
    step_at: datetime | None = None
    """Last step (order, offer, answer) of the generation under way; None: none is under way."""

    @property
    def both_here(self) -> bool:
        """Both ends can be reached."""
        return self.kiosk.here and self.agent.here

    @property
    def flows(self) -> bool:
        """Both ends receive something; not always of the same generation while one replaces
        another."""
        return self.kiosk.flowing is not None and self.agent.flowing is not None

    def order(self, now: datetime, *, again: bool) -> int:
        """The next generation. `again`: it repairs an interruption."""
        self.generation += 1
        self.attempts += again
        self.step_at = now
        return self.generation

    def check(self, generation: int) -> None:
        """Raises ProtocolError: a generation that was never ordered."""
        if generation > self.generation:
            raise ProtocolError(
                "invalid_field", "no such generation was ordered", field="generation"
            )

    def in_force(self, generation: int) -> bool:
        """False for an older one, which is late, not wrong (§8.4). Raises ProtocolError."""
        self.check(generation)
        return generation == self.generation

    def lost(self, end: End, now: datetime, *, closed: bool) -> None:
        """An end is away; with nobody left to say that media flows, it must be said anew."""
        end.lost(now, closed=closed)
        self.step_at = None
        if not (self.kiosk.here or self.agent.here):
            self.kiosk.flowing = self.agent.flowing = None

    def back(self, end: End, now: datetime) -> None:
        """An end is connected anew; what was under way with its older connection is void."""
        end.back(now)
        self.step_at = None

    def report_due_at(self) -> datetime | None:
        """When an end that came back must have said what it receives."""
        late = [end.since for end in (self.kiosk, self.agent) if end.here and not end.reported]
        since = min((at for at in late if at), default=None)
        return since + timedelta(seconds=self.timings.report_within_s) if since else None

    def close_reports(self) -> None:
        """Who said nothing receives nothing."""
        for end in (self.kiosk, self.agent):
            if end.here and not end.reported:
                end.report(self.generation, flowing=False)

    def try_at(self, interrupted_at: datetime | None) -> datetime | None:
        """When to order the next generation if nothing flows until then (§8.10)."""
        if not self.both_here:
            return None
        if self.step_at is not None:
            first = interrupted_at is None
            pause_s = self.timings.first_retry_s if first else self.timings.retry_s
            return self.step_at + timedelta(seconds=pause_s)
        settled = self.kiosk.reported and self.agent.reported
        pause_s = self.timings.settle_s if settled else self.timings.report_within_s
        events = (self.kiosk.since, self.agent.since, interrupted_at)
        return max(at for at in events if at) + timedelta(seconds=pause_s)
