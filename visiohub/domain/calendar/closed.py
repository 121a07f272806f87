"""Why a place is closed at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from visiohub.domain.calendar.causes import Cause
from visiohub.errors import N_


@dataclass(frozen=True)
class Closed(Cause):
    """Base of the reasons."""


@dataclass(frozen=True)
class OutsideHours(Closed):
    """The weekly timetable says so."""

    code = "outside_hours"
    says = N_("Fermé à cette heure.")


@dataclass(frozen=True)
class OnPublicHoliday(Closed):
    """`name` is the French name of the day."""

    name: str
    code = "public_holiday"
    says = N_("Fermé ce jour férié ({name}).")


@dataclass(frozen=True)
class ForClosure(Closed):
    """`reason` is what the venue wrote; `until` is when it is over, later ones that follow too."""

    reason: str
    until: datetime
    code = "closure"
    says = N_("Fermé jusqu’au {until} ({reason}).")


@dataclass(frozen=True)
class OnExceptionalDay(Closed):
    """The day has other hours than usual, or none; `label` is what the venue wrote."""

    label: str
    code = "exceptional_day"
    says = N_("Fermé, horaires exceptionnels ce jour ({label}).")


@dataclass(frozen=True)
class InSchoolHolidays(Closed):
    """Open at this hour in other weeks; `name` is that of the school holidays."""

    name: str
    code = "school_holidays"
    says = N_("Fermé à cette heure pendant les vacances scolaires ({name}).")
