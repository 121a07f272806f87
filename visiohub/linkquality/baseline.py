"""What is usual on a line at an hour of the week. Pure.

An ADSL line is slow at ten on Mondays because the town hall works then: that is no fault. A value
counts as unusual only beside what the same hour, or the ones next to it, had before. Where the
hour of the week has no past yet, the same hour of other days stands in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

HOURS = 168
_WEEKS = 6
"""What lies further back is forgotten."""
_ENOUGH = 3
"""So many hours make a habit."""
_HIGH, _LOW = 0.9, 0.4


def hour_of_week(local: datetime) -> int:
    """0 is Monday from 0 to 1 o'clock of the venue's time."""
    return local.weekday() * 24 + local.hour


class Baseline:
    """One figure of one line. `observe` takes it as it comes, in the order of time."""

    def __init__(self) -> None:
        self._slots: list[deque[float]] = [deque(maxlen=_WEEKS) for _ in range(HOURS)]
        self._hour: datetime | None = None
        self._values: list[float] = []

    def observe(self, local: datetime, value: float) -> None:
        """A value that was not part of a fault. An hour counts once it is over."""
        hour = local.replace(minute=0, second=0, microsecond=0)
        if self._hour is not None and hour != self._hour:
            self._learn()
        self._hour = hour
        self._values.append(value)

    def state(self) -> dict[str, list[float]]:
        """What was learnt, for JSON; the hour that is not over is left out."""
        return {str(slot): list(past) for slot, past in enumerate(self._slots) if past}

    def restore(self, state: Mapping[str, Sequence[float]]) -> None:
        """Go on from a `state`."""
        for slot, past in state.items():
            self._slots[int(slot)].extend(past)

    def usual(self, local: datetime) -> float | None:
        """The median of such hours; None while nothing is known."""
        return _ranked(self._past(local), 0.5)

    def usual_low(self, local: datetime) -> float | None:
        """What three of five such hours reach; None while nothing is known. Where a figure steps
        down at dusk, the hours beside this one count half as day and half as night."""
        return _ranked(self._past(local), _LOW)

    def usual_high(self, local: datetime) -> float | None:
        """What such hours reach at their worst tenth; None while nothing is known."""
        return _ranked(self._past(local), _HIGH)

    def _learn(self) -> None:
        """The hour's own worst tenth, so that a short peak in each hour belongs to its habit."""
        worst = _ranked(self._values, _HIGH)
        if self._hour is not None and worst is not None:
            self._slots[hour_of_week(self._hour)].append(worst)
        self._values = []

    def _past(self, local: datetime) -> list[float]:
        """Hours like this one, the narrowest choice that has enough of them."""
        slot = hour_of_week(local)
        beside = self._of((slot - 1, slot, slot + 1))
        if len(self._slots[slot]) and len(beside) >= _ENOUGH:
            return beside
        any_day = self._of(slot + 24 * day for day in range(7))
        return any_day if len(any_day) >= _ENOUGH else []

    def _of(self, slots: Iterable[int]) -> list[float]:
        return [value for slot in slots for value in self._slots[slot % HOURS]]


def _ranked(values: list[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
