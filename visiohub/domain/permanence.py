"""Permanences and absences as they are kept; `calendar.permanences` says what they give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from visiohub.domain import hours
from visiohub.domain.calendar import permanences
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.occupancy import Resource, ResourceKind, seats


@dataclass(eq=False)
class Permanence:
    """One recurring window in which an agent, or a counter of several seats, receives by visio.

    A counter is this window alone: with a lunch break it has two, of other hours.
    """

    id: str
    partner_id: str
    agent_id: str | None
    """None: a counter, whose agent is found when the person is admitted."""
    name: str
    """Of a counter; empty for an agent's."""
    seats: int
    service_ids: tuple[str, ...]
    venue_ids: tuple[str, ...]
    """Where the people are; empty: everywhere."""
    first_day: date
    opens: time
    closes: time
    """Local in `time_zone`; 00:00 is the day's end."""
    time_zone: str
    rule: str
    """RFC 5545 RRULE value, with UNTIL when it ends."""
    excluded: tuple[date, ...] = ()
    active: bool = True
    version: int = 1

    @property
    def holder_id(self) -> str:
        """Whose absences and other windows go with it."""
        return self.agent_id or self.id

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What an appointment in it takes one of."""
        if self.agent_id is not None:
            return (Resource(ResourceKind.AGENT, self.agent_id),)
        return seats(self.id, self.seats)

    def recurrence(self) -> Recurrence:
        """When it is held. RefusedError with the cause when its rule or its hours cannot be."""
        starts = datetime.combine(self.first_day, self.opens)
        last_day = self.first_day + timedelta(days=self.closes == hours.MIDNIGHT)
        return Recurrence(
            starts,
            datetime.combine(last_day, self.closes),
            hours.zone_of(self.time_zone),
            parse_rule(self.rule),
            frozenset(self.excluded),
        )

    def as_rule(self) -> permanences.Permanence:
        """As the calendar knows it."""
        return permanences.Permanence(
            self.holder_id,
            (self.recurrence(),),
            frozenset(self.service_ids),
            frozenset(self.venue_ids),
            self.seats,
        )


@dataclass(eq=False)
class Absence:
    """An agent, or a whole counter, does not receive between two instants."""

    id: str
    holder_id: str
    """Of the agent or of the counter's permanence."""
    partner_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    """For colleagues alone."""
