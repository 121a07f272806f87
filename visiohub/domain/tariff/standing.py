"""Where an account stands: passes, uses and quotas; what a booking draws, and gives back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from visiohub.domain.tariff.grid import PassOffer, Unit
from visiohub.domain.tariff.months import Month

Counts = tuple[tuple[Month, int], ...]
"""So many in each month; a month that is not named has none."""


@dataclass(frozen=True)
class PassHeld:
    """A pass that was bought; it keeps what it was sold as, whatever the grid says today."""

    id: str
    unit: Unit
    left: int
    valid_until: date
    """The last day on which a unit may be used, venue-local."""
    rooms: frozenset[str] = frozenset()

    @classmethod
    def bought(cls, offer: PassOffer, pass_id: str, day: date) -> PassHeld:
        """A fresh one of this offer."""
        until = day + timedelta(days=offer.valid_days)
        return cls(pass_id, offer.unit, offer.count, until, offer.rooms)

    def opens(self, room_id: str, room_class: str) -> bool:
        """Good for this room?"""
        return not self.rooms or not self.rooms.isdisjoint({room_id, room_class})


@dataclass(frozen=True)
class Draws:
    """What a booking takes from an account besides money."""

    uses: int = 0
    pass_units: tuple[tuple[str, int], ...] = ()
    """By id of the pass."""
    hours: Counts = ()
    pages: Counts = ()


class UnknownPassError(ValueError):
    """Units are drawn from a pass that this account does not hold, or has not enough of."""


@dataclass(frozen=True)
class Standing:
    """An account before a booking."""

    uses: int = 0
    passes: tuple[PassHeld, ...] = ()
    hours: Counts = ()
    """Of the quota, used."""
    pages: Counts = ()

    def hours_in(self, month: Month) -> int:
        """Quota hours used in this month."""
        return dict(self.hours).get(month, 0)

    def pages_in(self, month: Month) -> int:
        """Pages printed in this month."""
        return dict(self.pages).get(month, 0)

    def take(self, draws: Draws) -> Standing:
        """After a booking. Raises UnknownPassError."""
        return self._moved(draws, 1)

    def give_back(self, draws: Draws) -> Standing:
        """After it was taken back. Raises UnknownPassError."""
        return self._moved(draws, -1)

    def _moved(self, draws: Draws, sign: int) -> Standing:
        units = dict(draws.pass_units)
        held = tuple(replace(p, left=p.left - sign * units.pop(p.id, 0)) for p in self.passes)
        if units or any(p.left < 0 for p in held):
            raise UnknownPassError(f"drawn from {draws.pass_units}, held {self.passes}")
        return Standing(
            self.uses + sign * draws.uses,
            held,
            _counted(self.hours, draws.hours, sign),
            _counted(self.pages, draws.pages, sign),
        )


def _counted(before: Counts, drawn: Counts, sign: int) -> Counts:
    by_month = Counter(dict(before))
    for month, count in drawn:
        by_month[month] += sign * count
    return tuple(sorted((month, count) for month, count in by_month.items() if count))
