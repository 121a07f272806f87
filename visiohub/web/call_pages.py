"""The agent's call and the pre-check before it: what the browser is given; the rest is scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from signaling.protocol.cards import CallCard, IceServer
from visiohub.web.call_texts import board_texts, call_texts, check_texts, ready_phrases
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import in_language
from visiohub.web.render import page


@dataclass(frozen=True)
class CallView:
    """A call as its page begins; from then on the wire tells."""

    card: CallCard
    time_zone: str
    """IANA name, of the venue."""
    topics: tuple[str, ...] = ()
    """What the page subscribes to."""
    booking_id: str = ""
    """Of the booked room that calls; empty: a citizen does."""


class CallDesk(Protocol):
    """What these pages need of the hub."""

    async def call_view(self, request: web.Request, call_id: str) -> CallView | None:
        """The call, if it is this person's business; None otherwise."""

    async def ice_servers(self, request: web.Request) -> list[IceServer]:
        """STUN and TURN servers for this person, credentials included; empty: none is set."""


CALL_DESK: web.AppKey[CallDesk] = web.AppKey("call_desk", CallDesk)


def routes() -> list[web.RouteDef]:
    """Calls of citizens for agents alone, those of booked rooms for who booked (permissions.py)."""
    return [
        web.get("/agent/check", check_page),
        web.get("/agent/check/servers", check_servers),
        web.get("/agent/call/{call_id}", call_page),
        web.get("/agent/call/{call_id}/card", call_card),
        web.get("/bookings/call/{call_id}", call_page),
        web.get("/bookings/call/{call_id}/card", call_card),
    ]


async def call_page(request: web.Request) -> web.Response:
    """GET /agent/call/{call_id}, or a booked room's: waiting room, call and end, on one page."""
    view = await _view(request)
    card = view.card
    data = {
        "call": card.model_dump(mode="json"),
        "card_url": f"{request.path}/card",
        "time_zone": view.time_zone,
        "topics": view.topics,
        "phone_phrase": ready_phrases()[-1],
        "board": in_language(card.language, board_texts),
    }
    context = {
        "call": card,
        "booking_id": view.booking_id,
        "data": data,
        "texts": call_texts(),
        "phrases": ready_phrases(),
        "refusals": _refusals(),
    }
    return page(request, "call/call.html", context)


async def call_card(request: web.Request) -> web.Response:
    """GET .../card: the card alone, when the wire did not bring it."""
    view = await _view(request)
    headers = {"Cache-Control": "no-store"}
    return web.json_response(text=view.card.model_dump_json(), headers=headers)


async def check_page(request: web.Request) -> web.Response:
    """GET /agent/check: camera, microphone, speaker, connection."""
    return page(request, "call/check.html", {"texts": check_texts()})


async def check_servers(request: web.Request) -> web.Response:
    """GET /agent/check/servers: STUN and TURN to try, as RTCIceServer entries."""
    servers = await request.app[CALL_DESK].ice_servers(request)
    body = json.dumps([server.model_dump(exclude_none=True) for server in servers])
    return web.json_response(text=body, headers={"Cache-Control": "no-store"})


async def _view(request: web.Request) -> CallView:
    view = await request.app[CALL_DESK].call_view(request, request.match_info["call_id"])
    if view is None:
        raise web.HTTPNotFound
    return view


def _refusals() -> list[tuple[str, str]]:
    """RefusalReason and its words for the agent."""
    return [
        ("other_day", _("Proposer un autre jour")),
        ("by_phone", _("Continuer par téléphone")),
        ("wrong_service", _("Ce n’est pas le bon service")),
        ("missing_document", _("Il manque un document")),
        ("other", _("Autre raison")),
    ]
