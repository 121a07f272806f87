"""How soon, how far ahead, how long and on which starts a room or a service may be booked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.hours import Span
from visiohub.errors import N_

_T = TypeVar("_T", int, timedelta)


@dataclass(frozen=True)
class TooShort(Cause):
    """`shortest` would do."""

    shortest: timedelta
    code = "too_short"
    says = N_("C’est trop court. Réservez au moins {shortest}.")


@dataclass(frozen=True)
class TooLong(Cause):
    """`longest` would do."""

    longest: timedelta
    code = "too_long"
    says = N_("C’est trop long. Réservez {longest} au plus.")


@dataclass(frozen=True)
class TooSoon(Cause):
    """Gone, or within the notice; `earliest` is the first start that would do."""

    earliest: datetime
    code = "too_soon"
    says = N_("C’est trop tôt pour être prêt. Choisissez une heure à partir du {earliest}.")


@dataclass(frozen=True)
class TooFarAhead(Cause):
    """`last_day` would do today; the day asked for can be booked from `opens_on` on."""

    last_day: date
    opens_on: date
    code = "too_far_ahead"
    says = N_(
        "Ce jour n’est pas encore ouvert à la réservation. Choisissez un jour jusqu’au "
        "{last_day}, ou revenez le {opens_on}."
    )


@dataclass(frozen=True)
class OffGrid(Cause):
    """The starts on both sides; `later` None: the last was `earlier`."""

    earlier: datetime
    later: datetime | None
    code = "off_grid"
    says = N_("On ne commence pas à cette heure. Choisissez par exemple {earlier}.")


@dataclass(frozen=True)
class Contradiction(Cause):
    """Of a room and a service together: nothing is long enough and short enough."""

    shortest: timedelta
    longest: timedelta
    code = "contradiction"
    says = N_(
        "La durée la plus courte ({shortest}) dépasse la plus longue ({longest}). "
        "Changez l’une des deux."
    )


@dataclass(frozen=True)
class NoticeBeyondHorizon(Cause):
    """What is near enough to be booked is too near."""

    code = "notice_beyond_horizon"
    says = N_(
        "Avec ce délai et ce nombre de jours, rien ne pourrait être réservé. "
        "Raccourcissez le délai, ou ouvrez plus de jours."
    )


@dataclass(frozen=True)
class Limits:
    """Of a room or of a service. Buffers of two neighbours add up, and may lie outside hours."""

    notice: timedelta = timedelta()
    horizon_days: int | None = None
    """Local days after today; None: as far as anything is booked."""
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    shortest: timedelta = timedelta(minutes=15)
    longest: timedelta | None = None
    step: timedelta = timedelta(minutes=15)
    """Between starts, from each opening on (spans.slots)."""

    def narrowed(self, other: Limits) -> Limits:
        """Both at once, a service in a room: the stricter of each, starts that suit both."""
        second = timedelta(seconds=1)
        return Limits(
            notice=max(self.notice, other.notice),
            horizon_days=_least(self.horizon_days, other.horizon_days),
            buffer_before=max(self.buffer_before, other.buffer_before),
            buffer_after=max(self.buffer_after, other.buffer_after),
            shortest=max(self.shortest, other.shortest),
            longest=_least(self.longest, other.longest),
            step=math.lcm(self.step // second, other.step // second) * second,
        )

    def contradiction(self) -> Contradiction | None:
        """Why nothing at all can be booked."""
        if self.longest is not None and self.shortest > self.longest:
            return Contradiction(self.shortest, self.longest)
        return None

    def kept(self, start: datetime, end: datetime) -> Span:
        """What a booking takes with its buffers: nothing else may lie in it."""
        return start - self.buffer_before, end + self.buffer_after

    def blocked(self, kept: Sequence[Span]) -> sp.Spans:
        """Where no booking may lie: its buffers would meet what others keep with theirs."""
        return sp.widened(kept, self.buffer_after, self.buffer_before)

    def bookable(self, now: datetime, zone: ZoneInfo) -> Span:
        """From when and until when a booking may lie."""
        last_day = self.last_day(now, zone)
        return now + self.notice, hours.day_span(last_day, zone)[1]

    def last_day(self, now: datetime, zone: ZoneInfo) -> date:
        """The last local day on which a booking may begin."""
        ahead = hours.BOOKABLE_AHEAD
        if self.horizon_days is not None:
            ahead = min(ahead, timedelta(days=self.horizon_days))
        return hours.local_day(now, zone) + ahead

    def allows(self, duration: timedelta) -> bool:
        """Neither too short nor too long."""
        return self.shortest <= duration and (self.longest is None or duration <= self.longest)

    def on_grid(self, start: datetime, opened: Sequence[Span]) -> bool:
        """Whether a booking may begin at this instant as far as the grid of starts goes."""
        whole = sp.span_at(opened, start)
        return whole is None or not (start - whole[0]) % self.step

    def check(
        self, start: datetime, end: datetime, opened: Sequence[Span], now: datetime, zone: ZoneInfo
    ) -> list[Cause]:
        """Everything that is against it, empty when nothing; whether it is open is not asked.

        `opened` are the place's spans around the booking: the grid begins with each.
        """
        found: list[Cause] = []
        duration = end - start
        # the clock counts, too: a day has 23 or 25 hours where it changes
        begins, ends = (edge.astimezone(zone).replace(tzinfo=None) for edge in (start, end))
        on_the_clock = ends - begins
        if max(duration, on_the_clock) < self.shortest:
            found.append(TooShort(self.shortest))
        if self.longest is not None and min(duration, on_the_clock) > self.longest:
            found.append(TooLong(self.longest))
        soonest = now + self.notice
        if start < soonest:
            first = next(
                sp.slots(opened, opened, max(duration, self.shortest), self.step, soonest), None
            )
            found.append(TooSoon(first[0] if first else soonest))
        day, last_day = hours.local_day(start, zone), self.last_day(now, zone)
        if day > last_day:
            opens_on = day - (last_day - hours.local_day(now, zone))
            found.append(TooFarAhead(last_day, opens_on))
        whole = sp.span_at(opened, start)
        if whole and (past := (start - whole[0]) % self.step):
            later = start - past + self.step
            found.append(OffGrid(start - past, later if later + duration <= whole[1] else None))
        return found


def _least(one: _T | None, other: _T | None) -> _T | None:
    return other if one is None else one if other is None else min(one, other)
