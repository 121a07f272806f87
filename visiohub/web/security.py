"""What every request passes first: cross-site refusal, size limits; and what every answer carries.

Cross-site requests are told by `Sec-Fetch-Site` and `Origin` (OWASP ASVS 5, 3.5.1), which
browsers set and pages cannot forge; there is no token to leak or to forget in a form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from visiohub.domain.csv_table import MOST_BYTES

MAX_BODY_BYTES = 64 * 1024
"""The largest honest form (a venue with its week) has about 3 KiB."""
LARGER_BODIES = {
    "/admin/imports": MOST_BYTES + MAX_BODY_BYTES,
    "/admin/imports/{upload_id}": MOST_BYTES + MAX_BODY_BYTES,
    "/school-holidays": MOST_BYTES + MAX_BODY_BYTES,
}
"""Routes that take a file (web/uploads.py), with the form around it."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


class CrossSiteRefused(web.HTTPForbidden):
    """A mutating request that another site's page caused."""


def is_cross_site(request: web.Request, origins: Collection[str]) -> bool:
    """Whether a mutating request must be refused.

    A request with neither header comes from no browser page; it passes only without cookies,
    so that it can act for nobody.
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is not None:
        return origin not in origins
    if site is not None:
        return site not in {"same-origin", "none"}
    return "Cookie" in request.headers


def refuse_cross_site(origins: Collection[str]) -> Middleware:
    """Middleware for a hub that is reached at these origins (scheme://host[:port])."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in SAFE_METHODS:
            if is_cross_site(request, origins):
                raise CrossSiteRefused
            resource = request.match_info.route.resource
            most = LARGER_BODIES.get(resource.canonical if resource else "", MAX_BODY_BYTES)
            if (request.content_length or 0) > most:
                raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
        return await handler(request)

    return middleware


def secure_headers(
    *, behind_tls: bool
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Signal handler of `on_response_prepare`: headers on every answer, errors included."""

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if behind_tls:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        # Whatever does not say how long it may be kept is somebody's own page.
        response.headers.setdefault("Cache-Control", "no-store")

    return prepare
