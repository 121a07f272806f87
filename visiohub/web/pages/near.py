"""Public: where and when is there a visio-appointment or a visio room near me; one venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from aiohttp import web

from visiohub.booking.opening import desk_calendar, venue_calendar
from visiohub.booking.search import AHEAD, FreeSlot, VenueSlots, first_free
from visiohub.booking.search_places import (
    LEAST_LETTERS,
    Near,
    Point,
    around,
    nearest_first,
    plain,
    points_of,
)
from visiohub.booking.search_rooms import VenueRooms, free_rooms
from visiohub.booking.search_why import WhyNothing, why_no_slot
from visiohub.domain import hours
from visiohub.domain.model import Partner, Room, Service, Venue
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web import lookups, opening
from visiohub.web.context import HUB
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import day_in
from visiohub.web.public_form import Asked, asked, choices, count_search, instant_text
from visiohub.web.public_words import line_word, why_words
from visiohub.web.render import page
from visiohub.web.territory_map import Spot, drawn
from visiohub.web.week_hours import DayHours, week_hours
from visiohub.web.words import Word

routes = web.RouteTableDef()

POSTCODE_DIGITS = 5
EACH = 3
"""Slots of each venue."""
MOST_VENUES = 30
"""The nearest; a map shows them all."""
NARROW_LETTERS = 1.65
"""Of a map on a telephone, which is about half as wide as it is drawn (public.css)."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Result:
    """What was found; `unknown`: the place is nobody's town; `several`: it may be one of these."""

    point: Point | None
    unknown: bool
    several: Sequence[Point]
    service: Service | None
    partner: Partner | None
    slots: Sequence[VenueSlots]
    rooms: Sequence[VenueRooms]
    why: Mapping[str, WhyNothing]
    """By id of a shown venue that has no slot."""
    lines: Mapping[str, Word]
    spots: Sequence[Spot]
    beyond: int
    """Venues that are not shown."""


@routes.get("/near")
async def near(request: web.Request) -> web.Response:
    """List and map of what was asked for."""
    count_search(request)
    hub, form = request.app[HUB], asked(request)
    found = await hub.read(_found, form, hub.clock())
    context = {
        "form": form,
        "choices": await hub.read(choices),
        "found": found,
        "errors": _errors(form, found),
        "map": drawn(found.spots),
        "narrow_map": drawn(found.spots, letters=NARROW_LETTERS),
        "opening": opening,
        "instant": instant_text,
        "why_words": why_words,
    }
    return page(request, "near/results.html", context)


def _errors(form: Asked, found: Result) -> dict[str, str]:
    """What is wrong with the place, by name of its field."""
    if found.several:
        return {"place": _("Plusieurs communes peuvent être celle-là. Choisissez la vôtre.")}
    if not found.unknown:
        return {}
    if form.place.isdecimal() and len(form.place) != POSTCODE_DIGITS:
        return {"place": _("Donnez les cinq chiffres du code postal.")}
    if len(plain(form.place)) < LEAST_LETTERS:
        return {"place": _("Écrivez au moins %(n)s lettres.", n=LEAST_LETTERS)}
    return {"place": _("Cette commune n’est pas connue ici.")}


def _found(uow: UnitOfWork, form: Asked, now: datetime) -> Result:
    points = points_of(uow, form.place) if form.place else []
    point = points[0] if len(points) == 1 else None
    unknown = bool(form.place) and not points
    service = uow.services.find(form.service_id)
    service = service if service and service.active else None
    everywhere = sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
    if point is not None:
        close = around(uow, point, form.km)
    else:
        close = [] if form.place else nearest_first(Near(v) for v in everywhere)
    slots: list[VenueSlots] = []
    rooms: list[VenueRooms] = []
    if form.what == "room":
        rooms = free_rooms(uow, close, now)
    elif service is not None:
        slots = first_free(uow, service, close, now, now + AHEAD, now, EACH)
    why = {}
    if service is not None:
        none = [v.near for v in slots[:MOST_VENUES] if not v.slots]
        why = why_no_slot(uow, service, none, now)
    found = [v.near.venue.id for v in slots] + [v.near.venue.id for v in rooms]
    shown = found[:MOST_VENUES]
    free = {v.near.venue.id for v in slots if v.slots}
    free |= {v.near.venue.id for v in rooms if any(room.span for room in v.rooms)}
    spots = [
        Spot(v.town, v.latitude, v.longitude, _kind(v, shown, free), f"#v-{v.id}")
        for v in everywhere
        if point is None or not point.holds(v)
    ]
    if point is not None:
        spots.append(Spot(point.label, point.latitude, point.longitude, "here"))
    return Result(
        point,
        unknown,
        points if len(points) > 1 else (),
        service,
        uow.partners.find(service.partner_id) if service else None,
        slots[:MOST_VENUES],
        rooms[:MOST_VENUES],
        why,
        _lines(uow, shown),
        spots,
        max(0, len(found) - MOST_VENUES),
    )


def _kind(venue: Venue, shown: Sequence[str], free: set[str]) -> str:
    if venue.id in free:
        return "free"
    return "full" if venue.id in shown else "other"


def _lines(uow: UnitOfWork, venue_ids: Sequence[str]) -> dict[str, Word]:
    """State of each venue's line, in words; venues without a line are left out."""
    at = uow.lines.of_venues(venue_ids)
    states = uow.linkquality.states.by_ids([line.id for line in at.values()])
    return {v: line_word(states.get(line.id)) for v, line in at.items()}


@dataclass(frozen=True)
class VenuePage:
    """One venue for everybody."""

    venue: Venue
    rooms: Sequence[Room]
    has_kiosk: bool
    line: Word | None
    week: Sequence[DayHours]
    desk: Sequence[DayHours]
    """The reception's; empty: it is there whenever the venue is open."""
    service: Service | None
    partner: Partner | None
    services: lookups.Grouped
    days: Sequence[tuple[date, list[FreeSlot]]]
    first: FreeSlot | None
    """The first there is, when the week that is shown has none."""
    why: WhyNothing | None
    """When there is none at all."""


@routes.get("/near/{venue_id}")
async def one_venue(request: web.Request) -> web.Response:
    """A venue: hours, access, equipment, line; and a week of free slots of a service."""
    count_search(request)
    hub, form, now = request.app[HUB], asked(request), request.app[HUB].clock()
    zone = hours.zone_of(hub.settings.time_zone)
    today = hours.local_day(now, zone)
    start = day_in(request, "from", today).day
    start = max(today, min(start, today + AHEAD - timedelta(days=1)))
    venue_id = request.match_info["venue_id"]
    found = await hub.read(_venue, venue_id, form.service_id, start, now)
    context = {
        "form": form,
        "found": found,
        "start": start,
        "earlier": max(today, start - WEEK) if start > today else None,
        "later": start + WEEK if start + WEEK < today + AHEAD else None,
        "opening": opening,
        "instant": instant_text,
        "why_words": why_words,
    }
    return page(request, "near/venue.html", context)


def _venue(
    uow: UnitOfWork, venue_id: str, service_id: str, start: date, now: datetime
) -> VenuePage:
    venue = uow.venues.get(venue_id)
    if not venue.active:
        raise NotFound(f"venue {venue_id} is retired")
    zone = hours.zone_of(venue.time_zone)
    service = uow.services.find(service_id)
    service = service if service and service.active else None
    days: list[tuple[date, list[FreeSlot]]] = []
    first = why = None
    if service is not None:
        begin, end = hours.day_span(start, zone)[0], hours.day_span(start + WEEK, zone)[0]
        found = first_free(uow, service, [Near(venue)], max(begin, now), end, now, each=400)
        slots = [slot for one in found for slot in one.slots]
        days = [
            (day, list(group))
            for day, group in groupby(slots, lambda s: local(s.starts_at, venue.time_zone).date())
        ]
        if not days:
            ahead = first_free(uow, service, [Near(venue)], now, now + AHEAD, now, each=1)
            first = next((slot for one in ahead for slot in one.slots), None)
            if first is None:
                why = why_no_slot(uow, service, [Near(venue)], now)[venue.id]
    desk = desk_calendar(uow, venue)
    return VenuePage(
        venue,
        uow.availability.rooms_at([venue.id]),
        bool(uow.kiosks.at_venue(venue.id)),
        _lines(uow, [venue.id]).get(venue.id),
        week_hours(venue_calendar(uow, venue), hours.local_day(now, zone)),
        week_hours(desk, hours.local_day(now, zone)) if desk else [],
        service,
        uow.partners.find(service.partner_id) if service else None,
        choices(uow).services,
        days,
        first,
        why,
    )
