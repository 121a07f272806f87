"""Getting in: what a connection must show before it is a peer (PROTOCOL.md §3)."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from aiohttp import WSMsgType, web

from signaling.errors import DismissedError, ProtocolError
from signaling.ports import Authoriser, BrowserIdentity, KioskIdentity
from signaling.proof import is_signed
from signaling.protocol import codec
from signaling.protocol.limits import MAX_FRAME_OCTETS
from signaling.protocol.messages import (
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Bye,
    Challenge,
    FromBrowser,
    FromHub,
    FromKiosk,
    Hello,
    Prove,
    proof_text,
)
from signaling.settings import SignalingSettings

_CLOSING_HANDSHAKE_S: Final = 1.0

log = structlog.get_logger("signaling")

M = TypeVar("M", FromKiosk, FromBrowser)
T = TypeVar("T")


def refuse_foreign_origin(request: web.Request, settings: SignalingSettings) -> None:
    """A browser tells the page's origin and cannot lie about it (RFC 6455 §10.2).

    Raises:
        web.HTTPForbidden: missing, or not exactly one of ours.
    """
    if request.headers.getall("Origin", []) not in [[o] for o in settings.browser_origins]:
        raise web.HTTPForbidden(text="This page may not open a signaling connection.")


def refuse_any_origin(request: web.Request) -> None:
    """A kiosk's agent is no browser and sends no Origin.

    Raises:
        web.HTTPForbidden: there is one.
    """
    if "Origin" in request.headers:
        raise web.HTTPForbidden(text="This address is for kiosks, not for pages.")


async def upgrade(request: web.Request) -> web.WebSocketResponse:
    """Switch to WebSocket (§2.1): no compression, 64 KiB a frame, our own keepalive."""
    socket = web.WebSocketResponse(
        timeout=_CLOSING_HANDSHAKE_S, max_msg_size=MAX_FRAME_OCTETS, compress=False
    )
    await socket.prepare(request)
    return socket


async def open_or_goodbye(socket: web.WebSocketResponse, opening: Awaitable[T]) -> T | None:
    """What the opening found; None: it failed, `bye` said why, the socket is closed (§5.3)."""
    try:
        return await opening
    except DismissedError as error:
        why = error
    except ConnectionError:
        return None  # the guest left
    except Exception:
        log.exception("opening_failed")
        why = DismissedError("internal", "a fault in the hub; it was logged")
    log.info("not_admitted", code=why.code, detail=why.detail)
    with contextlib.suppress(ConnectionError):
        await _send(socket, Bye(code=why.code, detail=why.detail))
        await socket.close()
    return None


async def admit_kiosk(
    socket: web.WebSocketResponse, authoriser: Authoriser, settings: SignalingSettings
) -> tuple[KioskIdentity, Prove]:
    """Challenge, and the proof of the enrolled key (§3.2).

    Raises:
        DismissedError: not proved, not enrolled, too old.
    """
    nonce = secrets.token_urlsafe(32)
    await _send(socket, Challenge(nonce=nonce))
    prove = await _first(socket, codec.from_kiosk, settings)
    if not isinstance(prove, Prove):
        raise DismissedError("no_opening", "the first message of a kiosk is prove")
    identity = await authoriser.identify_kiosk(prove.kiosk_id)
    if identity is None:
        raise DismissedError("not_enrolled", "unknown or revoked kiosk: enrol it anew")
    text = proof_text(settings.hub_origin, prove.kiosk_id, nonce)
    if not is_signed(identity.public_key, prove.signature, text):
        raise DismissedError(
            "bad_proof", f"not signed by this kiosk's key for {settings.hub_origin}"
        )
    return identity, prove


async def admit_browser(socket: web.WebSocketResponse, settings: SignalingSettings) -> Hello:
    """The tab says which it is; the session said who it is (§3.3).

    Raises:
        DismissedError: something else came, or an old version.
    """
    hello = await _first(socket, codec.from_browser, settings)
    if not isinstance(hello, Hello):
        raise DismissedError("no_opening", "the first message of a page is hello")
    return hello


async def identify_browser(request: web.Request, authoriser: Authoriser) -> BrowserIdentity:
    """Who this is, before the upgrade.

    Raises:
        web.HTTPUnauthorized: nobody who is signed in.
    """
    identity = await authoriser.identify_browser(request)
    if identity is None:
        raise web.HTTPUnauthorized(text="Sign in first.")
    return identity


async def _first(
    socket: web.WebSocketResponse, decode: Callable[[str], M], settings: SignalingSettings
) -> M:
    """The opening message, within `opening_s`; its version counts even if nothing else fits."""
    try:
        frame = await socket.receive(timeout=settings.opening_s)
    except TimeoutError:
        raise DismissedError("no_opening", "nothing came in time") from None
    if frame.type is not WSMsgType.TEXT:
        raise DismissedError("no_opening", "not a text frame")
    version = codec.version_of(frame.data)
    if version is not None and version < OLDEST_VERSION:
        raise DismissedError(
            "too_old",
            f"this hub speaks versions {OLDEST_VERSION} to {PROTOCOL_VERSION}: upgrade the kiosk,"
            " or reload the page",
        )
    if version is not None and version > PROTOCOL_VERSION:
        raise DismissedError(
            "too_new", f"this hub speaks version {PROTOCOL_VERSION}: upgrade the hub"
        )
    try:
        return decode(frame.data)
    except ProtocolError as error:
        told = (error.code, error.field, error.detail)
        raise DismissedError("no_opening", ": ".join(part for part in told if part)) from None


async def _send(socket: web.WebSocketResponse, message: FromHub) -> None:
    await socket.send_str(codec.encode(message))
