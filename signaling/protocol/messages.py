"""Every message of the exchange, one model each. PROTOCOL.md is the norm; §n points into it.

K is a kiosk, B a staff browser, H the hub. A message is one JSON object in one WebSocket text
frame of at most 64 KiB (limits.py), told apart by `type`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from signaling.protocol.cards import (
    CallCard,
    Card,
    DeviceCard,
    EndReason,
    IceServer,
    Identifier,
    Language,
    Phone,
    RefusalReason,
    ServiceCard,
    VenueCard,
)
from signaling.protocol.line_cards import BudgetCard, Count, KbitS, Result
from signaling.protocol.modem import ModemAccess

PROTOCOL_VERSION = 1
OLDEST_VERSION = 1

Sdp = Annotated[str, Field(min_length=1, max_length=40_000)]
Topic = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z]+(:[A-Za-z0-9._-]+)*$")]


# --- §3 opening -----------------------------------------------------------------------------


class Challenge(Card):
    """H to K, first of all: prove who you are (§3.2)."""

    type: Literal["challenge"] = "challenge"
    version: int = PROTOCOL_VERSION
    oldest_version: int = OLDEST_VERSION
    nonce: Annotated[str, Field(min_length=43, max_length=43)]
    """32 random octets, base64url without padding."""


class Prove(Card):
    """K to H: the Ed25519 signature over `proof_text` (§3.2)."""

    type: Literal["prove"] = "prove"
    version: Annotated[int, Field(ge=0)]
    kiosk_id: Identifier
    signature: Annotated[str, Field(min_length=86, max_length=86)]
    """64 octets, base64url without padding."""
    software: Annotated[str, Field(max_length=100)] = ""


class Hello(Card):
    """B to H, first of all; who it is, the session cookie already said (§3.3)."""

    type: Literal["hello"] = "hello"
    version: Annotated[int, Field(ge=0)]
    tab_id: Identifier


class WelcomeKiosk(Card):
    """H to K: you are in; this is where you stand and what goes on (§3.4)."""

    type: Literal["welcome_kiosk"] = "welcome_kiosk"
    version: int = PROTOCOL_VERSION
    connection_id: Identifier
    ping_every_s: float
    dead_after_s: float
    now: datetime
    venue: VenueCard
    services: list[ServiceCard]
    call: CallCard | None
    """The unfinished call of this kiosk, to be resumed."""


class WelcomeBrowser(Card):
    """H to B: you are in; these are your unfinished calls (§3.4)."""

    type: Literal["welcome_browser"] = "welcome_browser"
    version: int = PROTOCOL_VERSION
    connection_id: Identifier
    ping_every_s: float
    dead_after_s: float
    now: datetime
    calls: list[CallCard]


# --- §4 keepalive, §5 errors -----------------------------------------------------------------


class Ping(Card):
    """Both ways: are you there? (§4)."""

    type: Literal["ping"] = "ping"
    n: Annotated[int, Field(ge=0, le=2**53)]


class Pong(Card):
    """Both ways: answer to a ping, same `n` (§4)."""

    type: Literal["pong"] = "pong"
    n: Annotated[int, Field(ge=0, le=2**53)]


class Error(Card):
    """H to any: what you sent was not done (§5). The connection stays open."""

    type: Literal["error"] = "error"
    code: Identifier
    """Stable; the list is in PROTOCOL.md §5.2 and signaling/errors.py."""
    detail: Annotated[str, Field(max_length=500)]
    """For developers and logs, in English."""
    about: Annotated[str, Field(max_length=40)] = ""
    """`type` of the message that was refused, when it could be read."""
    field: Annotated[str, Field(max_length=100)] = ""
    retry_after_s: float | None = None


class Bye(Card):
    """H to any, last of all: why the connection closes (§5.3)."""

    type: Literal["bye"] = "bye"
    code: Identifier
    detail: Annotated[str, Field(max_length=500)]


# --- §6 the kiosk's lobby --------------------------------------------------------------------


class Lobby(Card):
    """H to K: services that can be called now; sent anew when it changes (§6.2)."""

    type: Literal["lobby"] = "lobby"
    services: list[ServiceCard]


class Codes(Card):
    """H to K: the codes that this hub gives to type; after each welcome (§6.7)."""

    type: Literal["codes"] = "codes"
    digits: Annotated[int, Field(ge=1, le=20)] = 8
    early_minutes: Annotated[int, Field(ge=0)] = 30
    """A code opens so long before its appointment."""


class PresentCode(Card):
    """K to H: the code that the citizen typed, or what the QR says (§6.3)."""

    type: Literal["present_code"] = "present_code"
    code: Annotated[str, Field(min_length=1, max_length=200)]
    language: Language = "fr"


class CallService(Card):
    """K to H: a call without an appointment (§6.4)."""

    type: Literal["call_service"] = "call_service"
    service_id: Identifier
    language: Language = "fr"


class AskHelp(Card):
    """K to H: the citizen wants somebody from reception; `wanted: false` takes it back (§6.5)."""

    type: Literal["ask_help"] = "ask_help"
    wanted: bool


class Help(Card):
    """H to K: what became of the wish for help (§6.5)."""

    type: Literal["help"] = "help"
    state: Literal["none", "asked", "coming", "nobody"]
    phone: Phone = ""


class Devices(Card):
    """K to H, H to B in the call: the state of the kiosk's devices, all of them (§6.6)."""

    type: Literal["devices"] = "devices"
    kiosk_id: Identifier | None = None
    """Set by H only."""
    devices: Annotated[list[DeviceCard], Field(max_length=16)]


# --- §7 waiting and admission ----------------------------------------------------------------


class CallState(Card):
    """H to both ends: the call as it now is; always whole (§8.2)."""

    type: Literal["call_state"] = "call_state"
    call: CallCard


class Admit(Card):
    """B to H: let the citizen in, on this tab (§7.4)."""

    type: Literal["admit"] = "admit"
    call_id: Identifier


class MakeWait(Card):
    """B to H: not yet; the screen says how long (§7.5)."""

    type: Literal["make_wait"] = "make_wait"
    call_id: Identifier
    minutes: Annotated[int, Field(ge=1, le=120)]


class Refuse(Card):
    """B to H: this call will not be taken, and why (§7.6)."""

    type: Literal["refuse"] = "refuse"
    call_id: Identifier
    reason: RefusalReason
    text: Annotated[str, Field(max_length=200)] = ""


class TakeOver(Card):
    """B to H: hold this agent's call on this tab from now on (§7.7)."""

    type: Literal["take_over"] = "take_over"
    call_id: Identifier


class Superseded(Card):
    """H to B: another tab of yours holds the call now; let go of its media (§7.7)."""

    type: Literal["superseded"] = "superseded"
    call_id: Identifier


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


# --- §10 the line ----------------------------------------------------------------------------


class ProbeSession(Card):
    """H to K: measure the venue's line in this session (§10.1)."""

    type: Literal["probe_session"] = "probe_session"
    session: Annotated[int, Field(ge=1, le=65_535)]
    key: Annotated[str, Field(min_length=43, max_length=43, repr=False)]
    """32 octets, base64url without padding."""
    port: Annotated[int, Field(ge=1, le=65_535)]
    up_kbit_s: Annotated[KbitS, Field(gt=0)]
    """To plan the first train for: of IP."""
    down_kbit_s: Annotated[KbitS, Field(gt=0)]
    burst_up_octets: Count | None = None
    burst_down_octets: Count | None = None
    octets_a_day_up: Count
    octets_a_day_down: Count
    modem: ModemAccess | None = None
    """To be read from now on, or no more (§10.6)."""


class LineResults(Card):
    """K to H: what was found out (§10.2)."""

    type: Literal["line_results"] = "line_results"
    batch: Identifier
    results: Annotated[
        list[Annotated[Result, Field(discriminator="kind")]], Field(min_length=1, max_length=100)
    ]


class ResultsKept(Card):
    """H to K: this batch is kept, durably (§10.2)."""

    type: Literal["results_kept"] = "results_kept"
    batch: Identifier


class CheckLine(Card):
    """H to K: look at the line now, somebody comes soon (§10.5)."""

    type: Literal["check_line"] = "check_line"
    check_id: Identifier


class MeasureSpeed(Card):
    """H to K: load the line by NDT7 now, once each way (§10.7)."""

    type: Literal["measure_speed"] = "measure_speed"
    run_id: Identifier
    token: Annotated[str, Field(min_length=16, max_length=100, repr=False)]
    octets_up: Count
    octets_down: Count
    beyond_budget: bool = False


class CallBudget(Card):
    """H to K and B: what this call may use of the venue's line (§10.4)."""

    type: Literal["call_budget"] = "call_budget"
    call_id: Identifier
    budget: BudgetCard


FromKiosk = (
    Prove | Ping | Pong | PresentCode | CallService | AskHelp | Devices | Answer | Candidate
    | Media | Renegotiate | Report | HangUp | LineResults
)  # fmt: skip
FromBrowser = (
    Hello | Ping | Pong | Admit | MakeWait | Refuse | TakeOver | Offer | Candidate | Media
    | Renegotiate | Say | Report | AgentDevices | HangUp | Subscribe
)  # fmt: skip
FromHub = (
    Challenge | WelcomeKiosk | WelcomeBrowser | Ping | Pong | Error | Bye | Lobby | Help | Devices
    | CallState | Superseded | Negotiate | Offer | Answer | Candidate | Say | AgentDevices | Ended
    | Changed | ProbeSession | ResultsKept | CheckLine | MeasureSpeed | CallBudget | Codes
)  # fmt: skip
Message = FromKiosk | FromBrowser | FromHub


def proof_text(origin: str, kiosk_id: str, nonce: str) -> bytes:
    """What a kiosk signs: bound to this hub, this kiosk and this connection (§3.2)."""
    return f"visiohub-kiosk-proof-v1\n{origin}\n{kiosk_id}\n{nonce}".encode()
