"""All that the machine of lifecycle.py remembers between two inputs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from kiosk.stay import Pace, Stay
from signaling.protocol.cards import DeviceCard, ServiceCard, VenueCard
from signaling.protocol.messages import Codes

Door = Literal["starting", "not_enrolled", "open", "cut", "closed", "too_old", "too_new"]
"""How things stand with the hub."""


@dataclass
class Memory:
    """What belongs to one citizen is in `stay`; the rest outlives citizens."""

    pace: Pace
    clock: tuple[datetime, float]
    """The hub's time of day, and the monotonic second at which it was said."""
    low_controls: bool
    """As this kiosk is set up; a citizen may choose otherwise for one stay."""
    stay: Stay
    cut_at: float
    venue: VenueCard | None = None
    services: tuple[ServiceCard, ...] = ()
    codes: Codes = field(default_factory=Codes)
    """What the hub's codes are like; until it says so, what the protocol takes for granted."""
    devices: tuple[DeviceCard, ...] = ()
    door: Door = "starting"
    round_trips_s: tuple[float, ...] = ()
    """How long the hub's last answers to a ping took on this connection, newest last."""
    unwanted_call: str | None = None
    """A call that the citizen left, and that the hub may not know of yet."""
    cancelled_check_at: float | None = None
    """When a citizen went back while the hub looked up a code: its call is not wanted."""

    def time_at(self, now: float) -> datetime:
        """The hub's time of day, from its last welcome (PROTOCOL.md §3.4)."""
        time, then = self.clock
        return time + timedelta(seconds=now - then)

    def fresh_stay(self, now: float) -> Stay:
        """Nobody known is here."""
        return Stay(touched_at=now, low_controls=self.low_controls)

    def is_ours(self, call_id: str) -> bool:
        """Whether this is the call of the citizen who is here."""
        return self.stay.call is not None and self.stay.call.call_id == call_id

    def can_call(self, service_id: str) -> bool:
        """Whether this service takes calls now, as the hub last said."""
        return any(
            service.service_id == service_id and service.availability != "closed"
            for service in self.services
        )

    def helpless_since(self) -> float | None:
        """Since when neither the hub nor the agent is heard, while a call is open."""
        stay = self.stay
        if stay.call is None or stay.media_flows or self.door == "open":
            return None
        return max(self.cut_at, stay.silent_since or self.cut_at)
