"""The waiting list: who waits for a slot, and offers that last for some time. Pure.

waiting -> offered -> taken; an offer that is declined, withdrawn or runs out leads back to waiting,
and the second that runs out to over: nobody is there. One that nobody could tell them of does not
count. Leaving and the last day end it from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from visiohub.domain.model import Need

MOST_LAPSES = 2
"""Offers that ran out without an answer, of those that were told."""
LONGEST_OFFER = timedelta(hours=12)
SHORTEST_OFFER = timedelta(minutes=30)
UNTOLD_OFFER = timedelta(minutes=15)
"""Where nobody can tell them: they have to look."""
TO_GET_THERE = timedelta(hours=1)
"""From an answer to the appointment, at least."""
SOONEST = TO_GET_THERE + SHORTEST_OFFER
"""What begins sooner is not offered."""


class WaitState(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LEFT = "left"
    """By the citizen."""
    OVER = "over"
    """Its last day passed, or who was told did not answer."""


OPEN = frozenset({WaitState.WAITING, WaitState.OFFERED})


@dataclass(frozen=True)
class Offer:
    """A slot held for somebody, with an agent or a counter's seat, until `until`; instants, UTC."""

    kiosk_id: str
    starts_at: datetime
    ends_at: datetime
    agent_id: str | None
    seat_id: str | None
    until: datetime


@dataclass(eq=False)
class WaitingEntry:
    """Somebody who waits for a slot of a service at one of some venues, between two instants."""

    id: str
    service_id: str
    venue_ids: tuple[str, ...]
    """In order of preference."""
    not_before: datetime
    not_after: datetime
    asked_at: datetime
    token_hash: str
    language: str
    state: WaitState = WaitState.WAITING
    initials: str = ""
    phone: str = ""
    email: str = ""
    needs: frozenset[Need] = frozenset()
    offer: Offer | None = None
    offer_token_hash: str = ""
    """Of the link that the last offer was told with: the page's own token is not kept."""
    refused: tuple[datetime, ...] = ()
    """Starts that were declined or ran out: they are not offered again."""
    lapses: int = 0
    appointment_id: str | None = None
    version: int = 1

    def offered(self, offer: Offer) -> None:
        """A slot is held. Raises ValueError unless it waits."""
        self._step({WaitState.WAITING}, WaitState.OFFERED)
        self.offer = offer

    def accepted(self, appointment_id: str) -> None:
        """It became an appointment. Raises ValueError unless one is offered."""
        self._step({WaitState.OFFERED}, WaitState.TAKEN)
        self.offer, self.appointment_id = None, appointment_id

    def declined(self) -> None:
        """Another, please. Raises ValueError unless one is offered."""
        self._let_go({WaitState.OFFERED}, WaitState.WAITING)

    def withdrawn(self) -> None:
        """The slot can no longer be had; unlike one that was declined it may be offered again.
        Raises ValueError unless one is offered."""
        self._step({WaitState.OFFERED}, WaitState.WAITING)
        self.offer = None

    def left(self) -> None:
        """No longer wanted. Raises ValueError once it is over."""
        self._let_go(OPEN, WaitState.LEFT)

    def is_due(self, now: datetime) -> bool:
        """Whether time alone has changed it: its offer ran out, or its last day passed."""
        if self.state is WaitState.OFFERED and self.offer is not None:
            return now >= self.offer.until
        return self.state is WaitState.WAITING and now >= self.not_after

    def passed(self, now: datetime, *, told: bool = True) -> bool:
        """What time alone changes; False: nothing. An offer of which they could not be `told` may
        run out as often as there are starts: each is offered once."""
        if not self.is_due(now):
            return False
        if self.state is WaitState.OFFERED and told:
            self.lapses += 1
        gone = self.lapses >= MOST_LAPSES or now >= self.not_after
        self._let_go(OPEN, WaitState.OVER if gone else WaitState.WAITING)
        return True

    def _let_go(self, of: frozenset[WaitState] | set[WaitState], to: WaitState) -> None:
        self._step(of, to)
        if self.offer is not None:
            self.refused = (*self.refused, self.offer.starts_at)
        self.offer = None

    def _step(self, of: frozenset[WaitState] | set[WaitState], to: WaitState) -> None:
        if self.state not in of:
            raise ValueError(f"{self.state} cannot become {to}")
        self.state = to
        self.version += 1


def offer_until(now: datetime, starts_at: datetime, *, told: bool = True) -> datetime | None:
    """Until when a slot is held for an answer: half of the time that is left to get there, within
    bounds, and shortly for who cannot be `told`; None: it is too near to be offered."""
    if starts_at < now + SOONEST:
        return None
    if not told:
        return now + UNTOLD_OFFER
    left = starts_at - TO_GET_THERE - now
    return now + max(SHORTEST_OFFER, min(LONGEST_OFFER, left / 2))
