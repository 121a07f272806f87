"""Days and times to choose from, and why some are closed, for booking and for moving."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visiohub.booking.rooms.choices import Length, Slot, free_by_day, slots_of_day, why_closed
from visiohub.domain import hours
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.model import Person
from visiohub.domain.occupancy import Owner
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.pages.slots import DAYS_SHOWN, DayChoice
from visiohub.web.room_words import cause_sentence


@dataclass(frozen=True)
class TimeChoice:
    """One time of the chosen day."""

    value: str
    """As the form sends it, for `read_slot`."""
    text: str
    free: bool


@dataclass(frozen=True)
class Reason:
    """Why some times are closed."""

    times: str
    sentence: str


@dataclass(frozen=True)
class Times:
    """What is to be chosen from."""

    day: date
    days: tuple[DayChoice, ...]
    times: tuple[TimeChoice, ...]
    reasons: tuple[Reason, ...]
    closed: str
    """Why the whole day has no time; empty: it has some."""
    earlier: date | None
    later: date

    @property
    def has_free(self) -> bool:
        """Is there one to be had on this day?"""
        return any(time.free for time in self.times)


def times(
    uow: UnitOfWork,
    room_ids: Sequence[str],
    membership_id: str,
    length: Length,
    day: date | None,
    by: Person,
    now: datetime,
    ignored: Collection[Owner] = (),
    *,
    visio: bool = False,
    moved: str = "",
) -> Times:
    """Days from `day` on, and the times of the first of them that has one free.

    Raises what `choices.slots_of_day` raises.
    """
    room = uow.rooms.get(room_ids[0])
    zone_name = uow.venues.get(room.venue_id).time_zone
    zone = hours.zone_of(zone_name)
    today = hours.local_day(now, zone)
    wanted = min(max(day or today, today), today + hours.BOOKABLE_AHEAD)
    strip = timedelta(days=DAYS_SHOWN)
    first = today if wanted < today + strip else wanted
    free = free_by_day(
        uow,
        room_ids,
        membership_id,
        length,
        first,
        DAYS_SHOWN,
        by,
        now,
        ignored,
        visio=visio,
        moved=moved,
    )
    shown = wanted if day or not free else min(free)
    slots = slots_of_day(
        uow, room_ids, membership_id, length, shown, by, now, ignored, visio=visio, moved=moved
    )
    names = {room_id: uow.rooms.get(room_id).name for room_id in room_ids}
    closed = why_closed(uow, room_ids[0], shown)
    days = (first + timedelta(days=n) for n in range(DAYS_SHOWN))
    return Times(
        shown,
        tuple(
            DayChoice(d, open=why_closed(uow, room_ids[0], d) is None, free=free.get(d, 0))
            for d in days
        ),
        tuple(_choice(slot, zone_name) for slot in slots),
        tuple(_reasons(slots, names, zone_name)),
        cause_sentence(closed, zone_name) if closed else "",
        max(today, first - strip) if first > today else None,
        first + strip,
    )


def read_slot(value: str) -> dict[str, str | None]:
    """The fields of a WhenForm that a chosen time stands for: HH:MM-HH:MM on the venue's clock, and
    /YYYY-MM-DD, the last day, where that is another."""
    times, _slash, last_day = value.partition("/")
    starts, _dash, ends = times.partition("-")
    return {"starts": starts, "ends": ends, "last_day": last_day or None}


def _choice(slot: Slot, zone: str) -> TimeChoice:
    first, over = (formats.local(instant, zone) for instant in slot.span)
    starts, ends = formats.clock(first.time()), formats.clock(over.time())
    value = f"{first:%H:%M}-{over:%H:%M}"
    text = _("%(starts)s à %(ends)s", starts=starts, ends=ends)
    if (last := formats.last_day(slot.span[1], zone)) == first.date():
        return TimeChoice(value, text, not slot.causes)
    day = formats.short_day(last)
    text = _("%(starts)s, jusqu’au %(day)s à %(ends)s", starts=starts, day=day, ends=ends)
    return TimeChoice(f"{value}/{last}", text, not slot.causes)


def _reasons(slots: Sequence[Slot], names: Mapping[str, str], zone: str) -> list[Reason]:
    """Each reason once, with the starts that it closes."""
    closes: dict[str, list[datetime]] = {}
    for slot in slots:
        said = {
            _sentence(cause, names[room_id] if len(names) > 1 else "", zone)
            for room_id, causes in slot.causes.items()
            for cause in causes
        }
        for one in sorted(said):
            closes.setdefault(one, []).append(slot.span[0])
    return [Reason(_runs(starts, zone), one) for one, starts in closes.items()]


def _sentence(cause: Cause, room: str, zone: str) -> str:
    said = cause_sentence(cause, zone)
    return _("%(room)s : %(said)s", room=room, said=said) if room else said


def _runs(starts: Sequence[datetime], zone: str) -> str:
    """9 h, or 9 h à 11 h 30: the first and last start that a reason closes."""
    first, last = (formats.hour_at(instant, zone) for instant in (starts[0], starts[-1]))
    return first if first == last else _("%(first)s à %(last)s", first=first, last=last)
