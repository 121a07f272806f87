"""Pages whose main part is fetched anew when something changes: one template, two addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from visiohub.web.context import HUB
from visiohub.web.done import done_sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.render import page


def live_page(
    request: web.Request, template: str, context: Mapping[str, Any], *topics: str
) -> web.Response:
    """The whole page: `template`.html around `template`_part.html, and the topics it listens to."""
    return page(
        request,
        f"{template}.html",
        {
            **context,
            "topics": " ".join(topics),
            "texts": _texts(request),
            "done": done_sentence(request),
        },
    )


def live_part(request: web.Request, template: str, context: Mapping[str, Any]) -> web.Response:
    """Only the part that changes."""
    return page(request, f"{template}_part.html", context)


def _texts(request: web.Request) -> dict[str, str]:
    """The sentences that live.js says; it writes none of its own."""
    phone = request.app[HUB].settings.fallback_phone
    offline = _(
        "Liste de {hour}. La liaison est coupée, nous la rétablissons. "
        "Vous pouvez lire. Les boutons marcheront de nouveau à son retour."
    )
    if phone:
        offline += " " + _("Téléphone de secours : %(phone)s.", phone=phone)
    return {
        "offline": offline,
        "refused": _("Cela n’a pas été fait. La liste a changé entre-temps."),
        "waits": _("L’attente est annoncée à l’écran."),
        "refusal": _("La personne est prévenue."),
    }
