"""What people type to book rooms; days and times are those of the first room's venue."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from visiohub.booking.forms import Day, Form, Id, WallTime
from visiohub.domain import hours
from visiohub.domain.booking import LONGEST, MOST_ROOMS
from visiohub.domain.hours import Span
from visiohub.errors import N_, FieldError, InvalidForm, TimeDoesNotExist, TimeHappensTwice

MOST_EUROS = Decimal(10**9)
"""Far above what a year of fifteen rooms costs."""
Euros = Annotated[Decimal, Field(ge=0, le=MOST_EUROS, decimal_places=2)]
RoomIds = Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_ROOMS)]


class WhenForm(Form):
    """A time in some rooms; one that ends at 00:00 runs to the end of its last day."""

    room_ids: RoomIds
    day: Day
    starts: WallTime
    ends: WallTime
    last_day: Day | None = None
    """None: `day`."""
    uses_passes: bool | None = None
    """None: a booking that is moved is paid as it was."""
    shown_total: Euros | None = None
    """The price in euros that was shown: another one is not charged; None: any is taken."""

    def local_span(self) -> tuple[date, time, date, time]:
        """From a day and time to a day and time, local."""
        last = self.last_day or self.day
        return self.day, self.starts, last + timedelta(days=self.ends == hours.MIDNIGHT), self.ends

    def span(self, zone: ZoneInfo) -> Span:
        """In UTC. Raises InvalidForm, TimeDoesNotExist, TimeHappensTwice."""
        if len(set(self.room_ids)) < len(self.room_ids):
            says = N_("Une salle est choisie deux fois. Gardez-la une seule fois.")
            raise InvalidForm([FieldError("room_ids", "twice", says)])
        first, starts, last, ends = self.local_span()
        span = _instant("starts", first, starts, zone), _instant("ends", last, ends, zone)
        if span[1] <= span[0]:
            says = N_("La fin est avant le début. Corrigez l’heure de fin.")
            raise InvalidForm([FieldError("ends", "range_order", says)])
        if datetime.combine(last, ends) - datetime.combine(first, starts) > LONGEST:
            says = N_("C’est trop long. Réservez {days} jours au plus, puis faites la suite.")
            raise InvalidForm([FieldError("ends", "too_long", says, {"days": LONGEST.days})])
        return span


def _instant(field: str, day: date, at: time, zone: ZoneInfo) -> datetime:
    """In UTC. Raises TimeDoesNotExist, TimeHappensTwice of this field."""
    if hours.happens_twice(day, at, zone):
        raise TimeHappensTwice(f"{at} is twice on {day} in {zone}", field=field)
    try:
        return hours.to_instant(day, at, zone)
    except hours.LocalTimeMissingError as gap:
        raise TimeDoesNotExist(
            str(gap), field=field, gap_starts=gap.starts, gap_ends=gap.ends
        ) from gap


class BookingForm(WhenForm):
    """A booking to be made, or its price to be known."""

    membership_id: Id
    visio: bool = False
    uses_passes: bool = True
    shown_rules: Annotated[str, Field(max_length=1000)] | None = None
    """The rules of cancellation that were shown, as prices.rules_text writes them: others do not
    bind; None: any are taken."""


class SeriesForm(BookingForm):
    """The first date, and how it recurs: an RRULE value of RFC 5545 (domain/calendar/rule.py)."""

    rule: Annotated[str, Field(min_length=1, max_length=200)]
    excluded: tuple[Day, ...] = ()
    only_free: bool = False
    """Book the dates that are free and leave the others."""
