"""What handlers find on the application and on the request."""

from __future__ import annotations

from aiohttp import web

from signaling.server import SignalingServer
from visiohub.booking.views import SignedIn
from visiohub.bootstrap import Hub
from visiohub.domain.model import Person
from visiohub.web.metrics import Metrics
from visiohub.web.statics import StaticTree

HUB = web.AppKey("hub", Hub)
SIGNALING = web.AppKey("signaling", SignalingServer)
STATICS = web.AppKey("statics", StaticTree)
METRICS = web.AppKey("metrics", Metrics)
SIGNED_IN = web.RequestKey("signed_in", SignedIn)


def signed_in(request: web.Request) -> SignedIn:
    """Who asks, and by which session; only on routes that are not open to everybody."""
    found: SignedIn | None = request.get(SIGNED_IN)
    if found is None:
        raise web.HTTPUnauthorized
    return found


def person_of(request: web.Request) -> Person | None:
    """Who asks, if anybody is signed in."""
    found = request.get(SIGNED_IN)
    return found.person if found else None


def staff(request: web.Request) -> Person:
    """Who asks; only on routes that are not open to everybody."""
    return signed_in(request).person


def address_of(request: web.Request) -> str:
    """The peer's address: behind a trusted proxy, what the proxy says (RFC 7239's older cousin)."""
    remote = request.remote or ""
    if remote in request.app[HUB].settings.trusted_proxies:
        forwarded = request.headers.get("X-Forwarded-For", "")
        # The proxy appends the address it saw; what stands before it the peer may have invented.
        return forwarded.rsplit(",", 1)[-1].strip() or remote
    return remote
