"""Every address of the hub but those of signaling and of static files."""

from __future__ import annotations

from aiohttp import web

from visiohub.web import api, call_pages, health, ndt7, probe_sessions, public_pages, speed_tickets
from visiohub.web.pages import (
    account,
    admin,
    agent,
    appointments,
    appointments_move,
    appointments_new,
    appointments_one,
    calendars,
    calls,
    connections,
    convocation,
    day_sheet,
    desk_rooms,
    doors,
    imports,
    kiosks,
    line_report,
    line_speed,
    line_speed_runs,
    line_terms,
    lines,
    lines_compare,
    lines_export,
    lines_forms,
    lines_one,
    modem,
    permanences,
    permanences_form,
    personal,
    planning,
    planning_move,
    public,
    reception,
    rooms,
    trail,
    usage,
    waiting_desk,
)

_VISITS = (public, account, agent, convocation, reception, kiosks, calls, health)
_APPOINTMENTS = (appointments, appointments_new, appointments_one, appointments_move, waiting_desk)
_PLANNING = (planning, planning_move, day_sheet, desk_rooms, doors, permanences, permanences_form)
_TERRITORY = (imports, calendars, connections, personal, trail, usage, rooms, admin)
_LINES = (
    line_report, line_terms, lines_compare, lines_one, lines_forms, lines_export, modem, line_speed,
)  # fmt: skip
"""In each group what has a name of its own (/lines/compare) comes before others (/lines/{id})."""


def setup(app: web.Application) -> None:
    """Mount them, with what some of them keep in the application."""
    for module in (*_VISITS, *_APPOINTMENTS, *_PLANNING, *_TERRITORY):
        app.add_routes(module.routes)
    app.add_routes(call_pages.routes())
    app.add_routes(api.routes)
    for module in (probe_sessions, ndt7, speed_tickets, lines, line_speed_runs, public_pages):
        module.setup(app)
    for module in _LINES:
        app.add_routes(module.routes)
