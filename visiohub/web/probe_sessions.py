"""A session for `kiosk probe`: a technician at the venue's PC measures the line by hand.

The kiosk shows its key; a session of its own lets the kiosk's agent go on beside it.
"""

from __future__ import annotations

import base64
from typing import Annotated

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signaling.protocol.cards import Identifier
from signaling.protocol.messages import proof_text
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB
from visiohub.web.line_desk import LINE_DESK

PATH = "/api/v1/probe-sessions"
CLOCKS_DIFFER_S = 120
_SHOWN = web.AppKey("probe_proofs_shown", dict[str, int])


class ProbeProof(BaseModel):
    """A signature over `proof_text` with the nonce `probe-{at}`."""

    model_config = ConfigDict(extra="forbid")

    kiosk_id: Identifier
    at: Annotated[int, Field(ge=0, le=2**40)]
    """Unix seconds; later than in every proof that this kiosk showed before."""
    signature: Annotated[str, Field(min_length=86, max_length=86, pattern=r"^[A-Za-z0-9_-]+$")]


def setup(app: web.Application) -> None:
    """The route, and what was shown already."""
    app[_SHOWN] = {}
    app.router.add_post(PATH, give)


async def give(request: web.Request) -> web.Response:
    """The session, as `probe_session` has it (PROTOCOL.md §10.1)."""
    try:
        proof = ProbeProof.model_validate_json(await request.read())
    except ValidationError:
        return _refused("not_a_proof", 400)
    hub, shown = request.app[HUB], request.app[_SHOWN]
    key = await hub.read(_key, proof.kiosk_id)
    if key is None:
        return _refused("not_enrolled", 403)
    if abs(hub.clock().timestamp() - proof.at) > CLOCKS_DIFFER_S:
        return _refused("clock", 403)
    signed = _signed(key, proof, hub.settings.public_origins[0])
    if not signed or proof.at <= shown.get(proof.kiosk_id, -1):
        return _refused("bad_proof", 403)
    shown[proof.kiosk_id] = proof.at
    session = await request.app[LINE_DESK].console_session(proof.kiosk_id)
    if session is None:
        return _refused("no_line", 409)
    return web.json_response(
        text=session.model_dump_json(), status=201, headers={"Cache-Control": "no-store"}
    )


def _refused(code: str, status: int) -> web.Response:
    return web.json_response({"code": code}, status=status, headers={"Cache-Control": "no-store"})


def _signed(public_key: bytes, proof: ProbeProof, origin: str) -> bool:
    text = proof_text(origin, proof.kiosk_id, f"probe-{proof.at}")
    signature = base64.urlsafe_b64decode(proof.signature + "==")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _key(uow: UnitOfWork, kiosk_id: str) -> bytes | None:
    kiosk = uow.kiosks.find(kiosk_id)
    return kiosk.public_key if kiosk is not None and kiosk.active else None
