"""All lines, the worst first, with the map of their venues; live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from visiohub.booking.lines.faults import FaultBook
from visiohub.booking.lines.glimpses import Glimpse, glimpses
from visiohub.booking.lines.looking import LineRow, Standing, list_lines
from visiohub.domain.model import Role
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats, line_fault_words
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.line_spark import Spark, spark
from visiohub.web.live import live_page, live_part
from visiohub.web.narrow import Narrowed, narrow
from visiohub.web.territory_map import Map, Spot, drawn
from visiohub.web.words import LINE, Word

routes = web.RouteTableDef()
FAULTS = web.AppKey("line_faults", FaultBook)
NEED_YOU = "need"
LETTERS = 26 / 17
"""Of the map, which is a third of the page wide."""
_GRADES = (
    (NEED_YOU, later("Celles qui ont besoin de vous")),
    *((str(standing), line_fault_words.STANDING[standing].text) for standing in Standing),
)


@dataclass(frozen=True)
class Row:
    """One line of the list, ready to be written."""

    glimpse: Glimpse
    spark: Spark
    wrongs: Sequence[str]
    word: Word
    since: str
    rate_width: int
    """Of 100: the measured upstream rate beside the contract's."""
    taken_by: str
    """Who looks after it; empty: nobody does, or not after every alert."""

    @property
    def line_row(self) -> LineRow:
        """Line, venue, alerts."""
        return self.glimpse.row


def setup(app: web.Application) -> None:
    """What is worked out of figures is kept for minutes; and the routes."""
    app[FAULTS] = FaultBook()
    app.add_routes(routes)


@routes.get("/lines")
async def whole(request: web.Request) -> web.Response:
    """The page."""
    return live_page(request, "lines/list", await _context(request), "lines")


@routes.get("/lines/states")
async def part(request: web.Request) -> web.Response:
    """Its part that changes."""
    return live_part(request, "lines/list", await _context(request))


async def _context(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    desk = request.app[LINE_DESK]
    now = hub.clock()
    rows = await hub.read(list_lines)
    grade = request.query.get("grade", "")
    grade = grade if grade in dict(_GRADES) else ""
    shown = narrow(request, [row for row in rows if _is(row, grade)], searched)
    seen = sorted(await hub.read(glimpses, shown.rows, request.app[FAULTS], now), key=_order)
    people = await hub.read(_takers, shown.rows)
    query = request.rel_url.raw_query_string
    return {
        "rows": [
            _row(glimpse, desk.unheard_port(glimpse.row.line.id), people, now) for glimpse in seen
        ],
        "shown": shown,
        "all": len(rows),
        "need": sum(row.standing.needs_somebody for row in rows),
        "never": sum(row.standing is Standing.NEVER for row in rows),
        "unknown": sum(row.standing is Standing.UNKNOWN for row in rows),
        "grade": grade,
        "grades": _choices(rows),
        "query": f"?{query}" if query else "",
        "more": _more(shown, grade),
        "map": _map(rows),
        "shapes": line_fault_words.STANDING,
        "standings": [(s, line_fault_words.STANDING[s]) for s in Standing if _any(rows, s)],
        "administers": Role.ADMINISTRATOR in staff(request).roles,
    }


def _takers(uow: UnitOfWork, rows: Sequence[LineRow]) -> Mapping[str, str]:
    """Names of those who took alerts."""
    ids = {alert.acknowledged_by for row in rows for alert in row.alerts}
    return {person.id: person.label for person in uow.persons.by_ids(list(ids)).values()}


def _row(
    glimpse: Glimpse, unheard_port: int | None, people: Mapping[str, str], now: datetime
) -> Row:
    row = glimpse.row
    takers = [people.get(alert.acknowledged_by or "", "") for alert in row.alerts]
    wrongs = line_fault_words.wrongs(row, glimpse.faults, now)
    rate = glimpse.up_kbit_s or 0.0
    since = row.since
    return Row(
        glimpse,
        spark(glimpse.day),
        [line_fault_words.unheard_sentence(unheard_port)] if unheard_port else wrongs,
        line_fault_words.standing_word(row, glimpse.faults),
        formats.ago(now - since) if since else "",
        round(100 * min(rate / row.line.up_kbit_s, 1.0)),
        ", ".join(dict.fromkeys(takers)) if all(takers) else "",
    )


def _order(glimpse: Glimpse) -> tuple[int, bool]:
    """As the lines came; of those that are well, first where the figures show something."""
    standing = glimpse.row.standing
    return list(Standing).index(standing), standing is Standing.GOOD and not glimpse.faults


def _is(row: LineRow, grade: str) -> bool:
    if grade == NEED_YOU:
        return row.standing.needs_somebody
    return not grade or row.standing == grade


def searched(row: LineRow) -> str:
    """What a word may be found in."""
    venue, line = row.venue, row.line
    word = str(line_fault_words.STANDING[row.standing])
    return f"{venue.town} {venue.name} {line.operator} {_(LINE[line.kind])} {word}"


def _choices(rows: Sequence[LineRow]) -> list[tuple[str, str]]:
    """What there is, with how many."""
    found = []
    for key, text in _GRADES:
        count = sum(_is(row, key) for row in rows)
        if count:
            found.append((key, f"{_(text)} ({count})"))
    return found


def _any(rows: Sequence[LineRow], standing: Standing) -> bool:
    return any(row.standing is standing for row in rows)


def _more(shown: Narrowed[LineRow], grade: str) -> str:
    """The address of fifty rows more."""
    if not shown.more:
        return ""
    query = {"word": shown.word, "grade": grade, "shown": shown.more}
    return f"/lines?{urlencode(query)}"


def _map(rows: Sequence[LineRow]) -> Map | None:
    """Each venue once, by its worst line."""
    spots: dict[str, Spot] = {}
    for row in rows:  # the worst first
        v = row.venue
        spot = Spot(v.town, v.latitude, v.longitude, str(row.standing), f"/lines/{row.line.id}")
        spots.setdefault(v.id, spot)
    return drawn(list(spots.values()), [str(one) for one in Standing], LETTERS)
