"""What other programs may do: keys of the API and webhooks; and messages that did not leave."""

from __future__ import annotations

from aiohttp import web

from visiohub.booking import connections
from visiohub.booking.connections import EVENTS, KeyForm, WebhookForm
from visiohub.booking.forms import read_form
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.api.describe import Operation
from visiohub.web.api.resources import OPERATIONS
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.keys import scope_of
from visiohub.web.render import page, see_other
from visiohub.web.scope_words import SCOPE

routes = web.RouteTableDef()

EVENT = {
    "appointment": later("Rendez-vous"),
    "booking": later("Réservations de salles"),
    "line_alert": later("Alertes des lignes"),
}
CHANNEL = {"mail": later("Courriel"), "sms": later("SMS"), "webhook": later("Webhook")}


def scopes() -> list[str]:
    """Everything that a key may be given."""
    return sorted({scope_of(o.method, o.path) for o in OPERATIONS if not o.public})


@routes.get("/connections")
async def listing(request: web.Request) -> web.Response:
    """All of it."""
    return await _page(request, FormData())


@routes.get("/connections/api")
async def operations(request: web.Request) -> web.Response:
    """Every address of the API, for who chooses what a key opens."""
    found = [("" if o.public else scope_of(o.method, o.path), o) for o in OPERATIONS]
    return page(request, "connections/api.html", {"operations": sorted(found, key=_by_address)})


@routes.post("/connections/keys")
async def make_key(request: web.Request) -> web.Response:
    """A new key; shown on this page alone."""
    hub, typed = request.app[HUB], await read_posted(request)
    wanted = [one for one in typed.many("scopes") if one in scopes()]
    data = {"name": typed.one("name"), "person_id": typed.one("person_id"), "scopes": wanted}
    try:
        form = read_form(KeyForm, data)
        made = await hub.run(connections.make_key, form, staff(request), hub.clock())
    except VisiohubError as error:
        return await _page(request, typed, error=error)
    return await _page(request, FormData(), key=made.secret)


@routes.post("/connections/keys/{key_id}/revoke")
async def revoke_key(request: web.Request) -> web.Response:
    """It opens nothing any more."""
    hub, key_id = request.app[HUB], request.match_info["key_id"]
    await hub.run(connections.revoke_key, key_id, staff(request), hub.clock())
    return see_other("/connections", "key_revoked")


@routes.post("/connections/webhooks")
async def make_webhook(request: web.Request) -> web.Response:
    """A new webhook; its secret is shown on this page alone."""
    hub, typed = request.app[HUB], await read_posted(request)
    data = {"url": typed.one("url"), "events": typed.many("events")}
    try:
        form = read_form(WebhookForm, data)
        made = await hub.run(connections.make_webhook, form, staff(request), hub.clock())
    except VisiohubError as error:
        return await _page(request, typed, error=error)
    return await _page(request, FormData(), webhook_secret=made.secret)


@routes.post("/connections/webhooks/{webhook_id}/remove")
async def remove_webhook(request: web.Request) -> web.Response:
    """It is told nothing any more."""
    hub, webhook_id = request.app[HUB], request.match_info["webhook_id"]
    await hub.run(connections.remove_webhook, webhook_id, staff(request), hub.clock())
    return see_other("/connections", "webhook_removed")


@routes.post("/connections/messages/{message_id}/retry")
async def retry(request: web.Request) -> web.Response:
    """Try a message that was given up again."""
    hub, message_id = request.app[HUB], request.match_info["message_id"]
    await hub.run(connections.retry_message, message_id, staff(request), hub.clock())
    return see_other("/connections", "message_retried")


async def _page(
    request: web.Request,
    typed: FormData,
    *,
    key: str = "",
    webhook_secret: str = "",
    error: VisiohubError | None = None,
) -> web.Response:
    hub = request.app[HUB]
    errors = field_sentences(error) if error else {}
    context = {
        "all": await hub.read(connections.connections),
        "people": await hub.read(_people),
        "scopes": [(scope, f"{_(SCOPE[scope])} ({scope})") for scope in scopes()],
        "scope_words": SCOPE,
        "events": [(event, _(EVENT[event])) for event in EVENTS],
        "event_names": EVENT,
        "channels": CHANNEL,
        "typed": typed,
        "secret": key or webhook_secret,
        "is_key": bool(key),
        "errors": {name.partition(".")[0]: text for name, text in errors.items()},
        "wrong": sentence(error) if error else "",
        "labels": {
            "name": _("Nom de la clé"),
            "person_id": _("Au nom de"),
            "scopes": _("Ce qu’elle ouvre"),
            "url": _("Adresse"),
            "events": _("Ce qui est annoncé"),
        },
        "done": done_sentence(request),
    }
    status = error.status if error else 200
    return page(request, "connections/connections.html", context, status=status)


def _by_address(one: tuple[str, Operation]) -> tuple[str, str]:
    return one[1].path, one[1].method


def _people(uow: UnitOfWork) -> list[tuple[str, str]]:
    return [(p.id, p.label) for p in uow.persons.list(active=True)]
