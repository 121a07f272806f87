"""Templates: the environment, what every page knows, and the answer that carries a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from visiohub.domain.door import door_code
from visiohub.domain.model import Role
from visiohub.web import formats, room_words
from visiohub.web.context import HUB, STATICS, person_of
from visiohub.web.i18n import gettext, language, later, ngettext_for_templates
from visiohub.web.words import WORDS

TEMPLATES = Path(__file__).parent / "templates"

NAVIGATION: tuple[tuple[frozenset[Role], str, str], ...] = (
    (frozenset({Role.AGENT}), "/agent", later("Ma journée")),
    (frozenset({Role.RECEPTION}), "/reception", later("Aujourd’hui")),
    (
        frozenset({Role.AGENT, Role.RECEPTION, Role.COORDINATOR, Role.ADMINISTRATOR}),
        "/planning",
        later("Planning"),
    ),
    (frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}), "/usage", later("Usage")),
    (frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}), "/calls", later("Appels")),
    (
        frozenset(set(Role) - {Role.PROFESSIONAL, Role.TECHNICIAN}),
        "/appointments",
        later("Rendez-vous"),
    ),
    (
        frozenset({Role.AGENT, Role.COORDINATOR, Role.ADMINISTRATOR}),
        "/permanences",
        later("Permanences"),
    ),
    (frozenset({Role.TECHNICIAN, Role.ADMINISTRATOR}), "/lines", later("Lignes")),
    (
        frozenset(set(Role) - {Role.PROFESSIONAL, Role.SOCIAL_WORKER}),
        "/kiosks",
        later("Points visio"),
    ),
    (frozenset({Role.RECEPTION}), "/places", later("Horaires")),
    (frozenset({Role.PROFESSIONAL}), "/bookings", later("Salles")),
    (frozenset({Role.COORDINATOR}), "/accounts", later("Salles")),
    (frozenset({Role.ADMINISTRATOR}), "/admin", later("Territoire")),
    (frozenset(Role), "/help", later("Aide")),
)


def setup_templates(app: web.Application) -> None:
    """Give the application its templates."""
    env = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext_for_templates, newstyle=True
    )
    env.filters.update(formats.ALL)
    env.filters.update(room_words.FILTERS)
    env.globals["static"] = app[STATICS].url
    env.filters["browser_name"] = browser_name
    env.filters["door_code"] = door_code
    env.globals["words"] = WORDS
    env.globals["semicolon"] = formats.semicolon


def _page_context(request: web.Request) -> dict[str, Any]:
    person = person_of(request)
    hub = request.app[HUB]
    return {
        "person": person,
        "language": language(),
        "path": request.path,
        "here": request.path_qs,
        "now": hub.clock(),
        "zone": hub.settings.time_zone,
        "navigation": [
            (href, title)
            for roles, href, title in NAVIGATION
            if person is not None and not roles.isdisjoint(person.roles)
        ],
    }


def browser_name(user_agent: str) -> str:
    """A browser's name out of what it calls itself; the order matters, they imitate each other."""
    for mark, name in (
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ):
        if mark in user_agent:
            return name
    return gettext("Autre navigateur")


def page(
    request: web.Request, template: str, context: Mapping[str, Any], *, status: int = 200
) -> web.Response:
    """A rendered page."""
    everything = {**_page_context(request), **context}
    response = aiohttp_jinja2.render_template(template, request, everything, status=status)
    response.enable_compression()
    return response


def see_other(location: str, done: str = "") -> web.Response:
    """Answer to a form that was accepted: go and look there; `done` names the sentence to show."""
    if done:
        location += ("&" if "?" in location else "?") + f"done={done}"
    return web.Response(status=303, headers={"Location": location})
