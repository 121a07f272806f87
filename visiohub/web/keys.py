"""Keys of the API: `Authorization: Bearer vh_...` (RFC 6750) in place of a session."""

from __future__ import annotations

from aiohttp import web

from visiohub.booking import connections
from visiohub.domain.model import Person
from visiohub.errors import NotAllowed
from visiohub.web.context import HUB

V1 = "/api/v1/"


def scope_of(method: str, path: str) -> str:
    """What a key needs for this address: "appointments:read"."""
    resource = path.removeprefix(V1).partition("/")[0]
    return f"{resource}:{'read' if method in {'GET', 'HEAD'} else 'write'}"


def carries_key(request: web.Request) -> bool:
    """Whether it asks with a key, rightly or not: its cookies then count for nothing."""
    return request.path.startswith(V1) and "Authorization" in request.headers


async def key_person(request: web.Request) -> Person:
    """In whose name it asks. Raises HTTPUnauthorized, NotAllowed (outside the key's scopes)."""
    hub = request.app[HUB]
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    now = hub.clock()
    found = None
    if scheme.lower() == "bearer":
        found = await hub.read(connections.key_holder, secret.strip(), now)
    if found is None:
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
    if found.touch_due:
        await hub.run(connections.touch_key, found.key_id, now)
    resource = request.match_info.route.resource
    if resource is not None:
        scope = scope_of(request.method, resource.canonical)
        if scope not in found.scopes:
            raise NotAllowed(f"the key lacks the scope {scope}")
    return found.person
