"""How a line's modem is read, written by technicians; its secrets are never shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from signaling.protocol.modem import SNMP_PORT
from visiohub.booking.forms import read_form
from visiohub.booking.lines import sealing
from visiohub.booking.lines.modems import (
    NEVER_WRITTEN,
    ModemForm,
    forget_access,
    write_access,
)
from visiohub.domain.line import ModemFigures
from visiohub.domain.line_orders import LineModem
from visiohub.domain.model import Line, Venue
from visiohub.errors import EditedMeanwhile, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.render import page, see_other

routes = web.RouteTableDef()

LABELS = {
    "host": later("Adresse du modem"),
    "port": later("Port"),
    "snmp": later("Version de SNMP"),
    "community": later("Communauté"),
    "user": later("Utilisateur"),
    "authentication": later("Authentification"),
    "authentication_key": later("Clé d’authentification"),
    "privacy": later("Chiffrement"),
    "privacy_key": later("Clé de chiffrement"),
}
SNMP = {"2c": later("v2c, une communauté"), "3": later("v3, un utilisateur et ses clés")}
AUTHENTICATION = (("sha", "SHA-1"), ("sha256", "SHA-256"), ("md5", "MD5"), ("none", later("sans")))
PRIVACY = (("aes", "AES-128"), ("des", "DES"), ("none", later("sans")))
TROUBLES = {
    "no_answer": later(
        "Le modem ne répond pas : éteint, une autre adresse, SNMP arrêté, ou communauté inexacte."
    ),
    "refused": later("Le modem refuse cet utilisateur ou une de ses clés. Écrivez-les de nouveau."),
    "no_line_tables": later(
        "Le modem répond, mais ne dit rien de sa ligne. Ce modèle ne convient peut-être pas."
    ),
    "nonsense": later("Le modem répond ce qu’aucun modem ne répond. Redémarrez-le, puis vérifiez."),
}
_SECRETS = frozenset({"community", "authentication_key", "privacy_key"})
_LATEST_OF = timedelta(days=1)


@dataclass(frozen=True)
class _Found:
    line: Line
    venue: Venue
    modem: LineModem | None
    opens: bool
    """Its secrets can be read with a key of today."""
    can_seal: bool
    latest: ModemFigures | None


@routes.get("/lines/{line_id}/modem")
async def show(request: web.Request) -> web.Response:
    """What is kept, without its secrets."""
    return await _page(request, None)


@routes.post("/lines/{line_id}/modem")
async def keep(request: web.Request) -> web.Response:
    """Keep it, and have the kiosk begin with it."""
    posted = await read_posted(request)
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    version = posted.one("version")
    try:
        form = read_form(ModemForm, _typed(posted))
        known = int(version) if version.isdecimal() and len(version) < 10 else -1
        await hub.run(write_access, line_id, form, known, staff(request), hub.clock())
    except NotFound:
        raise
    except VisiohubError as error:
        return await _page(request, _typed(posted), error)
    await request.app[LINE_DESK].anew(request.app[SIGNALING], line_id)
    return see_other(f"/lines/{line_id}/modem", "modem_saved")


@routes.post("/lines/{line_id}/modem/forget")
async def forget(request: web.Request) -> web.Response:
    """Read it no more."""
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    await hub.run(forget_access, line_id, staff(request), hub.clock())
    await request.app[LINE_DESK].anew(request.app[SIGNALING], line_id)
    return see_other(f"/lines/{line_id}/modem", "modem_forgotten")


def _typed(posted: FormData) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in LABELS:
        typed = posted.one(name)
        if typed or name not in {"port", "snmp", "authentication", "privacy"}:
            data[name] = typed
    return data


def _found(uow: UnitOfWork, line_id: str, now: datetime) -> _Found:
    line = uow.lines.get(line_id)
    modem = uow.linkquality.modems.find(line_id)
    state = uow.linkquality.states.find(line_id)
    readings = uow.linkquality.series.modem(state.number, now - _LATEST_OF, now) if state else ()
    opens = modem is not None and sealing.unseal(uow.settings, line_id, modem.sealed) is not None
    return _Found(
        line,
        uow.venues.get(line.venue_id),
        modem,
        opens,
        sealing.can_seal(uow.settings),
        readings[-1] if readings else None,
    )


def _shown(modem: LineModem | None, typed: dict[str, Any] | None) -> dict[str, object]:
    """What stands in the fields; a secret comes neither from the database nor back from a form."""
    shown: dict[str, object] = {
        "port": SNMP_PORT, "snmp": "2c", "authentication": "sha", "privacy": "aes",
    }  # fmt: skip
    for name in LABELS.keys() - _SECRETS:
        if modem is not None and getattr(modem, name):
            shown[name] = getattr(modem, name)
        if typed is not None and name in typed:
            shown[name] = typed[name]
    return {name: shown.get(name, "") for name in LABELS}


async def _page(
    request: web.Request, data: dict[str, Any] | None, error: VisiohubError | None = None
) -> web.Response:
    hub = request.app[HUB]
    found = await hub.read(_found, request.match_info["line_id"], hub.clock())
    modem = found.modem
    context = {
        "found": found,
        "data": _shown(modem, data),
        "version": modem.version if modem else NEVER_WRITTEN,
        "labels": {name: _(label) for name, label in LABELS.items()},
        "snmp": [(key, _(text)) for key, text in SNMP.items()],
        "authentication": [(key, _(text)) for key, text in AUTHENTICATION],
        "privacy": [(key, _(text)) for key, text in PRIVACY],
        "trouble": _(TROUBLES[modem.trouble]) if modem and modem.trouble else "",
        "kept_hint": _("Laissez vide pour garder celui qui est enregistré.") if found.opens else "",
        "errors": field_sentences(error) if error else {},
        "wrong": sentence(error) if error else "",
        "meanwhile": isinstance(error, EditedMeanwhile),
        "done": done_sentence(request),
    }
    return page(request, "lines/modem.html", context, status=error.status if error else 200)
