"""Edit how a place is opened, booked and shared; load the school holidays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from visiohub.booking.audit import note
from visiohub.booking.rooms.facts import plain
from visiohub.booking.rooms.layers import between_layers
from visiohub.booking.rooms.refusals import LimitWrong, RulesWrong
from visiohub.booking.rooms.scope import check_manages, check_runs_territory, check_version
from visiohub.domain import hours
from visiohub.domain.booking import DESK, LONGEST, PlaceRules, SchoolHolidays
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.domain.calendar.limits import Limits, NoticeBeyondHorizon
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.opening_checks import hidden, problems
from visiohub.domain.calendar.recurrence import check_start
from visiohub.domain.calendar.school_holidays import SchoolBreak, SchoolFile, read_school_file
from visiohub.domain.calendar.sharing import Sharing
from visiohub.domain.model import Person
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

MOST_CHARACTERS = 200
"""Of the name of a class of rooms."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_DAY_MIN = 24 * 60
_BOUNDS_MIN = {
    "notice": (0, 60 * _DAY_MIN),
    "buffer_before": (0, _DAY_MIN),
    "buffer_after": (0, _DAY_MIN),
    "shortest": (1, LONGEST // _MINUTE),
    "longest": (1, LONGEST // _MINUTE),
    "step": (1, _DAY_MIN),
}
"""Least and most of each limit: more is a slip of the hand, and would close all that is near."""
_RELEASE_H = (0, hours.BOOKABLE_AHEAD // _HOUR)


@dataclass(frozen=True)
class PlaceTerms:
    """What a manager edits of a venue or a room; a venue's weekly hours are edited with itself."""

    rules: OpeningRules = field(default_factory=OpeningRules)
    school_zone: str = ""
    limits: Limits = field(default_factory=Limits)
    sharing: Sharing = field(default_factory=Sharing)
    needs_approval: bool = False
    room_class: str = ""


def place_rules(uow: UnitOfWork, place_id: str) -> PlaceRules:
    """Of a venue, a room or a desk (domain.booking.desk_of), by its id; version 0 while nobody has
    edited them. Raises NotFound.
    """
    kept = uow.place_rules.find(place_id)
    if kept is not None:
        return kept
    venue = uow.venues.find(place_id)
    if venue is not None:
        return PlaceRules.of_new(venue)
    whose = uow.venues.find(place_id.removeprefix(DESK))
    if whose is not None:
        return PlaceRules(place_id, whose.id, version=0)
    room = uow.rooms.get(place_id)
    return PlaceRules(room.id, room.venue_id, room.id, version=0)


def save_place_rules(
    uow: UnitOfWork, place_id: str, terms: PlaceTerms, version: int, by: Person, now: datetime
) -> PlaceRules:
    """Edit them. Bookings made before stay as they are.

    Raises NotFound, NotAllowed, EditedMeanwhile, InvalidForm, RulesWrong.
    """
    place = place_rules(uow, place_id)
    check_manages(by, place.venue_id)
    check_version(place, version)
    _check(uow, terms, place, now)
    before = _facts(place) if place.version else {}
    for one in fields(terms):
        setattr(place, one.name, getattr(terms, one.name))
    place.rules = replace(terms.rules, school=None)
    place.version += 1
    if place.version == 1:
        uow.place_rules.add(place)
    note(uow, by, now, "place_rules.update", place.id, before, _facts(place))
    uow.changed(f"reception:{place.venue_id}")
    uow.flush()
    return place


def load_school_holidays(
    uow: UnitOfWork, data: bytes, by: Person | None, now: datetime
) -> SchoolFile:
    """Take over the ministry's file; zones that it does not name stay. `by` None: the machine's own
    administrator.

    With problems nothing of it is kept: they are in what is returned. Raises NotAllowed.
    """
    if by is not None:
        check_runs_territory(by)
    read = read_school_file(data)
    if read.problems:
        return read
    kept = uow.school_holidays.by_ids(list(read.zones))
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for name, zone in read.zones.items():
        if name in kept:
            before[name] = _days(kept[name].breaks, but=zone.breaks)
            after[name] = _days(zone.breaks, but=kept[name].breaks)
            kept[name].breaks = zone.breaks
        else:
            after[name] = _days(zone.breaks)
            uow.school_holidays.add(SchoolHolidays(name, zone.breaks))
    note(uow, by, now, "school_holidays.load", "school_holidays", before, after)
    uow.flush()
    return read


def _days(breaks: Sequence[SchoolBreak], *, but: Sequence[SchoolBreak] = ()) -> list[str]:
    """For the trail, `2026-12-19/2027-01-03 Vacances de Noël`; those on both sides say nothing."""
    return [f"{one.first}/{one.last} {one.name}" for one in breaks if one not in but]


def _check(uow: UnitOfWork, terms: PlaceTerms, place: PlaceRules, now: datetime) -> None:
    wrong: list[FieldError] = []
    if terms.rules.weekly is not None and place.is_venue:
        says = N_("Les horaires de la semaine se changent sur la fiche du lieu.")
        wrong.append(FieldError("rules.weekly", "weekly_of_venue", says))
    gone = N_("Ce choix n’existe plus. Choisissez dans la liste.")
    if terms.school_zone and uow.school_holidays.find(terms.school_zone) is None:
        wrong.append(FieldError("school_zone", "unknown_reference", gone))
    if len(terms.room_class) > MOST_CHARACTERS:  # no list has it: grids name them in fewer
        wrong.append(FieldError("room_class", "unknown_reference", gone))
    if wrong:
        raise InvalidForm(wrong)
    found = [*problems(terms.rules, now.year), *_limits(terms.limits), *_windows(terms.sharing)]
    if not found:  # what cannot be read in order hides nothing
        venue = uow.venues.get(place.venue_id)
        week = None if place.is_venue else venue.opening
        found = hidden(terms.rules, hours.zone_of(venue.time_zone), week)
        found += terms.sharing.contradictions()
    if not found:
        found += between_layers(uow, place, terms.rules, terms.limits, terms.sharing)
    if found:
        raise RulesWrong(found)


def _limits(limits: Limits) -> Iterator[Cause]:
    for name, bounds in _BOUNDS_MIN.items():
        length: timedelta | None = getattr(limits, name)
        if length is not None and not _is_whole(length, _MINUTE, bounds):
            yield LimitWrong(name, *bounds)
    days = limits.horizon_days
    if days is not None and not 0 <= days <= hours.BOOKABLE_AHEAD.days:
        yield LimitWrong("horizon_days", 0, hours.BOOKABLE_AHEAD.days)
    elif days is not None and limits.notice >= timedelta(days=days + 1):
        yield NoticeBeyondHorizon()
    if contradiction := limits.contradiction():
        yield contradiction


def _windows(sharing: Sharing) -> Iterator[Cause]:
    for shared in sharing.windows:
        if shared.release is not None and not _is_whole(shared.release, _HOUR, _RELEASE_H):
            yield LimitWrong("release", *_RELEASE_H)
        try:
            check_start(shared.window)
        except RefusedError as refused:
            yield refused.cause


def _is_whole(length: timedelta, unit: timedelta, bounds: tuple[int, int]) -> bool:
    return not length % unit and bounds[0] <= length // unit <= bounds[1]


def _facts(place: PlaceRules) -> dict[str, object]:
    return plain(place, leave=("id", "venue_id", "room_id", "version"))
