"""One's own booking at another time in the same rooms."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.rooms import changes
from visiohub.booking.rooms.choices import length_of
from visiohub.booking.rooms.forms import WhenForm
from visiohub.booking.rooms.lists import BookingRow
from visiohub.booking.rooms.refusals import NotBookable, PriceChanged
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, not_a_day, read_posted
from visiohub.web.pages.rooms.own import booking_of, room_names
from visiohub.web.pages.rooms.times import Times, read_slot, times
from visiohub.web.render import page, see_other
from visiohub.web.room_words import cause_sentence, span_words
from visiohub.web.typed import read_day

routes = web.RouteTableDef()


@routes.get("/bookings/{booking_id}/move")
async def move_page(request: web.Request) -> web.Response:
    """Choose another time in the same rooms."""
    row = await booking_of(request)
    day = local(row.booking.starts_at, row.zone).date()
    typed = FormData(day=day.isoformat(), version=str(row.booking.version))
    return await _move(request, row, typed)


@routes.post("/bookings/{booking_id}/move")
async def move(request: web.Request) -> web.Response:
    """Show other days, or move."""
    row, hub = await booking_of(request), request.app[HUB]
    typed = await read_posted(request)
    if typed.one("show_day"):
        typed["day"] = typed.one("show_day")
    elif typed.one("other_day"):
        day = read_day(typed.one("other_day"))
        if day is None:
            return await _move(request, row, typed, no_day=not_a_day())
        typed["day"], typed["other_day"] = day.isoformat(), ""
    if "book" not in typed:
        return await _move(request, row, typed)
    data = {
        "room_ids": [r.room.id for r in row.rooms],
        "day": typed.one("day"),
        **read_slot(typed.one("slot")),
        "shown_total": typed.one("shown_total") or row.totals.total,
    }
    try:
        form, version = read_form(WhenForm, data), typed.whole("version")
        await hub.run(changes.move, row.booking.id, form, version, staff(request), hub.clock())
    except VisiohubError as error:
        return await _move(request, await booking_of(request), typed, error)
    return see_other(f"/bookings/{row.booking.id}", "room_moved")


async def _move(
    request: web.Request,
    row: BookingRow,
    typed: FormData,
    error: VisiohubError | None = None,
    *,
    no_day: str = "",
) -> web.Response:
    hub = request.app[HUB]
    room_ids = [r.room.id for r in row.rooms]
    span = row.booking.starts_at, row.booking.ends_at
    try:
        length = await hub.read(length_of, room_ids[0], span)
        found: Times | None = await hub.read(
            spoken(times),
            room_ids,
            row.membership.id,
            length,
            read_day(typed.one("day")),
            staff(request),
            hub.clock(),
            [r.booked.owner for r in row.rooms],
            visio=row.booking.visio,
            moved=row.booking.id,
        )
    except VisiohubError as refused:
        found, error = None, error or refused
    errors = field_sentences(error) if error else {}
    if {"starts", "ends", "time"} & errors.keys():
        errors = {"slot": _("Choisissez une heure libre.")}
    if no_day:
        errors["other_day"] = no_day
    slot = typed.one("slot")
    chosen = next((one.text for one in found.times if one.value == slot), slot) if found else slot
    dearer = error if isinstance(error, PriceChanged) else None
    changed = isinstance(error, EditedMeanwhile)
    if changed:  # both versions are on the page: what is kept above, what was chosen below
        typed["version"] = str(row.booking.version)
    context: dict[str, Any] = {
        "row": row,
        "times": found,
        "typed": typed,
        "errors": errors,
        "wrong": sentence(error) if error else no_day,
        "against": _against(error, row),
        "chosen": chosen if changed else "",
        "priced": dearer and list(zip(room_ids, dearer.quotes, strict=True)),
        "totals": dearer.totals if dearer else row.totals,
        "names": room_names(row),
        "labels": {"slot": _("Heure"), "other_day": _("Autre jour")},
        "when": span_words(row.booking.starts_at, row.booking.ends_at, row.zone),
    }
    status = error.status if error else 422 if no_day else 200
    return page(request, "rooms/move.html", context, status=status)


def _against(error: VisiohubError | None, row: BookingRow) -> list[str]:
    if not isinstance(error, NotBookable):
        return []
    said = (cause_sentence(c, row.zone) for some in error.causes.values() for c in some)
    return list(dict.fromkeys(said))
