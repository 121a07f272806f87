"""A line's speed, measured when a technician wants it: what it costs, how far it is, what came."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking.lines.refusals import WHY, SpeedRefused
from visiohub.booking.lines.speeds import show_speeds, topic
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import sentence
from visiohub.web.formats import number
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.inputs import read_posted
from visiohub.web.live import live_page, live_part
from visiohub.web.pages.line_speed_runs import SPEED_RUNS, Progress
from visiohub.web.pages.lines_one import megabytes
from visiohub.web.render import see_other
from visiohub.web.words import Word

routes = web.RouteTableDef()

FAILURES = {
    "away": later("Le point visio n’a pas reçu l’ordre."),
    "silent": later("Le point visio n’a pas répondu en deux minutes."),
    "call": later("Un appel a commencé : il passe avant."),
    "budget": later("Le point visio avait déjà dépensé les octets du jour."),
    "refused": later("Le hub n’a pas laissé le point visio mesurer. Réessayez."),
    "unreachable": later("Le point visio n’a pas atteint le hub en HTTP."),
    "cut": later("La liaison s’est coupée pendant la mesure."),
    "measured": later("Une autre mesure était en cours."),
    "often": later("Trop de mesures en peu de temps."),
}
STATES = {
    SpeedState.ORDERED: Word(later("En cours"), "half"),
    SpeedState.DONE: Word(later("Terminée"), "tick"),
    SpeedState.FAILED: Word(later("Pas finie"), "hollow", "att"),
}
_LONG_ENOUGH_S = 5.0
"""For ten answers; a measurement is shorter when the ticket's octets pass sooner."""
_STEPS = ("told", "download", "upload", "result")
STEPS = {
    "told": later("Ordre envoyé"),
    "download": later("Vers le lieu"),
    "upload": later("Depuis le lieu"),
    "result": later("Résultat"),
}


@routes.get("/lines/{line_id}/speed")
async def show(request: web.Request) -> web.Response:
    """All of it."""
    return await _page(request)


@routes.get("/lines/{line_id}/speed/part")
async def part(request: web.Request) -> web.Response:
    """What changes."""
    return live_part(request, "lines/speed", await _context(request))


@routes.post("/lines/{line_id}/speed")
async def order(request: web.Request) -> web.Response:
    """Have it measured now."""
    posted = await read_posted(request)
    line_id = request.match_info["line_id"]
    beyond = posted.one("beyond_budget") == "1"
    try:
        await request.app[SPEED_RUNS].begin(line_id, staff(request), beyond_budget=beyond)
    except SpeedRefused as error:
        page = await _page(request, error)
        page.set_status(error.status)
        return page
    return see_other(f"/lines/{line_id}/speed")


async def _page(request: web.Request, error: SpeedRefused | None = None) -> web.Response:
    context = await _context(request, error)
    return live_page(request, "lines/speed", context, topic(request.match_info["line_id"]))


async def _context(request: web.Request, error: SpeedRefused | None = None) -> dict[str, Any]:
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    runs = request.app[SPEED_RUNS]
    view = await hub.read(show_speeds, line_id, runs.here(line_id), hub.clock())
    going = next((r for r in view.runs if r.state is SpeedState.ORDERED), None)
    # the tick is asked for beside its box, not as a fault of the page
    tick = error is not None and error.why == "budget"
    return {
        "view": view,
        "going": going,
        "steps": _steps(runs.progress(going.id)) if going else [],
        "rate_now": _rate_now(runs.progress(going.id)) if going else "",
        "refused": _(WHY[view.refused]) if view.refused and not going else "",
        "errors": {"beyond_budget": sentence(error)} if error and tick else {},
        "wrong": sentence(error) if error else "",
        "over": [run for run in view.runs if run.state is not SpeedState.ORDERED],
        "failure": _failure,
        "state_of": lambda run: STATES[run.state],
        "megabytes": megabytes,
        "answers": answers,
        "rpm_word": rpm_word,
    }


def answers(run: LineSpeed) -> tuple[int | None, list[str]]:
    """The responsiveness of the worse way, and why a way that was measured has none."""
    known, missing = [], []
    for way, kbit_s, octets, rpm in (
        (_("Vers le lieu"), run.down_kbit_s, run.moved_down, run.down_rpm),
        (_("Depuis le lieu"), run.up_kbit_s, run.moved_up, run.up_rpm),
    ):
        if rpm is not None:
            known.append(rpm)
        elif kbit_s:
            why = _no_answers(8 * octets / 1000 / kbit_s)
            missing.append(_("%(way)s : %(why)s", way=way, why=why))
    return min(known, default=None), missing


def _no_answers(lasted_s: float) -> str:
    if lasted_s < _LONG_ENOUGH_S:
        return _(
            "pas de chiffre, la mesure n’a duré que %(seconds)s s",
            seconds=number(lasted_s, 1),
        )
    return _("pas de chiffre, presque rien n’est revenu tant que la ligne était pleine")


def rpm_word(rpm: int) -> str:
    """What a responsiveness means for whoever talks meanwhile."""
    if rpm < 200:
        return _("une conversation en souffre")
    return _("une conversation reste possible") if rpm < 1000 else _("très bonne")


def _failure(run: LineSpeed) -> str:
    return _(FAILURES[run.failure]) if run.failure in FAILURES else run.failure


def _steps(progress: Progress | None) -> list[tuple[str, str]]:
    """(class, words) of the route line; of a hub that began anew meanwhile nothing is known."""
    now = _STEPS.index(progress.phase) if progress else 0
    return [
        ("done" if n < now else "now" if n == now else "", _(STEPS[step]))
        for n, step in enumerate(_STEPS)
    ]


def _rate_now(progress: Progress | None) -> str:
    if progress is None or not progress.moved:
        return ""
    return _("%(size)s jusqu’ici", size=megabytes(progress.moved))
