"""The form of a place's rules: what was typed as terms, and terms as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from visiohub.booking.rooms.refusals import RulesWrong
from visiohub.booking.rooms.rules import PlaceTerms
from visiohub.domain import hours
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.causes import RefusedError
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import Frequency, Rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.model import Room, Venue
from visiohub.errors import FieldError, InvalidForm
from visiohub.web.i18n import later
from visiohub.web.inputs import WHOLE, FormData
from visiohub.web.pages.rooms import lines
from visiohub.web.typed import read_day, read_time

T = TypeVar("T")

MOST_WINDOWS = 6
LIMITS = {
    "notice": later("Prévenir avant (minutes)"),
    "horizon_days": later("Réserver au plus tôt (jours avant)"),
    "buffer_before": later("Battement avant (minutes)"),
    "buffer_after": later("Battement après (minutes)"),
    "shortest": later("Durée la plus courte (minutes)"),
    "longest": later("Durée la plus longue (minutes)"),
    "step": later("Une heure possible toutes les (minutes)"),
}


@dataclass(frozen=True)
class Place:
    """What is edited: a venue, a room of it, or its reception desk."""

    rules: PlaceRules
    venue: Venue
    room: Room | None
    classes: tuple[str, ...]
    school_zones: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        """Of the venue."""
        return hours.zone_of(self.venue.time_zone)


def read_terms(typed: FormData, place: Place, today: date) -> PlaceTerms:
    """Raises InvalidForm for what cannot be read, RulesWrong for a repetition that is none."""
    wrong: list[FieldError] = []
    kept = place.rules.rules

    def number(name: str) -> int | None:
        text = typed.one(name)
        if text and not WHOLE.fullmatch(text):
            wrong.append(FieldError(name, "int_parsing", later("Donnez un nombre entier.")))
            return None
        return int(text) if text else None

    def minutes(name: str) -> timedelta | None:
        found = number(name)
        return None if found is None else timedelta(minutes=found)

    usual = Limits()
    limits = Limits(
        notice=minutes("notice") or usual.notice,
        horizon_days=number("horizon_days"),
        buffer_before=minutes("buffer_before") or usual.buffer_before,
        buffer_after=minutes("buffer_after") or usual.buffer_after,
        shortest=usual.shortest if (short := minutes("shortest")) is None else short,
        longest=minutes("longest"),
        step=usual.step if (step := minutes("step")) is None else step,
    )

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(typed.one(name)) if typed.one(name) else otherwise
        except lines.LineUnreadableError as error:
            wrong.append(error.of_field(name))
            return otherwise

    rules = OpeningRules(
        weekly=read("weekly", lines.read_week, None),
        in_school_holidays=read("in_school_holidays", lines.read_week, None),
        holidays=_holidays(typed, kept.holidays),
        exceptions=read("exceptions", lines.read_exceptions, ()),
        closures=read("closures", lambda text: lines.read_closures(text, place.zone), ()),
    )
    windows = _windows(typed, place, today, wrong)
    if wrong:
        raise InvalidForm(wrong)
    return PlaceTerms(
        rules=rules,
        school_zone=typed.one("school_zone"),
        limits=limits,
        sharing=Sharing(windows),
        needs_approval=typed.one("needs_approval") == "1",
        room_class=typed.one("room_class"),
    )


def _holidays(typed: FormData, kept: HolidayRule | None) -> HolidayRule | None:
    territory = typed.one("territory")
    if territory == "none":
        return None
    others = kept.others if kept else frozenset()
    return HolidayRule(Territory(territory if territory in list(Territory) else ""), others=others)


def _windows(
    typed: FormData, place: Place, today: date, wrong: list[FieldError]
) -> tuple[SharedWindow, ...]:
    found = []
    for n in range(MOST_WINDOWS):
        days = sorted({int(d) for d in typed.many(f"window.{n}.days") if d in set("0123456")})
        if not days:
            continue
        opens, closes = (read_time(typed.one(f"window.{n}.{name}")) for name in ("from", "to"))
        ahead = typed.one(f"window.{n}.ahead")
        if not opens or not closes:
            says = later("Donnez deux heures, par exemple 8:00 et 12:00.")
            wrong.append(FieldError(f"window.{n}.from", "time_parsing", says))
            continue
        if ahead and not (ahead.isascii() and ahead.isdecimal() and len(ahead) < 5):
            says = later("Donnez un nombre entier.")
            wrong.append(FieldError(f"window.{n}.ahead", "int_parsing", says))
            continue
        start = _first_day(typed.one(f"window.{n}.since"), days, today)
        try:
            window = Recurrence(
                datetime.combine(start, time.fromisoformat(opens)),
                datetime.combine(start, time.fromisoformat(closes)),
                place.zone,
                Rule(Frequency.WEEKLY, by_day=tuple((0, day) for day in days)),
            )
        except RefusedError as refused:
            raise RulesWrong([refused.cause]) from refused
        first = typed.one(f"window.{n}.first")
        release = timedelta(hours=int(ahead)) if ahead else None
        profile = Profile(first) if first in list(Profile) else Profile.PUBLIC_SERVICE
        found.append(SharedWindow(window, profile, release))
    return tuple(found)


def _first_day(since: str, days: list[int], today: date) -> date:
    """The first named weekday from the day that is kept, or from today on."""
    start = read_day(since) or today
    if start.year not in hours.YEARS_IN_SIGHT:
        start = today
    return next(day for n in range(7) if (day := start + timedelta(days=n)).weekday() in days)


def typed_terms(place: Place) -> FormData:
    """The form with what is kept."""
    kept = place.rules
    rules, limits = kept.rules, kept.limits

    def minutes(span: timedelta | None) -> str:
        return "" if span is None else str(span // timedelta(minutes=1))

    typed = FormData(
        version=str(kept.version),
        school_zone=kept.school_zone,
        room_class=kept.room_class,
        needs_approval="1" if kept.needs_approval else "",
        territory=rules.holidays.territory.value if rules.holidays else "none",
        weekly=lines.write_week(rules.weekly or ()),
        in_school_holidays=lines.write_week(rules.in_school_holidays or ()),
        exceptions=lines.write_exceptions(rules.exceptions),
        closures=lines.write_closures(rules.closures, place.zone),
        horizon_days="" if limits.horizon_days is None else str(limits.horizon_days),
    )
    for name in LIMITS:
        if name != "horizon_days":
            typed[name] = minutes(getattr(limits, name))
    for n, shared in enumerate(kept.sharing.windows):
        at, window = f"window.{n}", shared.window
        typed[f"{at}.from"] = f"{window.starts:%H:%M}"
        typed[f"{at}.to"] = f"{window.ends:%H:%M}"
        typed[f"{at}.since"] = window.starts.date().isoformat()
        typed[f"{at}.first"] = shared.first.value
        typed[f"{at}.ahead"] = "" if shared.release is None else _hours(shared.release)
        days = [day for _n, day in window.rule.by_day] or [window.starts.weekday()]
        typed.extend((f"{at}.days", str(day)) for day in days)
    return typed


def _hours(span: timedelta) -> str:
    return str(span // timedelta(hours=1))


def shown_windows(typed: FormData) -> list[int]:
    """Those that are filled, and one more."""
    filled = [n for n in range(MOST_WINDOWS) if typed.many(f"window.{n}.days")]
    return [n for n in range(MOST_WINDOWS) if n in filled or n == max(filled, default=-1) + 1]
