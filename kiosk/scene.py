"""What the citizen's screen shows, what it may ask, what the kiosk does: plain data, no texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from kiosk.quality import Verdict
from signaling.protocol.cards import (
    CallCard,
    DeviceCard,
    DeviceKind,
    EndReason,
    IceServer,
    Language,
    RefusalReason,
    ServiceCard,
    VenueCard,
)
from signaling.protocol.messages import Candidate, FromKiosk

LOUDEST = 10

HelpState = Literal["none", "asked", "coming", "nobody"]
Overlay = Literal["help", "leave", "phone", "no_code", "still_there"]


class Screen(StrEnum):
    """The states of the screen; each has its picture in the documentation."""

    STARTING = "starting"
    NOT_ENROLLED = "not_enrolled"
    OFFLINE = "offline"
    CLOSED = "closed"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    HOME = "home"
    CODE = "code"
    CHECKING = "checking"
    WAITING = "waiting"
    ADMITTED = "admitted"
    CALL = "call"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


class Do(StrEnum):
    """What the page may ask for."""

    TOUCH = "touch"  # somebody is here
    STAY = "stay"
    DISMISS = "dismiss"  # close what lies over the screen
    LANGUAGE = "language"
    LARGER_TEXT = "larger_text"
    LOW_CONTROLS = "low_controls"
    HELP = "help"
    HELP_CANCEL = "help_cancel"
    START_CODE = "start_code"
    BACK = "back"
    DIGIT = "digit"
    ERASE = "erase"
    CLEAR = "clear"
    SUBMIT = "submit"
    CALL_SERVICE = "call_service"
    NEXT_SERVICES = "next_services"
    LEAVE = "leave"  # asks first
    LEAVE_YES = "leave_yes"
    PHONE = "phone"  # rather than waiting; asks first
    PHONE_YES = "phone_yes"
    NO_CODE = "no_code"
    MUTE = "mute"
    LOUDER = "louder"
    QUIETER = "quieter"
    DONE = "done"


@dataclass(frozen=True)
class Action:
    """One wish of the citizen; `value` is a digit, a language or a service id."""

    do: Do
    value: str = ""


@dataclass(frozen=True)
class Ending:
    """How the last call of this stay ended; `reason` None: it ended while the line was cut."""

    call_id: str
    partner: str
    reason: EndReason | None
    refusal: RefusalReason | None = None
    text: str = ""
    phone: str = ""
    by_phone: bool = False
    """The citizen left the queue to telephone."""


@dataclass(frozen=True)
class Scene:
    """All that the screen may know at one moment. Instants are aware UTC datetimes."""

    screen: Screen
    time: datetime
    language: Language = "fr"
    larger_text: bool = False
    low_controls: bool = False
    overlay: Overlay | None = None
    seconds_left: int | None = None
    """Until the screen is cleaned, while it asks whether somebody is still there."""
    venue: VenueCard | None = None
    services: tuple[ServiceCard, ...] = ()
    page: int = 0
    digits: str = ""
    code_digits: int = 8
    code_early_minutes: int = 30
    """How long before its appointment a code opens."""
    notice: str = ""
    """Code of what went wrong with the last wish; empty: nothing."""
    call: CallCard | None = None
    said: str = ""
    said_at: datetime | None = None
    muted: bool = False
    volume: int = LOUDEST
    far_picture: bool = False
    picture_awaited: bool = False
    """The agent is heard, or heard again, since a moment ago; the picture is on its way."""
    picture_lately: bool = False
    """It came a short while ago: when it does not now, it may only have stopped."""
    quality: Verdict | None = None
    """What the citizen gets of the agent; None: not known yet."""
    heard: bool = False
    """The microphone heard something a moment ago."""
    line_slow: bool = False
    """The hub answers, and takes its time."""
    devices: tuple[DeviceCard, ...] = ()
    agent_devices: tuple[DeviceCard, ...] = ()
    """In a call; empty: not known."""
    help: HelpState = "none"
    phone: str = ""
    cut_since: datetime | None = None
    """Since when the hub does not answer; None while it does."""
    interrupted_since: datetime | None = None
    ending: Ending | None = None

    @property
    def shows_self(self) -> bool:
        """Whether the kiosk's own picture is on the screen."""
        return self.screen in {Screen.CODE, Screen.WAITING, Screen.ADMITTED, Screen.CALL}

    @property
    def reads_qr(self) -> bool:
        """Whether a QR before the camera means something now."""
        return self.screen is Screen.CODE and self.overlay is None

    @property
    def tries_microphone(self) -> bool:
        """Whether the screen says that the microphone hears."""
        return self.screen is Screen.WAITING

    def device_is_out(self, kind: DeviceKind) -> bool:
        """Whether a device of this kind is known and does not work."""
        return any(card.kind == kind and card.status != "ok" for card in self.devices)

    def agent_lacks(self, kind: DeviceKind) -> bool:
        """Whether the agent's device of this kind is known and gives nothing, or was muted."""
        return any(card.kind == kind and card.status != "ok" for card in self.agent_devices)


# --- what the kiosk shall do ------------------------------------------------------------------


@dataclass(frozen=True)
class Send:
    """Send this to the hub; dropped when the hub is away (the welcome brings both up to date)."""

    message: FromKiosk


@dataclass(frozen=True)
class StartAnswer:
    """Answer this offer with the media engine."""

    call_id: str
    generation: int
    sdp: str
    ice_servers: tuple[IceServer, ...]


@dataclass(frozen=True)
class AddCandidate:
    """Hand a candidate of the browser to the media engine."""

    candidate: Candidate


@dataclass(frozen=True)
class StopMedia:
    """Close the call's media, now."""


@dataclass(frozen=True)
class Mute:
    """Send silence instead of the microphone, or the microphone again."""

    muted: bool


@dataclass(frozen=True)
class Volume:
    """Loudness of the speaker, 0 to 10."""

    level: int


@dataclass(frozen=True)
class Ring:
    """Begin or stop ringing."""

    on: bool


@dataclass(frozen=True)
class RememberVenue:
    """Keep the venue's name and telephone number for a start without the hub."""

    venue: VenueCard


Effect = Send | StartAnswer | AddCandidate | StopMedia | Mute | Volume | Ring | RememberVenue
