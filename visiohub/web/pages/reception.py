"""Reception's day at one venue: arrivals, help, rooms, keys, kiosks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from visiohub.booking import agenda, presence, waiting_desk
from visiohub.booking.lines.checks import newest_checks
from visiohub.booking.lines.today import line_today
from visiohub.booking.rooms import attendance, keys, lists
from visiohub.booking.rooms.lists import VenueRow
from visiohub.domain import hours
from visiohub.domain.booking import HOLDS_ITS_ROOM, BookedRoom, KeyLoan
from visiohub.domain.line import LineCheck
from visiohub.domain.model import Person, Room, Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING, staff
from visiohub.web.formats import local
from visiohub.web.kiosk_words import kiosk_word
from visiohub.web.line_fault_words import look_words
from visiohub.web.line_words import line_sentence
from visiohub.web.live import live_page, live_part
from visiohub.web.render import see_other
from visiohub.web.room_words import ROOM_STATE
from visiohub.web.scope import require_kiosk_at, require_venue

routes = web.RouteTableDef()
TEMPLATE = "reception/day"


def _venues(uow: UnitOfWork, person: Person) -> list[Venue]:
    return [v for v in uow.venues.list(active=True) if v.id in person.venue_ids]


@routes.get("/reception")
async def first(request: web.Request) -> web.Response:
    """Go to the first of one's venues."""
    venues = await request.app[HUB].read(_venues, staff(request))
    if not venues:
        raise web.HTTPForbidden
    return see_other(f"/reception/{venues[0].id}")


async def _context(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    person = staff(request)
    venue_id = require_venue(person, request.match_info["venue_id"])
    venues = await hub.read(_venues, person)
    venue = next((v for v in venues if v.id == venue_id), None)
    if venue is None:
        raise web.HTTPNotFound
    now = hub.clock()
    today = local(now, venue.time_zone).date()
    view = await hub.read(agenda.reception_day, venue_id, today, now)
    span = hours.day_span(today, hours.zone_of(venue.time_zone))
    line = await hub.read(line_today, venue_id, now)
    bookings = await hub.read(lists.at_venue, venue_id, *span, person)
    ids = [row.id for row in view.appointments] + [one.whole.booking.id for one in bookings]
    checks = await hub.read(_checks, venue_id, ids)
    return {
        "looks": {key: look_words(check) for key, check in checks.items()},
        "line": line_sentence(line, venue.time_zone, now) if line else "",
        "view": view,
        "venue": venue,
        "venues": venues,
        "kiosk_word": kiosk_word,
        "bookings": bookings,
        "asked": await hub.read(_asked, venue_id, person),
        "keys": await hub.read(_keys, venue_id, person),
        "holds_its_room": HOLDS_ITS_ROOM,
        "to_call": await hub.read(waiting_desk.to_call, venue_id),
        "room_words": ROOM_STATE,
        "come_from": now + attendance.EARLY,
    }


def _checks(uow: UnitOfWork, venue_id: str, visio_ids: list[str]) -> Mapping[str, LineCheck]:
    """Looks at this venue's line before these visios."""
    line = uow.lines.of_venue(venue_id)
    return newest_checks(uow, visio_ids, line.id) if line else {}


def _asked(uow: UnitOfWork, venue_id: str, person: Person) -> list[VenueRow]:
    """What waits for this venue's answer, on whatever day."""
    waiting = lists.waiting_for_answer(uow, person)
    return [one for one in waiting if one.row.venue.id == venue_id]


def _keys(uow: UnitOfWork, venue_id: str, person: Person) -> list[tuple[KeyLoan, BookedRoom, Room]]:
    """What is out, the longest first, with the room that it is for, also of bookings that were
    given up since."""
    loans = sorted(keys.keys_out(uow, venue_id, person), key=lambda loan: loan.out_at)
    found = uow.booked_rooms.by_ids([loan.booked_room_id for loan in loans])
    booked = [(loan, found[loan.booked_room_id]) for loan in loans]
    return [(loan, one, uow.rooms.get(one.room_id)) for loan, one in booked]


@routes.get("/reception/{venue_id}")
async def day(request: web.Request) -> web.Response:
    """Aujourd'hui."""
    context = await _context(request)
    return live_page(request, TEMPLATE, context, f"reception:{context['venue'].id}", "kiosks")


@routes.get("/reception/{venue_id}/day")
async def day_part(request: web.Request) -> web.Response:
    """The part of Aujourd'hui that changes."""
    return live_part(request, TEMPLATE, await _context(request))


@routes.post("/reception/{venue_id}/kiosks/{kiosk_id}/coming")
async def coming(request: web.Request) -> web.Response:
    """J'arrive: the kiosk's screen says so."""
    hub = request.app[HUB]
    person = staff(request)
    venue_id = require_venue(person, request.match_info["venue_id"])
    kiosk_id = request.match_info["kiosk_id"]
    await hub.read(require_kiosk_at, kiosk_id, venue_id)
    phone = await hub.run(presence.help_coming, kiosk_id, person, hub.clock())
    request.app[SIGNALING].push_help(kiosk_id, "coming", phone)
    return see_other(f"/reception/{venue_id}", "coming")


@routes.post("/reception/{venue_id}/kiosks/{kiosk_id}/unlock")
async def unlock(request: web.Request) -> web.Response:
    """Typed codes work again at this kiosk."""
    hub = request.app[HUB]
    person = staff(request)
    venue_id = require_venue(person, request.match_info["venue_id"])
    kiosk_id = request.match_info["kiosk_id"]
    await hub.read(require_kiosk_at, kiosk_id, venue_id)
    await hub.run(presence.unlock_codes, kiosk_id, person, hub.clock())
    return see_other(f"/reception/{venue_id}", "unlocked")
