"""The hub's web application, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp_session import session_middleware

from signaling.ports import BrowserIdentity
from signaling.server import SignalingServer
from signaling.session.call import CallTimings
from signaling.settings import SignalingSettings
from signaling.turn import IceSettings
from visiohub.booking.desk import Desk
from visiohub.bootstrap import Hub
from visiohub.settings import Settings
from visiohub.web import (
    call_pages,
    health,
    line_desk,
    ndt7,
    probe_sessions,
    public_pages,
    speed_tickets,
)
from visiohub.web.api import routes as api
from visiohub.web.call_desk import HubCallDesk
from visiohub.web.context import HUB, METRICS, SIGNALING, SIGNED_IN, STATICS, address_of
from visiohub.web.error_pages import errors
from visiohub.web.metrics import Metrics, measured
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
from visiohub.web.permissions import check_table
from visiohub.web.render import setup_templates
from visiohub.web.rights import RIGHTS, Rights
from visiohub.web.security import MAX_BODY_BYTES, refuse_cross_site, secure_headers
from visiohub.web.sessions import SqlStorage, identify
from visiohub.web.statics import StaticTree

STATIC_FOLDER = Path(__file__).parent / "static"


def make_app(hub: Hub) -> web.Application:
    """Pages, API and signaling over one hub. Raises LookupError for a route without roles."""
    settings = hub.settings
    metrics = Metrics()
    behind_tls = any(origin.startswith("https:") for origin in settings.public_origins)
    app = web.Application(
        client_max_size=MAX_BODY_BYTES,
        middlewares=[
            errors,
            measured(metrics),
            session_middleware(SqlStorage(hub)),
            identify,
            refuse_cross_site(settings.public_origins),
        ],
    )
    app[HUB] = hub
    app[METRICS] = metrics
    app[STATICS] = StaticTree(STATIC_FOLDER)
    setup_templates(app)
    app.on_response_prepare.append(secure_headers(behind_tls=behind_tls))

    ice = ice_settings(settings)
    desk = line_desk.LineDesk(hub)
    signaling = SignalingServer(
        Desk(hub, browser_identity),
        signaling_settings(settings, ice),
        clock=hub.clock,
        address_of=address_of,
        lines=desk,
    )
    app[SIGNALING] = signaling
    app[call_pages.CALL_DESK] = HubCallDesk(hub, ice)
    app[RIGHTS] = Rights(hub, signaling)
    app.on_shutdown.append(app[RIGHTS].close)
    hub.on_changed = tell(signaling)
    signaling.mount(app)
    line_desk.setup(app, desk, signaling)
    probe_sessions.setup(app)

    app.router.add_get("/static/{fingerprint}/{name:.+}", app[STATICS].serve)
    for module in (public, account, agent, convocation, reception, kiosks, calls):
        app.add_routes(module.routes)
    for module in (appointments, appointments_new, appointments_one, appointments_move):
        app.add_routes(module.routes)
    for module in (planning, planning_move, day_sheet, desk_rooms, doors, trail, imports):
        app.add_routes(module.routes)
    app.add_routes(rooms.routes)
    app.add_routes(personal.routes)
    for module in (calendars, connections):
        app.add_routes(module.routes)
    app.add_routes(usage.routes)
    app.add_routes(waiting_desk.routes)
    app.add_routes(admin.routes)
    for module in (permanences, permanences_form):
        app.add_routes(module.routes)
    app.add_routes(call_pages.routes())
    app.add_routes(health.routes)
    app.add_routes(api)
    ndt7.setup(app)
    speed_tickets.setup(app)
    app.add_routes(line_report.routes)
    app.add_routes(line_terms.routes)
    lines.setup(app)
    for module in (lines_compare, lines_one, lines_forms, lines_export):
        app.add_routes(module.routes)
    app.add_routes(modem.routes)
    line_speed_runs.setup(app)
    app.add_routes(line_speed.routes)
    public_pages.setup(app)
    check_table(app)
    return app


def ice_settings(settings: Settings) -> IceSettings:
    """STUN and TURN, as signaling wants them."""
    return IceSettings(
        stun_urls=settings.stun_urls,
        turn_urls=settings.turn_urls,
        turn_secret=settings.turn_secret.get_secret_value(),
        turn_valid_s=settings.turn_credential_hours * 3600,
    )


def signaling_settings(settings: Settings, ice: IceSettings) -> SignalingSettings:
    """Timings and origins, as signaling wants them."""
    return SignalingSettings(
        hub_origin=settings.public_origins[0],
        browser_origins=frozenset(settings.public_origins),
        ice=ice,
        call=CallTimings(
            gives_up_s=settings.call_gives_up_after_s,
            waiting_limit_s=settings.call_waits_at_most_minutes * 60,
        ),
        ping_every_s=settings.ping_every_s,
        client_dead_after_s=settings.dead_after_s,
        peer_dead_after_s=settings.silent_peer_dropped_after_s,
        tabs_per_person=settings.tabs_per_person,
        code_digits=settings.code_digits,
        code_early_minutes=settings.code_early_minutes,
    )


def tell(signaling: SignalingServer) -> Callable[[str], None]:
    """What a committed change sets off: pages fetch anew, kiosks' first screens too."""

    def changed(topic: str) -> None:
        signaling.changed(topic)
        if topic.startswith("reception:"):
            signaling.changed(topic.replace("reception:", "planning:"))
        if topic.startswith("day:"):
            signaling.refresh_lobbies()

    return changed


async def browser_identity(request: web.Request) -> BrowserIdentity | None:
    """Who opens the wire: the middleware has read the session cookie already."""
    found = request.get(SIGNED_IN)
    if found is None:
        return None
    return BrowserIdentity(
        person_id=found.person.id,
        session_id=found.session.id,
        roles=frozenset(str(role) for role in found.person.roles),
    )
