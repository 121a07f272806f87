"""Messages of the call, and what pages hear of besides; PROTOCOL.md §8 and §9."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from signaling.protocol.cards import (
    Card,
    DeviceCard,
    EndReason,
    IceServer,
    Identifier,
    Phone,
    RefusalReason,
)

Sdp = Annotated[str, Field(min_length=1, max_length=40_000)]
Topic = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z]+(:[A-Za-z0-9._-]+)*$")]


# --- §8 the call -----------------------------------------------------------------------------


class Negotiate(Card):
    """H to B: make a new PeerConnection of this generation and offer (§8.3)."""

    type: Literal["negotiate"] = "negotiate"
    call_id: Identifier
    generation: Annotated[int, Field(ge=1)]
    ice_servers: list[IceServer]


class Offer(Card):
    """B to H to K: the browser's SDP offer; H adds the kiosk's ICE servers (§8.3)."""

    type: Literal["offer"] = "offer"
    call_id: Identifier
    generation: Annotated[int, Field(ge=1)]
    sdp: Sdp
    ice_servers: Annotated[list[IceServer], Field(default_factory=list)]
    """Set by H only."""


class Answer(Card):
    """K to H to B: the kiosk's SDP answer (§8.3)."""

    type: Literal["answer"] = "answer"
    call_id: Identifier
    generation: Annotated[int, Field(ge=1)]
    sdp: Sdp


class Candidate(Card):
    """Both ways: one ICE candidate; an empty one ends them (RFC 8838, §8.4)."""

    type: Literal["candidate"] = "candidate"
    call_id: Identifier
    generation: Annotated[int, Field(ge=1)]
    candidate: Annotated[str, Field(max_length=1000)]
    sdp_mid: Annotated[str, Field(max_length=16)] | None = None
    sdp_m_line_index: Annotated[int, Field(ge=0, le=16)] | None = None


class Media(Card):
    """K and B to H: what this end receives (§8.5)."""

    type: Literal["media"] = "media"
    call_id: Identifier
    generation: Annotated[int, Field(ge=0)]
    flowing: bool


class Renegotiate(Card):
    """K and B to H: this connection is dead, begin a new one (§8.6)."""

    type: Literal["renegotiate"] = "renegotiate"
    call_id: Identifier
    generation: Annotated[int, Field(ge=0)]
    """The one that is given up; an older one than the one in force is ignored."""


class Say(Card):
    """B to H to K: text shown large on the kiosk's screen; empty clears it (§8.7).

    H to B after `take_over`: what stands there now.
    """

    type: Literal["say"] = "say"
    call_id: Identifier
    text: Annotated[str, Field(max_length=120)]


class Report(Card):
    """K and B to H: statistics of this end, for the record (§8.8)."""

    type: Literal["report"] = "report"
    call_id: Identifier
    generation: Annotated[int, Field(ge=0)]
    audio_codec: Annotated[str, Field(max_length=40)] = ""
    video_codec: Annotated[str, Field(max_length=40)] = ""
    sent_kbit_s: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    received_kbit_s: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    loss_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Of what this end received."""
    concealed_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Of the sound that this end played: made up, or silent for want of any."""
    rtt_ms: Annotated[float, Field(ge=0, le=1e6)] | None = None
    freezes_per_minute: Annotated[float, Field(ge=0, le=1e4)] = 0.0
    relayed: bool = False


class AgentDevices(Card):
    """B to H to K: the state of the agent's devices, all of them (§8.11)."""

    type: Literal["agent_devices"] = "agent_devices"
    call_id: Identifier
    devices: Annotated[list[DeviceCard], Field(max_length=16)]


class HangUp(Card):
    """K and B to H: this call is over; from a waiting kiosk it means "I leave" (§8.9)."""

    type: Literal["hang_up"] = "hang_up"
    call_id: Identifier


class Ended(Card):
    """H to both ends: over, and why (§8.9)."""

    type: Literal["ended"] = "ended"
    call_id: Identifier
    reason: EndReason
    refusal: RefusalReason | None = None
    text: Annotated[str, Field(max_length=200)] = ""
    fallback_phone: Phone = ""


# --- §9 topics -------------------------------------------------------------------------------


class Subscribe(Card):
    """B to H: tell me when these change; replaces the earlier list (§9)."""

    type: Literal["subscribe"] = "subscribe"
    topics: Annotated[list[Topic], Field(max_length=20)]


class Changed(Card):
    """H to B: something under this topic changed, fetch it anew (§9)."""

    type: Literal["changed"] = "changed"
    topic: Topic
