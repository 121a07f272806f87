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
from visiohub.web import call_pages, line_desk, mounting
from visiohub.web.call_desk import HubCallDesk
from visiohub.web.context import HUB, METRICS, SIGNALING, SIGNED_IN, STATICS, address_of
from visiohub.web.error_pages import errors
from visiohub.web.metrics import Metrics, measured
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
    app.router.add_get("/static/{fingerprint}/{name:.+}", app[STATICS].serve)
    mounting.setup(app)
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
