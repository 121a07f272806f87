"""The daily allowance of octets that probes may put on a line. Pure.

Per direction and day. A probe takes its cost before it is sent, whole or not at all; what it did
not send is not given back, so the cap holds whatever happens in between. Sending results is part of
measuring, and takes its octets here too. Every other probe leaves the heartbeat and the results
what they need up to midnight: a heartbeat without octets, or without a word of it, would look like
an outage. What a person measured at the kiosk's PC was sent already: it counts for all but these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What the octets were for; the order is that of `shares`."""

    HEARTBEAT = "heartbeat"
    TRAIN = "train"
    APPOINTMENT = "appointment"
    ON_DEMAND = "on_demand"
    BY_HAND = "by_hand"
    """By another program on this PC; charged afterwards, never asked for."""
    RESULTS = "results"
    """Telling the hub what was measured, and its answers."""
    ELSEWHERE = "elsewhere"
    """By others on the same line, as the hub knows: another kiosk of the venue before this one."""


HEARTBEAT_OCTETS_A_DAY = 4_300_000
"""Of the sealed heartbeat in each direction: 140 octets each 2.85 s on the mean."""
RESULTS_OCTETS_A_DAY = 1_300_000
"""Of a minute's results each minute and a modem's each four, with WebSocket, TLS and TCP."""
NEEDED_OCTETS_A_DAY = HEARTBEAT_OCTETS_A_DAY + RESULTS_OCTETS_A_DAY
"""Of each direction: with less a line is not known all day."""
_NEEDED = frozenset({Purpose.HEARTBEAT, Purpose.RESULTS})
_KEPT_FROM_TRAINS = 0.05
"""This share of the day's octets, for the rest of the day, is left to the appointments."""
_DAY = timedelta(days=1)


def rest_of_day(now: datetime) -> float:
    """The share of `now`'s day that is still to come, from 0 to 1."""
    return 1 - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) / _DAY


def allowance(capacity_kbit_s: float) -> int:
    """Octets a day in one direction by the line's rate; a figure in the settings replaces it.

    Enough for the sealed heartbeat (4.3 MB), its results (1.3 MB), a train each hour, and five
    appointments looked at twice; at 128 kbit/s it is 0.6 % of what the line could carry.
    """
    return 8_500_000 if capacity_kbit_s <= 3_000 else 10_000_000


@dataclass
class Ledger:
    """One direction of one line. `octets_a_day` may change; what was spent stays."""

    octets_a_day: int
    day: date

    def __post_init__(self) -> None:
        self._spent: Counter[Purpose] = Counter()

    @property
    def spent(self) -> int:
        """Octets of the day so far."""
        return self._spent.total()

    @property
    def left(self) -> int:
        """Octets that may still be sent today."""
        return max(0, self.octets_a_day - self.spent)

    def shares(self) -> dict[Purpose, int]:
        """Octets of the day by purpose, to be shown."""
        return {purpose: self._spent[purpose] for purpose in Purpose}

    def allows(self, now: datetime, purpose: Purpose, octets: int) -> bool:
        """Whether these octets may be sent. ValueError below zero, and for `BY_HAND`."""
        if octets < 0:
            raise ValueError("octets: must not be negative")
        if purpose is Purpose.BY_HAND:
            raise ValueError("by hand nobody asks: charge it")
        return octets <= self.left_for(now, purpose)

    def left_for(self, now: datetime, purpose: Purpose) -> float:
        """Octets that this purpose may still send today; below zero: others sent too many.

        A day that lies before the ledger's own opens nothing: a clock that was set back does not
        fill the purse again.
        """
        spent = Counter[Purpose]() if now.date() > self.day else self._spent
        left = self.octets_a_day - spent.total() - self._kept(now, purpose)
        return left + spent[Purpose.BY_HAND] if purpose in _NEEDED else left

    def take(self, now: datetime, purpose: Purpose, octets: int) -> bool:
        """Whether they may be sent; then they count as sent. ValueError below zero."""
        if not self.allows(now, purpose, octets):
            return False
        self._spend(now, purpose, octets)
        return True

    def charge_by_hand(self, now: datetime, octets: int) -> None:
        """They were sent, whether or not they might have been: by a person at this PC."""
        self._spend(now, Purpose.BY_HAND, octets)

    def told(self, now: datetime, octets: int) -> None:
        """So many were spent on this line today, by this kiosk and by others; whoever says so knows
        the day, too: a later one was that of a clock since set back."""
        if now.date() < self.day:
            self.day, self._spent = now.date(), Counter()
        known = 0 if now.date() > self.day else self.spent
        self._spend(now, Purpose.ELSEWHERE, max(0, octets - known))

    def _spend(self, now: datetime, purpose: Purpose, octets: int) -> None:
        if now.date() > self.day:
            self.day, self._spent = now.date(), Counter()
        self._spent[purpose] += octets

    def _kept(self, now: datetime, purpose: Purpose) -> float:
        """Octets that this purpose leaves to others for the rest of the day."""
        if purpose is Purpose.HEARTBEAT:
            return 0.0
        lasts = min(1.0, self.octets_a_day / NEEDED_OCTETS_A_DAY)
        kept = lasts * (
            HEARTBEAT_OCTETS_A_DAY if purpose is Purpose.RESULTS else NEEDED_OCTETS_A_DAY
        )
        if purpose is Purpose.TRAIN:
            kept += _KEPT_FROM_TRAINS * self.octets_a_day
        return rest_of_day(now) * kept

    def restore(self, day: date, shares: dict[Purpose, int]) -> None:
        """What a restarted program had written down."""
        self.day, self._spent = day, Counter(shares)
