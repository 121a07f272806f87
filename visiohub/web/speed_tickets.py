"""Tickets for NDT7: a technician asks for a line, a kiosk by its key for the line it hangs on.

The cost is said before: GET the same address. While a ticket is good its line is reserved, and
none is given while the line is needed.
"""

from __future__ import annotations

import base64
import json
import math
import secrets
import time
from typing import Annotated

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signaling.protocol.cards import Identifier
from signaling.protocol.messages import proof_text
from visiohub.booking.lines.refusals import SpeedRefused
from visiohub.booking.lines.speeds import reserve_by_hand
from visiohub.domain.model import Kiosk, Line
from visiohub.linkquality.ndt7 import KIOSK_TICKET_PATH, cost_octets
from visiohub.linkquality.tickets import TicketRefused
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.ndt7 import TICKETS
from visiohub.web.pages.line_speed_runs import SPEED_RUNS

CLOCKS_DIFFER_S = 120
"""By so much a kiosk's clock may be off; beyond, it takes the hub's from the answer's Date."""
_SHOWN = web.AppKey("speed_proofs_shown", dict[str, int])
_NO_STORE = {"Cache-Control": "no-store"}


class KioskProof(BaseModel):
    """What a kiosk shows: its signature over `proof_text` with the nonce `ndt7-{at}`."""

    model_config = ConfigDict(extra="forbid")

    kiosk_id: Identifier
    at: Annotated[int, Field(ge=0, le=2**40)]
    """Unix seconds; later than in every proof it showed before."""
    signature: Annotated[str, Field(min_length=86, max_length=86, pattern=r"^[A-Za-z0-9_-]+$")]


def setup(app: web.Application) -> None:
    """Keeps what kiosks showed, so that nobody shows it again; and the routes."""
    app[_SHOWN] = {}
    app.add_routes(
        [
            web.get("/lines/{line_id}/speed-ticket", cost),
            web.post("/lines/{line_id}/speed-ticket", for_technician),
            web.post(KIOSK_TICKET_PATH, for_kiosk),
        ]
    )


async def cost(request: web.Request) -> web.Response:
    """What a measurement of this line puts on it, in octets."""
    line = await request.app[HUB].read(_line, request.match_info["line_id"])
    octets = cost_octets(line.down_kbit_s, line.up_kbit_s)
    return web.json_response({"line_id": line.id, "octets": octets}, headers=_NO_STORE)


async def for_technician(request: web.Request) -> web.Response:
    """A ticket for the line, whoever then measures with it."""
    line = await request.app[HUB].read(_line, request.match_info["line_id"])
    return await _given(request, line, staff(request).id)


async def for_kiosk(request: web.Request) -> web.Response:
    """A ticket for the kiosk's own line, by its key."""
    try:
        proof = KioskProof.model_validate_json(await request.read())
    except ValidationError:
        raise web.HTTPBadRequest(text="not a proof of a kiosk") from None
    hub = request.app[HUB]
    kiosk, line = await hub.read(_of_kiosk, proof.kiosk_id)
    if kiosk is None or kiosk.public_key is None or kiosk.revoked_at is not None:
        return _refused("not_enrolled", web.HTTPForbidden.status_code)
    if abs(hub.clock().timestamp() - proof.at) > CLOCKS_DIFFER_S:
        return _refused("clock", web.HTTPForbidden.status_code)
    if not _signed(kiosk.public_key, proof, hub.settings.public_origins[0]):
        return _refused("bad_proof", web.HTTPForbidden.status_code)
    shown = request.app[_SHOWN]
    if proof.at <= shown.get(proof.kiosk_id, -1):
        return _refused("bad_proof", web.HTTPForbidden.status_code)
    shown[proof.kiosk_id] = proof.at
    if line is None:
        return _refused("no_line", web.HTTPConflict.status_code)
    return await _given(request, line, None)


async def _given(request: web.Request, line: Line, person_id: str | None) -> web.Response:
    hub, tickets = request.app[HUB], request.app[TICKETS]
    token = secrets.token_urlsafe(24)
    rates = (line.down_kbit_s, line.up_kbit_s)
    try:
        ticket = tickets.give(token, line.id, *rates, time.monotonic())
    except TicketRefused as refused:
        status = web.HTTPConflict if refused.code == "line_measured" else web.HTTPTooManyRequests
        return _refused(refused.code, status.status_code, refused.retry_after_s)
    try:
        run = await hub.run(reserve_by_hand, line.id, person_id, hub.clock())
    except SpeedRefused as refused:
        tickets.withdraw(ticket)
        code = "line_measured" if refused.why == "measured" else "line_in_use"
        return _refused(code, refused.status)
    request.app[SPEED_RUNS].watch(run, ticket)
    body = {"token": ticket.token, "line_id": line.id, "octets": cost_octets(*rates)}
    return web.json_response(body, status=201, headers=_NO_STORE)


def _refused(code: str, status: int, retry_after_s: float | None = None) -> web.Response:
    headers = dict(_NO_STORE)
    if retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(retry_after_s))
    return web.json_response(text=json.dumps({"code": code}), status=status, headers=headers)


def _signed(public_key: bytes, proof: KioskProof, origin: str) -> bool:
    """Ed25519 (RFC 8032 §5.1.7)."""
    text = proof_text(origin, proof.kiosk_id, f"ndt7-{proof.at}")
    signature = base64.urlsafe_b64decode(proof.signature + "==")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _line(uow: UnitOfWork, line_id: str) -> Line:
    return uow.lines.get(line_id)


def _of_kiosk(uow: UnitOfWork, kiosk_id: str) -> tuple[Kiosk | None, Line | None]:
    """The kiosk and the first active line of its venue, as far as they are there."""
    kiosk = uow.kiosks.find(kiosk_id)
    room = uow.rooms.find(kiosk.room_id) if kiosk else None
    found = uow.lines.list(venue_id=room.venue_id, active=True) if room else []
    return kiosk, min(found, key=lambda line: line.id, default=None)
