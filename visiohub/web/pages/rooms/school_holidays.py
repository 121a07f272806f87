"""The ministry's school calendar: the zones that are known, and a form to load the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from visiohub.booking.rooms.rules import load_school_holidays
from visiohub.domain import hours
from visiohub.domain.calendar.school_holidays import SchoolBreak, SchoolFile
from visiohub.domain.csv_table import MOST_BYTES
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext
from visiohub.web.narrow import SHOWN
from visiohub.web.render import page, see_other
from visiohub.web.room_words import cause_sentence
from visiohub.web.uploads import read_upload

routes = web.RouteTableDef()
SOURCE = "https://www.data.gouv.fr/fr/datasets/le-calendrier-scolaire/"


@dataclass(frozen=True)
class ZoneRow:
    """One zone, its next or present holidays, and the last day that the file knows of."""

    zone: str
    coming: SchoolBreak | None
    until: date


@routes.get("/school-holidays")
async def show(request: web.Request) -> web.Response:
    """What was loaded."""
    return await _page(request)


@routes.post("/school-holidays")
async def load(request: web.Request) -> web.Response:
    """Take the file over, whole or not at all."""
    hub = request.app[HUB]
    sent = await read_upload(request, MOST_BYTES)
    if not sent.data:
        return await _page(request, wrong=_("Choisissez d’abord un fichier."))
    if len(sent.data) > MOST_BYTES:
        mega = MOST_BYTES // 1024 // 1024
        return await _page(request, wrong=_("Ce fichier dépasse %(mega)s Mo.", mega=mega))
    read = await hub.run(load_school_holidays, sent.data, staff(request), hub.clock())
    if read.problems:
        return await _page(request, read=read)
    return see_other("/school-holidays", "school_holidays_loaded")


async def _page(
    request: web.Request, *, read: SchoolFile | None = None, wrong: str = ""
) -> web.Response:
    hub = request.app[HUB]
    zone = hub.settings.time_zone
    today = hours.local_day(hub.clock(), hours.zone_of(zone))
    problems = read.problems if read else ()
    if problems:
        wrong = ngettext("%(n)s chose à corriger", "%(n)s choses à corriger", len(problems))
    context = {
        "rows": await hub.read(_rows, today),
        "problems": [cause_sentence(one, zone) for one in problems[:SHOWN]],
        "hidden": max(0, len(problems) - SHOWN),
        "wrong": wrong,
        "errors": {"file": wrong} if wrong else {},
        "source": SOURCE,
        "done": done_sentence(request),
    }
    return page(request, "rooms/school_holidays.html", context, status=422 if wrong else 200)


def _rows(uow: UnitOfWork, today: date) -> Sequence[ZoneRow]:
    rows = []
    for one in sorted(uow.school_holidays.list(), key=lambda zone: zone.id):
        coming = next((b for b in one.breaks if b.last >= today), None)
        until = max((b.last for b in one.breaks), default=today)
        rows.append(ZoneRow(one.id, coming, until))
    return rows
