"""Rooms by day and by week, live; what lies in them is moved from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from visiohub.booking.planning.read import planning, rooms_at
from visiohub.booking.planning.views import Lane, Planning
from visiohub.booking.rooms.scope import manages
from visiohub.domain import hours
from visiohub.domain.model import Person, Role, Room, Venue
from visiohub.errors import NotAllowed, NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web import planning_words
from visiohub.web.context import HUB, staff
from visiohub.web.inputs import day_in
from visiohub.web.live import live_page, live_part
from visiohub.web.planning_grid import grid

routes = web.RouteTableDef()
TEMPLATE = "planning/plan"
ROOMS_A_WEEK, ROOMS_OF_SEVEN_DAYS = 3, 2
"""Drawn at a time in a week: with more, no column has room for a word."""
MOST_VENUES = 4
"""Side by side in a day."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Chosen:
    """What the address asks for, as it can be shown."""

    venues: tuple[Venue, ...]
    day: date
    week: bool
    turn: int
    """Which three rooms of a week: 0 for the first."""
    room_id: str
    """The one that a telephone shows."""
    whole: bool

    def url(self, path: str = "/planning", **changes: object) -> str:
        """The address of this choice with some of it changed."""
        asked: dict[str, object] = {
            "venue": [v.id for v in self.venues],
            "day": self.day.isoformat(),
            "view": "" if self.week else "day",
            "turn": self.turn or "",
            "room": self.room_id,
            "whole": "1" if self.whole else "",
        } | changes
        kept = {name: value for name, value in asked.items() if value not in ("", None)}
        return f"{path}?{urlencode(kept, doseq=True)}"


def sees(person: Person, venue_id: str) -> bool:
    """Whether this planning is open to the person: reception its own, agents and overseers all."""
    return Role.AGENT in person.roles or manages(person, venue_id)


def seen_venues(uow: UnitOfWork, person: Person) -> list[Venue]:
    """Venues to choose from, by town."""
    found = [v for v in uow.venues.list(active=True) if sees(person, v.id)]
    return sorted(found, key=lambda v: (v.town, v.name))


def _chosen(uow: UnitOfWork, query: Mapping[str, list[str]], day: date, person: Person) -> Chosen:
    """Raises NotFound for no venue, NotAllowed for one that is not this person's to see."""
    asked = list(dict.fromkeys(v for v in query.get("venue", []) if v))[:MOST_VENUES]
    asked = asked or _first(uow, person, day)
    kept = uow.venues.by_ids(asked)
    if gone := [v for v in asked if v not in kept or not kept[v].active]:
        raise NotFound(f"no venue {gone}")
    if not asked or not all(sees(person, v) for v in asked):
        raise NotAllowed(f"no planning of {asked}")
    week = query.get("view") != ["day"] and len(asked) == 1
    turn = query.get("turn", ["0"])[0]
    return Chosen(
        tuple(kept[v] for v in asked),
        day,
        week,
        int(turn) if turn.isascii() and turn.isdecimal() and len(turn) < 4 else 0,
        query.get("room", [""])[0],
        query.get("whole") == ["1"],
    )


def _first(uow: UnitOfWork, person: Person, day: date) -> list[str]:
    """Where an agent is first awaited from this day on, else the first of all."""
    if person.partner_id is not None and Role.AGENT in person.roles:
        services = [s.id for s in uow.services.list(partner_id=person.partner_id)]
        start, _ = hours.day_span(day, hours.zone_of(uow.settings.time_zone))
        for coming in uow.appointments.between(start, start + _WEEK, service_ids=services)[:1]:
            return [uow.rooms.get(uow.kiosks.get(coming.kiosk_id).room_id).venue_id]
    return [venue.id for venue in seen_venues(uow, person)[:1]]


def _read(
    uow: UnitOfWork, query: Mapping[str, list[str]], day: date, person: Person, now: datetime
) -> dict[str, Any]:
    chosen = _chosen(uow, query, day, person)
    rooms = rooms_at(uow, [v.id for v in chosen.venues])
    weekend = any(r.weekday > 4 for v in chosen.venues for r in v.opening)
    most = ROOMS_OF_SEVEN_DAYS if weekend else ROOMS_A_WEEK
    turns = [rooms[n : n + most] for n in range(0, len(rooms), most)]
    turn = min(chosen.turn, max(0, len(turns) - 1))
    shown = (turns[turn] if turns else []) if chosen.week else rooms
    towns = {venue.id: venue.town for venue in chosen.venues}
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)] if chosen.week else [day]
    view = _without_idle_weekend(planning(uow, shown, days, person, now), day)
    this_minute = now.replace(second=0, microsecond=0)
    return {
        "chosen": chosen,
        "turns": turns if chosen.week else [],
        "switch": [
            (n, room, towns[room.venue_id]) for n, some in enumerate(turns) for room in some
        ],
        "turn": turn,
        "view": view,
        "grid": grid(view, uow.settings.slot_step_minutes, this_minute, whole=chosen.whole),
        "heads": _heads(view, chosen),
        "here": _here(shown, chosen.room_id),
        "runs": all(manages(person, v.id) for v in chosen.venues),
        "may_book": bool(person.roles & {Role.AGENT, Role.RECEPTION}),
        "step": timedelta(days=1) if not chosen.week else _WEEK,
        "today": hours.local_day(now, hours.zone_of(chosen.venues[0].time_zone)),
        "this_minute": this_minute,
        "words_of": planning_words,
    }


def _without_idle_weekend(view: Planning, day: date) -> Planning:
    """Saturday and Sunday stay away where nothing is open and nothing lies."""

    def idle(one: date) -> bool:
        if one.weekday() < 5 or one == day:
            return False
        lanes = [lane for lane in view.lanes if lane.day == one]
        whole = timedelta(hours=23)
        shut = all(
            sum((s.span[1] - s.span[0] for s in lane.shut), timedelta()) >= whole for lane in lanes
        )
        return shut and not any(lane.entries for lane in lanes)

    days = tuple(one for one in view.days if not idle(one))
    return Planning(days, tuple(lane for lane in view.lanes if lane.day in days))


def _heads(view: Planning, chosen: Chosen) -> list[list[Lane]]:
    """Lanes under one head: those of a day in a week, those of a venue in a day."""

    def head(lane: Lane) -> tuple[date, str]:
        return (lane.day, "" if chosen.week else lane.venue.id)

    return [list(lanes) for _, lanes in groupby(view.lanes, key=head)]


def _here(rooms: list[Room], room_id: str) -> str:
    """The room of a telephone's list."""
    known = [room.id for room in rooms]
    return room_id if room_id in known else known[0] if known else ""


async def _context(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    now = hub.clock()
    today = hours.local_day(now, hours.zone_of(hub.settings.time_zone))
    typed = day_in(request, "day", today)
    query = {name: request.query.getall(name) for name in request.query}
    found: dict[str, Any] = await hub.read(_read, query, typed.day, staff(request), now)
    return found | {"typed_day": typed, "errors": {"day": typed.wrong} if typed.wrong else {}}


@routes.get("/planning")
async def show(request: web.Request) -> web.Response:
    """Planning."""
    context = await _context(request)
    context["venues"] = await request.app[HUB].read(seen_venues, staff(request))
    context["move_texts"] = planning_words.move_texts()
    topics = (f"planning:{v.id}" for v in context["chosen"].venues)
    return live_page(request, TEMPLATE, context, *topics)


@routes.get("/planning/part")
async def show_part(request: web.Request) -> web.Response:
    """The part of Planning that changes."""
    return live_part(request, TEMPLATE, await _context(request))
