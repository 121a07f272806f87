"""The contract of a line: what was agreed, and the month's report beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from babel.dates import format_date

from visiohub.booking.forms import read_form
from visiohub.booking.lines.terms import (
    LineTermsForm,
    in_force_from,
    probe_mb_of,
    version_of,
    write_terms,
)
from visiohub.domain import hours
from visiohub.domain.line import LineTerms, Wrapping
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import Line, Venue
from visiohub.domain.tariff.months import Month
from visiohub.errors import EditedMeanwhile, NotFound, VisiohubError
from visiohub.linkquality.ledger import allowance
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.formats import NBSP, number
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.render import page, see_other
from visiohub.web.typed import iso_day

routes = web.RouteTableDef()

NUMBERS = {
    "guaranteed_down_kbit_s": later("Débit garanti vers le lieu (kbit/s)"),
    "guaranteed_up_kbit_s": later("Débit garanti depuis le lieu (kbit/s)"),
    "restoration_hours": later("Délai de rétablissement (heures)"),
    "reserved_down_kbit_s": later("Gardé vers le lieu (kbit/s)"),
    "reserved_up_kbit_s": later("Gardé depuis le lieu (kbit/s)"),
    "probe_mb_a_day": later("Sondes, par jour et par sens (Mo)"),
}
_LABELS = {
    "in_force_from": later("Contrat en cours depuis le"),
    **NUMBERS,
    "wrapping": later("Comment la ligne porte les paquets"),
}
WRAPPINGS = {
    Wrapping.PPPOE_LLC: later("ADSL, PPPoE (le plus courant)"),
    Wrapping.PPPOA_VC: later("ADSL, PPPoA"),
    Wrapping.ETHERNET: later("SDSL, VDSL2 ou fibre, Ethernet"),
    Wrapping.NONE: later("Les débits du contrat sont déjà ceux d’IP"),
}
_KEPT = {"reserved_down_kbit_s", "reserved_up_kbit_s"}
"""Nothing typed is zero."""


@routes.get("/lines/{line_id}/terms")
async def show(request: web.Request) -> web.Response:
    """What is kept, else what is usual for such a line."""
    return await _page(request, None)


@routes.post("/lines/{line_id}/terms")
async def keep(request: web.Request) -> web.Response:
    """Write it down; somebody else's writing in between is not overwritten."""
    posted = await read_posted(request)
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    data = _typed(posted)
    version = posted.one("version")
    try:
        form = read_form(
            LineTermsForm, data | {"in_force_from": iso_day(data["in_force_from"]) or None}
        )
        known = int(version) if version.isdecimal() and len(version) < 10 else -1
        await hub.run(write_terms, line_id, form, known, staff(request), hub.clock())
    except NotFound:
        raise
    except VisiohubError as error:
        return await _page(request, data, error)
    await request.app[LINE_DESK].anew(request.app[SIGNALING], line_id)  # its octets of a day
    return see_other(f"/lines/{line_id}/terms", "saved")


def _typed(posted: FormData) -> dict[str, Any]:
    data: dict[str, Any] = {name: posted.one(name) for name in ("wrapping", "in_force_from")}
    for name in NUMBERS:
        typed = "".join(posted.one(name).split())
        data[name] = typed or (0 if name in _KEPT else None)
    return data


def usual_mb(line: Line) -> str:
    """By the contract's rates, up and down where they differ."""
    sizes = {allowance(line.up_kbit_s) / 1e6, allowance(line.down_kbit_s) / 1e6}
    return f"{NBSP}/{NBSP}".join(number(mb, int(not mb.is_integer())) for mb in sorted(sizes))


@dataclass(frozen=True)
class _Found:
    line: Line
    venue: Venue
    terms: LineTerms
    version: int
    in_force_from: date | None
    former: Sequence[LineContract]
    """The newest first."""


def _found(uow: UnitOfWork, line_id: str) -> _Found:
    line = uow.lines.get(line_id)
    return _Found(
        line,
        uow.venues.get(line.venue_id),
        uow.linkquality.terms.of(line),
        version_of(uow, line_id),
        in_force_from(uow, line),
        uow.linkquality.contracts.former(line_id)[::-1],
    )


async def _page(
    request: web.Request, data: dict[str, Any] | None, error: VisiohubError | None = None
) -> web.Response:
    hub = request.app[HUB]
    found = await hub.read(_found, request.match_info["line_id"])
    kept = {name: getattr(found.terms, name, None) for name in ("wrapping", *NUMBERS)}
    kept["probe_mb_a_day"] = probe_mb_of(found.terms)
    kept["in_force_from"] = f"{found.in_force_from:%d/%m/%Y}" if found.in_force_from else ""
    this = Month.of(hours.local_day(hub.clock(), hours.zone_of(found.venue.time_zone)))
    context = {
        "line": found.line,
        "venue": found.venue,
        "former": found.former,
        "data": data or kept,
        "version": found.version,
        "usual_mb": usual_mb(found.line),
        "wrappings": [(str(key), _(text)) for key, text in WRAPPINGS.items()],
        "numbers": {name: _(label) for name, label in NUMBERS.items()},
        "labels": {name: _(label) for name, label in _LABELS.items()},
        "months": [
            (month, format_date(month.first(), "MMMM y", locale=language()))
            for month in (this.preceding(), this)
        ],
        "both": _both(kept, data) if data and isinstance(error, EditedMeanwhile) else [],
        "errors": field_sentences(error) if error else {},
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    return page(request, "lines/terms.html", context, status=error.status if error else 200)


def _both(theirs: dict[str, Any], mine: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each field that differs: how it is called, as somebody else wrote it, as it was typed."""
    rows = [(_(label), _said(theirs[name]), _said(mine[name])) for name, label in _LABELS.items()]
    return [row for row in rows if row[1] != row[2]]


def _said(value: Any) -> str:
    if value in {None, ""}:
        return _("vide")
    return _(WRAPPINGS[Wrapping(value)]) if value in set(Wrapping) else str(value)
