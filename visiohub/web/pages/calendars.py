"""One's own calendars: addresses that other programs read, and the outside calendar of an agent."""

from __future__ import annotations

import hashlib

from aiohttp import web

from visiohub.booking import connections, feeds, outside
from visiohub.booking.rooms.scope import manages
from visiohub.domain.connections import Feed, FeedKind
from visiohub.domain.model import Person, Role
from visiohub.errors import VisiohubError
from visiohub.notify.ics import calendar
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, speak
from visiohub.web.inputs import read_posted
from visiohub.web.render import page, see_other

routes = web.RouteTableDef()

PROBLEMS = {
    "gone": later("L’adresse ne répond plus. Copiez-la de nouveau depuis votre agenda."),
    "unreachable": later("Son serveur n’a pas répondu. Il sera redemandé."),
    "too_slow": later("Son serveur est trop lent. Il sera redemandé."),
    "too_large": later("L’agenda est trop gros. Partagez-en un plus petit."),
    "no_calendar": later("Cette adresse ne donne pas un agenda. Copiez celle au format iCal."),
    "address_refused": later("Cette adresse mène à un réseau privé. Voyez l’administration."),
}
PRIVATE = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}


@routes.get("/calendars")
async def listing(request: web.Request) -> web.Response:
    """All of it."""
    return await _page(request)


@routes.post("/calendars/feeds")
async def make_feed(request: web.Request) -> web.Response:
    """A new private address; shown on this page alone."""
    hub, person = request.app[HUB], staff(request)
    typed = await read_posted(request)
    kind, _sep, subject = typed.one("of").partition(":")
    try:
        wanted = FeedKind(kind)
    except ValueError as error:
        raise web.HTTPBadRequest from error
    made = await hub.run(connections.make_feed, wanted, subject, person, hub.clock())
    address = f"{hub.settings.public_origins[0]}/feeds/{made.secret}.ics"
    return await _page(request, address=address)


@routes.post("/calendars/feeds/{feed_id}/revoke")
async def revoke_feed(request: web.Request) -> web.Response:
    """Its address opens nothing any more."""
    hub, feed_id = request.app[HUB], request.match_info["feed_id"]
    await hub.run(connections.revoke_feed, feed_id, staff(request), hub.clock())
    return see_other("/calendars", "feed_revoked")


@routes.post("/calendars/outside")
async def set_outside(request: web.Request) -> web.Response:
    """Another address of the agent's own calendar; an empty one: none."""
    hub, person = request.app[HUB], staff(request)
    if Role.AGENT not in person.roles:
        raise web.HTTPForbidden
    address = (await read_posted(request)).one("url")
    if not address:
        await hub.run(outside.remove_outside_calendar, person, hub.clock())
        return see_other("/calendars", "outside_removed")
    try:
        await hub.run(outside.set_outside_calendar, address, person, hub.clock())
    except VisiohubError as error:
        return await _page(request, url=address, error=error)
    return see_other("/calendars", "outside_set")


@routes.get("/feeds/{token}.ics")
async def feed(request: web.Request) -> web.Response:
    """The calendar of a private address; 304 when it is what the reader has (RFC 9110 section
    13.1.2)."""
    hub, token = request.app[HUB], request.match_info["token"]
    language = await hub.read(feeds.feed_language, token)
    if language is None:
        raise web.HTTPNotFound
    speak(language)
    words = feeds.Words(_("Visio-rendez-vous"), _("Réservation de salle"))
    view = await hub.read(feeds.feed_view, token, words, hub.clock())
    tag = hashlib.sha256(repr(view).encode()).hexdigest()[:32]
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        answer = web.Response(status=304, headers=PRIVATE)
    else:
        body = calendar(view.events, name=view.name)
        answer = web.Response(
            body=body, content_type="text/calendar", charset="utf-8", headers=PRIVATE
        )
    answer.etag = tag
    return answer


async def _page(
    request: web.Request,
    *,
    address: str = "",
    url: str | None = None,
    error: VisiohubError | None = None,
) -> web.Response:
    hub, person = request.app[HUB], staff(request)
    mine = await hub.read(connections.own_feeds, person)
    kept = await hub.read(lambda uow: uow.outside_calendars.find(person.id))
    names = await hub.read(_names, mine)
    context = {
        "feeds": [(one, names[one.id]) for one in mine],
        "choices": await hub.read(_choices, person),
        "address": address,
        "is_agent": Role.AGENT in person.roles,
        "outside": kept,
        "url": url if url is not None else (kept.url if kept else ""),
        "problem": _(PROBLEMS.get(kept.problem, PROBLEMS["unreachable"]))
        if kept and kept.problem
        else "",
        "minutes": hub.settings.outside_calendar_minutes,
        "errors": field_sentences(error) if error else {},
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    return page(request, "calendars/calendars.html", context, status=error.status if error else 200)


def _names(uow: UnitOfWork, mine: list[Feed]) -> dict[str, str]:
    return {one.id: feeds.feed_name(uow, one) for one in mine}


def _choices(uow: UnitOfWork, person: Person) -> list[tuple[str, list[tuple[str, str]]]]:
    """What this person may have a feed of, by venue."""
    found = []
    rooms = uow.rooms.list(active=True)
    for venue in uow.venues.list(active=True):
        if manages(person, venue.id):
            own = [(f"room:{room.id}", room.name) for room in rooms if room.venue_id == venue.id]
            found.append((venue.name, [(f"venue:{venue.id}", venue.name), *own]))
    return found
