"""Choosing kiosk, day and time: what is free, and why the rest is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.booking.directory import Directory
from visiohub.booking.slots import Wish, free_days, hours_of_day
from visiohub.booking.views import FreeDay, WhyNot
from visiohub.domain import hours
from visiohub.domain.hours import Span
from visiohub.domain.model import OpeningRange, Service, Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.opening import times_of
from visiohub.web.room_words import cause_sentence

DAYS_SHOWN = 10
"""Two working weeks, give or take a closed day."""
_REFUSED = {
    WhyNot.NOTICE: (later("trop tôt"), later("Ce service se prépare : il faut plus de délai.")),
    WhyNot.NOT_YET: (
        later("plus tard"),
        later("Ce jour n’est pas encore ouvert aux rendez-vous de ce service."),
    ),
    WhyNot.PLACE: (later("pris"), later("La borne ou sa salle est déjà prise.")),
    WhyNot.KEPT: (later("gardé"), later("L’heure est gardée pour les professionnels.")),
    WhyNot.AGENT: (later("agent pris"), later("L’agent a déjà un rendez-vous.")),
    WhyNot.AWAY: (
        later("agent absent"),
        later("L’agent est absent, ou pris dans son propre agenda."),
    ),
    WhyNot.LINE: (
        later("ligne prise"),
        later("Une autre visio est sur la ligne du lieu, qui n’a plus assez de débit."),
    ),
}


@dataclass(frozen=True)
class DayChoice:
    """One day of the strip; `free` times, 0 when full or closed."""

    day: date
    open: bool
    free: int


@dataclass(frozen=True)
class TimeChoice:
    """One time of the chosen day; `why` is empty, "smaller" (only a smaller picture goes),
    "nobody" (no permanence, or all who receive are taken), or a WhyNot."""

    value: str
    """HH:MM on the venue's clock, as the form sends it."""
    instant: datetime
    why: str = ""
    refused: str = ""
    """Why it cannot be had, in a word or two."""


@dataclass(frozen=True)
class Slots:
    """What is to be chosen from."""

    venue: Venue
    service: Service
    day: date
    days: tuple[DayChoice, ...]
    times: tuple[TimeChoice, ...]
    reasons: tuple[tuple[str, str], ...]
    """Why some cannot be had: the word, and what it means."""
    earlier: date | None
    """First day of the strip before this one, unless that is past."""
    later: date
    open_times: str
    """Of the chosen day, in words; empty: closed, and `closed` says why."""
    closed: str


def slots(
    uow: UnitOfWork,
    service_id: str,
    kiosk_id: str,
    day: date | None,
    now: datetime,
    wish: Wish,
) -> Slots:
    """Days from `day` on, and the times of the first of them that has one free."""
    _kiosk, _room, venue = Directory(uow).whereabouts(kiosk_id)
    service = uow.services.get(service_id)
    zone = hours.zone_of(venue.time_zone)
    today = hours.local_day(now, zone)
    latest = today + hours.BOOKABLE_AHEAD
    wanted = min(max(day or today, today), latest)
    week = timedelta(days=DAYS_SHOWN)
    first = today if wanted < today + week else wanted
    strip = free_days(uow, service_id, kiosk_id, first, DAYS_SHOWN, now, wish)
    chosen = wanted if day else next((d.day for d in strip if _count(d)), wanted)
    shown = next(d for d in strip if d.day == chosen)
    opened, why = hours_of_day(uow, kiosk_id, chosen)
    return Slots(
        venue=venue,
        service=service,
        day=chosen,
        days=tuple(DayChoice(d.day, d.open, _count(d)) for d in strip),
        times=_times(shown, zone),
        reasons=_reasons(shown),
        earlier=max(today, first - week) if first > today else None,
        later=first + week,
        open_times=times_of([_on_clock(span, zone) for span in opened]),
        closed=cause_sentence(why, venue.time_zone) if why else "",
    )


def _on_clock(span: Span, zone: ZoneInfo) -> OpeningRange:
    starts, ends = (instant.astimezone(zone) for instant in span)
    return OpeningRange(starts.weekday(), starts.time(), ends.time())


def _count(day: FreeDay) -> int:
    return len(day.times) + len(day.smaller)


def _times(day: FreeDay, zone: ZoneInfo) -> tuple[TimeChoice, ...]:
    why = dict.fromkeys(day.times, "") | dict.fromkeys(day.smaller, "smaller")
    why |= dict.fromkeys(day.nobody, "nobody")
    why |= day.refused
    words = {instant: _(_REFUSED[why][0]) for instant, why in _told(day).items()}
    return tuple(
        TimeChoice(
            f"{instant.astimezone(zone):%H:%M}", instant, why[instant], words.get(instant, "")
        )
        for instant in sorted(why)
    )


def _reasons(day: FreeDay) -> tuple[tuple[str, str], ...]:
    whys = dict.fromkeys(why for _instant, why in sorted(_told(day).items()))
    return tuple((_(word), _(text)) for word, text in (_REFUSED[why] for why in whys))


def _told(day: FreeDay) -> dict[datetime, WhyNot]:
    """Times that are past are not shown."""
    return {instant: why for instant, why in day.refused.items() if why is not WhyNot.PAST}
