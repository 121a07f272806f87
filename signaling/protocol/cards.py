"""Parts that several messages carry. Section numbers are PROTOCOL.md's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Label = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(max_length=40)]
Language = Literal["fr", "en"]

CallStateName = Literal["waiting", "admitted", "negotiating", "connected", "interrupted", "ended"]
"""design.md's call states, less `idle`, which is the absence of a call (§8.1)."""

EndReason = Literal[
    "hung_up_by_agent",
    "hung_up_by_citizen",
    "left_by_citizen",  # left while waiting
    "refused",  # the agent cannot receive; a reason goes with it
    "line_fault",  # media did not come back in time
    "kiosk_fault",  # the kiosk itself did not come back in time
    "agent_lost",  # the agent's page did not come back in time
    "agent_absent",  # nobody admitted before the waiting limit
    "revoked",  # the kiosk's key was withdrawn
]
RefusalReason = Literal["other_day", "by_phone", "wrong_service", "missing_document", "other"]
DeviceKind = Literal["camera", "microphone", "speaker", "screen"]
DeviceStatus = Literal["ok", "absent", "failed", "muted", "unplugged", "not_fitted"]
"""`not_fitted`: none is meant to be there, which is no fault; `absent`: none was found yet."""
Availability = Literal["free", "wait", "closed"]


class Card(BaseModel):
    """Base of everything on the wire: unknown fields are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class IceServer(Card):
    """One entry of RTCConfiguration.iceServers (W3C webrtc, RTCIceServer)."""

    urls: list[Annotated[str, Field(max_length=300)]]
    username: str | None = None
    credential: str | None = None


class VenueCard(Card):
    """Where the kiosk stands, as its screen says it."""

    venue_name: Label
    room_name: Label
    time_zone: Annotated[str, Field(max_length=64)]
    phone: Phone
    """The number to fall back on when video does not work."""


class ServiceCard(Card):
    """One line of "call a service now" on the kiosk's first screen (§6.2)."""

    service_id: Identifier
    partner: Label
    label: Label
    availability: Availability
    wait_minutes: int | None = None
    opens_at: datetime | None = None
    """UTC; with `closed`, when known."""


class DeviceCard(Card):
    """State of one device; `detail` is for technicians, never for the citizen."""

    kind: DeviceKind
    status: DeviceStatus
    name: Label = ""
    detail: Annotated[str, Field(max_length=500)] = ""


class PlaceCard(Card):
    """Where a waiting citizen stands, honestly (§7.3)."""

    agent_told: bool
    """An agent who may receive this call has a page open and was told."""
    people_before: Annotated[int, Field(ge=0)]
    wait_minutes: Annotated[int, Field(ge=0)] | None
    """None: not known; the screen says so."""
    asked_to_wait_minutes: Annotated[int, Field(ge=0)] | None = None
    """Set when the agent answered "please wait n minutes"."""


class CallCard(Card):
    """A call as both ends see it; enough to draw the screen after a reconnection (§8.2)."""

    call_id: Identifier
    state: CallStateName
    generation: Annotated[int, Field(ge=0)]
    """Number of the PeerConnection in force; 0 before the first."""
    kiosk_id: Identifier
    venue_name: Label
    room_name: Label
    partner: Label
    service: Label
    citizen: Annotated[str, Field(max_length=20)] = ""
    """Initials, for the agent alone; empty towards the kiosk."""
    language: Language = "fr"
    """The citizen's, so that a kiosk that was restarted goes on in it."""
    arrived_at: datetime
    admitted_at: datetime | None = None
    until: datetime | None = None
    """Planned end, UTC."""
    interrupted_at: datetime | None = None
    gives_up_at: datetime | None = None
    """While interrupted: when the call ends by itself."""
    attempts: int = 0
    """While interrupted: new connections tried so far."""
    kiosk_here: bool = True
    agent_here: bool = False
    fallback_phone: Phone = ""
    end_reason: EndReason | None = None
    place: PlaceCard | None = None
    """While waiting."""
