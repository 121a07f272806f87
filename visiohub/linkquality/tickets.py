"""Who may load a line, when, and how much: limits that keep a measurement from harming. Pure.

A ticket is for one line. It opens each direction once, soon, for so many octets; no second one is
given for the line while it is good, nor more at one time than the hub can carry.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from visiohub.linkquality.ndt7 import LIMIT_S, cost_octets

GOOD_FOR_S = 120.0
"""From the ticket to the last octet: two directions, and a kiosk that is told first."""
AT_ONE_TIME = 4
AN_HOUR = 12
"""Tickets of one line."""
_TRY_AGAIN_S = 0.1
_ROOM = 2.0
"""A line may be this much faster than its contract says."""
_LEAST_OCTETS = 2_000_000
_MOST_OCTETS = 150_000_000


class TicketRefused(Exception):  # noqa: N818 - a refusal is named for what happened
    """No load now; `code` says why, `retry_after_s` when to ask again (None: not at all)."""

    def __init__(self, code: str, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s


@dataclass
class Ticket:
    """The right to load one line once in each direction."""

    token: str
    line_id: str
    octets: dict[str, int]
    """That it may still move, by direction."""
    until: float
    used: set[str] = field(default_factory=set)
    running: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether both directions are over."""
        return not self.running and {"download", "upload"} <= self.used


class Tickets:
    """All that are good; times are of one monotonic clock, in seconds."""

    def __init__(self, at_one_time: int = AT_ONE_TIME) -> None:
        self._at_one_time = at_one_time
        self._good: dict[str, Ticket] = {}
        self._given: dict[str, deque[float]] = {}

    def give(
        self, token: str, line_id: str, down_kbit_s: float, up_kbit_s: float, now: float
    ) -> Ticket:
        """A ticket for a line of these rates; `token` is a secret that nobody can guess.

        Raises:
            TicketRefused: line_measured, too_many_measurements.
        """
        self._forget(now)
        for other in self._good.values():
            if other.line_id == line_id:
                raise TicketRefused("line_measured", max(1.0, other.until - now))
        if len(self._good) >= self._at_one_time:
            soonest = min(ticket.until for ticket in self._good.values())
            raise TicketRefused("too_many_measurements", max(1.0, soonest - now))
        given = self._given.setdefault(line_id, deque())
        while given and given[0] <= now - 3600:
            given.popleft()
        if len(given) >= AN_HOUR:
            raise TicketRefused("too_many_measurements", given[0] + 3600 - now)
        given.append(now)
        octets = {"download": _most(down_kbit_s), "upload": _most(up_kbit_s)}
        ticket = Ticket(token, line_id, octets, now + GOOD_FOR_S)
        self._good[token] = ticket
        return ticket

    def begin(self, token: str, direction: str, now: float) -> Ticket:
        """Open one direction; `end` it afterwards, whatever happens.

        Raises:
            TicketRefused: ticket_unknown (never given, or too old), ticket_used (to be tried again
                where the other direction is not over yet).
        """
        ticket = self.find(token, now)
        if direction in ticket.used:
            raise TicketRefused("ticket_used")
        if ticket.running:
            raise TicketRefused("ticket_used", _TRY_AGAIN_S)
        if ticket.until - now < LIMIT_S:
            raise TicketRefused("ticket_unknown")
        ticket.used.add(direction)
        ticket.running += 1
        return ticket

    def find(self, token: str, now: float) -> Ticket:
        """A ticket that is good. Raises TicketRefused: ticket_unknown."""
        self._forget(now)
        ticket = self._good.get(token)
        if ticket is None:
            raise TicketRefused("ticket_unknown")
        return ticket

    def end(self, ticket: Ticket) -> None:
        """A direction is over; after both, the line is free again."""
        ticket.running -= 1
        if ticket.is_used_up:
            self._good.pop(ticket.token, None)

    def undo(self, ticket: Ticket) -> None:
        """It was never handed out, and counts as none of the hour's."""
        self._good.pop(ticket.token, None)
        if given := self._given.pop(ticket.line_id, None):
            given.pop()
            if given:
                self._given[ticket.line_id] = given

    def withdraw(self, ticket: Ticket) -> None:
        """It opens nothing more, and what it opened has moved enough."""
        self._good.pop(ticket.token, None)
        ticket.octets = dict.fromkeys(ticket.octets, -1)

    def _forget(self, now: float) -> None:
        for token, ticket in list(self._good.items()):
            if ticket.until <= now:
                del self._good[token]
        for line_id, given in list(self._given.items()):
            if given[-1] <= now - 3600:
                del self._given[line_id]


def _most(kbit_s: float) -> int:
    """Octets of one direction."""
    return max(_LEAST_OCTETS, min(int(_ROOM * cost_octets(kbit_s, 0.0)), _MOST_OCTETS))
