"""A session for `kiosk probe`: a technician at the venue's PC measures the line by hand.

The kiosk shows its key; a session of its own lets the kiosk's agent go on beside it.
"""

from __future__ import annotations

from aiohttp import web

from visiohub.web.kiosk_proof import NO_STORE, KioskProofs, ProofRefusedError, refused
from visiohub.web.line_desk import LINE_DESK

PATH = "/api/v1/probe-sessions"
_PROOFS = web.AppKey("probe_proofs", KioskProofs)


def setup(app: web.Application) -> None:
    """The route, and what was shown already."""
    app[_PROOFS] = KioskProofs("probe")
    app.router.add_post(PATH, give)


async def give(request: web.Request) -> web.Response:
    """The session, as `probe_session` has it (PROTOCOL.md §10.1)."""
    try:
        kiosk_id = await request.app[_PROOFS].kiosk_id(request)
    except ProofRefusedError as error:
        return refused(error.code, error.status)
    session = await request.app[LINE_DESK].console_session(kiosk_id)
    if session is None:
        return refused("no_line", 409)
    return web.json_response(text=session.model_dump_json(), status=201, headers=NO_STORE)
