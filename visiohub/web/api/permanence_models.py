"""What the API takes and gives of permanences and absences; days and times are local."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.forms import Day
from visiohub.booking.permanences import AbsenceForm, PermanenceForm
from visiohub.domain import hours
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.permanence import Absence, Permanence
from visiohub.web.api.describe import Inputs, by_names
from visiohub.web.api.models import Id, Version, VersionIn
from visiohub.web.permanence_words import last_day_of


class PartnerQuery(Inputs):
    """Whose; without a partner: of all that you may see."""

    partner_id: Annotated[str, Field(max_length=64)] = ""


class PermanenceIn(PermanenceForm):
    """When an agent receives, or without an agent a counter with a name and seats. `rule` is an
    RRULE value of RFC 5545, `first_day` one of its days."""


class PermanenceChangeIn(PermanenceIn):
    """All of it anew; `version` is the one that was read."""

    version: Version


class PermanenceEndIn(VersionIn):
    """`last_day` is the last on which it is held; before its first day: never."""

    last_day: Day


class PermanenceOut(BaseModel):
    """A recurring window in which an agent or a counter receives."""

    id: str
    version: int
    partner_id: str
    agent_id: str | None
    """Null: a counter."""
    name: str
    seats: int
    service_ids: list[str]
    venue_ids: list[str]
    """Where the people are; empty: everywhere."""
    first_day: date
    last_day: date | None
    opens: str
    closes: str
    """HH:MM on the clock of `time_zone`."""
    time_zone: str
    rule: str
    """RFC 5545 RRULE value, without the end that `last_day` says."""
    excluded: list[date]

    @classmethod
    def of(cls, kept: Permanence) -> Self:
        """From the domain's."""
        rule = replace(parse_rule(kept.rule), until=None).text(hours.zone_of(kept.time_zone))
        same = ("id", "version", "partner_id", "agent_id", "name", "seats", "first_day")
        lists = ("service_ids", "venue_ids", "excluded")
        return cls(
            **{name: getattr(kept, name) for name in (*same, "time_zone")},
            **{name: list(getattr(kept, name)) for name in lists},
            last_day=last_day_of(kept),
            opens=f"{kept.opens:%H:%M}",
            closes=f"{kept.closes:%H:%M}",
            rule=rule,
        )


class AbsenceIn(AbsenceForm):
    """Whole days, or hours of them; `holder_id` is an agent, or the permanence of a counter."""

    partner_id: Id


class AbsenceOut(BaseModel):
    """Somebody does not receive."""

    id: str
    partner_id: str
    holder_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str

    @classmethod
    def of(cls, kept: Absence) -> Self:
        """From the domain's."""
        return by_names(cls, kept)
