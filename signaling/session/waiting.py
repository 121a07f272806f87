"""What a call knows while it waits: its place, a "please wait", how long it may (§7.3, §7.5).

Pure: a part of the call machine (call.py).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from signaling.protocol.cards import PlaceCard
from signaling.session.negotiation import End
from signaling.session.timings import CallTimings


class Waiting:
    """The waiting room's side of one call."""

    def __init__(self, timings: CallTimings, since: datetime) -> None:
        self.place: PlaceCard | None = None
        self.asked_minutes: int | None = None
        """Of the last "please wait"."""
        self._asked_until: datetime | None = None
        self._gives_up = timedelta(seconds=timings.gives_up_s)
        self._limit_at = since + timedelta(seconds=timings.waiting_limit_s)

    def not_before(self, at: datetime) -> None:
        """The limit is not reached before this."""
        self._limit_at = max(self._limit_at, at)

    def please_wait(self, minutes: int, at: datetime) -> None:
        """An agent asked for it; the limit moves beyond it."""
        self.asked_minutes = minutes
        self._asked_until = at + timedelta(minutes=minutes)
        self.not_before(self._asked_until + self._gives_up)
        if self.place is not None:
            self.put(self.place, at)

    def put(self, place: PlaceCard, now: datetime) -> bool:
        """The place as computed anew, with what is left of a "please wait". True: it changed."""
        if self._asked_until is not None:
            left = math.ceil((self._asked_until - now).total_seconds() / 60)
            place = place.model_copy(update={"asked_to_wait_minutes": max(0, left)})
        changed = place != self.place
        self.place = place
        return changed

    def ends_at(self, kiosk: End) -> datetime:
        """When the call ends by itself: nobody admits, or the kiosk stays away."""
        if kiosk.here or kiosk.since is None:
            return self._limit_at
        return min(self._limit_at, kiosk.since + self._gives_up)
