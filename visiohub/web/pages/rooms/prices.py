"""The price list of the territory, or of one venue: a grid by profile, room and duration."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking.rooms.prices import TERRITORY, save_prices
from visiohub.booking.rooms.refusals import GridWrong
from visiohub.domain.booking import PriceList
from visiohub.domain.model import Venue
from visiohub.domain.tariff.grid import PASS_UNITS, Unit
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.rooms.lines import DAYS_LINE, WEEK_LINE
from visiohub.web.pages.rooms.price_form import (
    PASSES,
    SAYS,
    TARIFFS,
    input_of,
    shown_rows,
    typed_prices,
)
from visiohub.web.pages.rooms.price_reading import read_grid
from visiohub.web.render import page, see_other
from visiohub.web.room_words import UNIT, euros

routes = web.RouteTableDef()


@routes.get("/prices")
async def show(request: web.Request) -> web.Response:
    """The territory's list, or a venue's own."""
    return await _page(request, None)


@routes.post("/prices")
async def save(request: web.Request) -> web.Response:
    """All of it, or nothing and every fault named."""
    typed, hub = await read_posted(request), request.app[HUB]
    venue_id = request.query.get("venue") or None
    try:
        grid, rule = spoken(read_grid)(typed)
        version = typed.whole("version")
        await hub.run(save_prices, venue_id, grid, rule, version, staff(request), hub.clock())
    except VisiohubError as error:
        return await _page(request, typed, error)
    return see_other(f"/prices?venue={venue_id}" if venue_id else "/prices", "saved")


async def _page(
    request: web.Request, typed: FormData | None, error: VisiohubError | None = None
) -> web.Response:
    venue_id = request.query.get("venue", "")
    kept, venues = await request.app[HUB].read(_kept, venue_id)
    if typed is None:
        typed = typed_prices(kept) if kept else FormData(midday="13:00", prices_include_vat="1")
        if kept and kept.id != (venue_id or TERRITORY):
            typed["version"] = "0"  # a venue's list begins as the territory's
    if isinstance(error, EditedMeanwhile) and kept:
        typed["version"] = str(kept.version)
    errors = field_sentences(error) if error else {}
    if isinstance(error, GridWrong):
        errors = {
            input_of(f, typed): _(SAYS[f.cause]).format(**dict(f.params)) for f in error.faults
        }
    context: dict[str, Any] = {
        "typed": typed,
        "errors": errors,
        "wrong": sentence(error) if error else "",
        "meanwhile": _rows_in_words(kept) if isinstance(error, EditedMeanwhile) and kept else [],
        "venue_id": venue_id,
        "venues": [(v.id, f"{v.town}, {v.name}") for v in venues],
        "units": [(unit.value, _(text)) for unit, text in UNIT.items()],
        "pass_units": [(u.value, _(UNIT[u])) for u in Unit if u in PASS_UNITS],
        "rows": shown_rows(typed, TARIFFS),
        "pass_rows": shown_rows(typed, PASSES),
        "days_line": _(DAYS_LINE),
        "week_line": _(WEEK_LINE),
        "done": done_sentence(request),
    }
    return page(request, "rooms/prices.html", context, status=error.status if error else 200)


def _kept(uow: UnitOfWork, venue_id: str) -> tuple[PriceList | None, list[Venue]]:
    """The list, and the venues to choose from: those with one of their own, and the chosen one, as
    all of a territory weigh more than the page. Raises NotFound (the venue)."""
    own = uow.price_lists.find(uow.venues.get(venue_id).id) if venue_id else None
    have = {venue_id, *(one.venue_id for one in uow.price_lists.list())}
    venues = [venue for venue in uow.venues.list(active=True) if venue.id in have]
    return own or uow.price_lists.find(TERRITORY), venues


def _rows_in_words(kept: PriceList) -> list[tuple[str, str]]:
    """What is kept, a line a row, to be compared after a lost update."""
    return [
        (
            f"{row.profile}, {row.room}",
            ", ".join(f"{_(UNIT[rate.unit])} {euros(rate.price)}" for rate in row.rates),
        )
        for row in kept.grid.tariffs
    ]
