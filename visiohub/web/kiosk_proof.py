"""A kiosk's key over plain HTTP: it signs the time instead of a challenge (PROTOCOL.md §3.2)."""

from __future__ import annotations

import math
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signaling.proof import is_signed
from signaling.protocol.cards import Identifier
from signaling.protocol.messages import proof_text
from visiohub.web.context import HUB

CLOCKS_DIFFER_S = 120
"""By so much a kiosk's clock may be off; beyond, it can take the hub's from the answer's Date."""
NO_STORE = {"Cache-Control": "no-store"}


class KioskProof(BaseModel):
    """A signature over `proof_text` with the nonce `{purpose}-{at}`."""

    model_config = ConfigDict(extra="forbid")

    kiosk_id: Identifier
    at: Annotated[int, Field(ge=0, le=2**40)]
    """Unix seconds; later than in every proof for this purpose that the kiosk showed before."""
    signature: Annotated[str, Field(min_length=86, max_length=86, pattern=r"^[A-Za-z0-9_-]+$")]


class ProofRefusedError(Exception):
    """`code` is for the kiosk's program, `status` is HTTP's."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class KioskProofs:
    """Those for one purpose; what was shown is kept in memory, so that it counts but once."""

    def __init__(self, purpose: str) -> None:
        self._purpose = purpose
        self._shown: dict[str, int] = {}
        """By kiosk: the newest time."""

    async def kiosk_id(self, request: web.Request) -> str:
        """Whose key the request shows.

        Raises:
            ProofRefusedError: `not_a_proof`, `not_enrolled`, `clock` or `bad_proof`.
        """
        try:
            proof = KioskProof.model_validate_json(await request.read())
        except ValidationError:
            raise ProofRefusedError("not_a_proof", 400) from None
        hub = request.app[HUB]
        kiosk = await hub.read(lambda uow: uow.kiosks.find(proof.kiosk_id))
        if kiosk is None or not kiosk.active or kiosk.public_key is None:
            raise ProofRefusedError("not_enrolled", 403)
        if abs(hub.clock().timestamp() - proof.at) > CLOCKS_DIFFER_S:
            raise ProofRefusedError("clock", 403)
        nonce = f"{self._purpose}-{proof.at}"
        text = proof_text(hub.settings.public_origins[0], proof.kiosk_id, nonce)
        signed = is_signed(kiosk.public_key, proof.signature, text)
        if not signed or proof.at <= self._shown.get(proof.kiosk_id, -1):
            raise ProofRefusedError("bad_proof", 403)
        self._shown[proof.kiosk_id] = proof.at
        return proof.kiosk_id


def refused(code: str, status: int, retry_after_s: float | None = None) -> web.Response:
    """What a kiosk's program is told; with the seconds after which to ask again."""
    retry = {} if retry_after_s is None else {"Retry-After": str(math.ceil(retry_after_s))}
    return web.json_response({"code": code}, status=status, headers=NO_STORE | retry)
