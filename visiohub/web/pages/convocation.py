"""The paper that a citizen takes along: place, time, QR, code; never the reason for the visit.

It is in the citizen's language, whatever the language of who prints it.
"""

from __future__ import annotations

import io
from datetime import timedelta

import aiohttp_jinja2
import segno
from aiohttp import web
from markupsafe import Markup

from visiohub.booking import appointments
from visiohub.booking.views import Booked
from visiohub.domain.model import Need
from visiohub.web.appointment_access import changeable
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import in_language
from visiohub.web.render import page

routes = web.RouteTableDef()

COME_BEFORE = timedelta(minutes=10)


@routes.post("/appointments/{appointment_id}/convocation")
async def convocation(request: web.Request) -> web.Response:
    """A new paper: the code and the QR are made now and kept nowhere; older papers stop working."""
    row = await changeable(request)
    hub = request.app[HUB]
    booked = await hub.run_hashing(appointments.reissue_code, row.id, staff(request), hub.clock())
    return await _paper(request, booked, f"/appointments/{row.id}", _("Revenir au rendez-vous"))


async def own_paper(request: web.Request, booked: Booked) -> web.Response:
    """The paper of somebody who booked alone, with the way to move or cancel."""
    link = f"/my/{booked.appointment_id}?key={booked.token}"
    return await _paper(request, booked, link, _("Déplacer ou annuler"))


async def _paper(request: web.Request, booked: Booked, back: str, back_label: str) -> web.Response:
    hub = request.app[HUB]
    paper = await hub.read(appointments.convocation, booked.appointment_id)
    row = paper.appointment
    letter = {
        "letter_language": paper.language,
        "paper": paper,
        "row": row,
        "code": booked.code,
        "qr": qr_picture(booked.qr_text),
        "come_at": row.starts_at - COME_BEFORE,
        "stay_minutes": row.duration_minutes + COME_BEFORE // timedelta(minutes=1) + 5,
        "now": hub.clock(),
        "own_page": f"{hub.settings.public_origins[0].partition('://')[2]}/my",
    }
    sheet = in_language(
        paper.language,
        lambda: aiohttp_jinja2.render_string("appointments/letter.html", request, letter),
    )
    context = {
        "sheet": Markup(sheet),  # noqa: S704 - a template's own, which escapes
        "back": back,
        "back_label": back_label,
        "large": Need.LARGE_PRINT in row.needs,
    }
    return page(request, "appointments/convocation.html", context)


def qr_picture(text: str) -> Markup:
    """The QR as inline SVG: error correction M survives a fold (ISO/IEC 18004)."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, nl=False, omitsize=True, border=4, svgclass="qr"
    )
    return Markup(picture.getvalue().decode())  # noqa: S704 - made here from letters and digits
