"""Messages of the kiosk's lobby, of waiting and of admission; PROTOCOL.md §6 and §7."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from signaling.protocol.cards import (
    CallCard,
    Card,
    DeviceCard,
    Identifier,
    Language,
    Phone,
    RefusalReason,
    ServiceCard,
)

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
