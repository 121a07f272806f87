"""What pages are given: frozen, whole, instants aware in UTC beside the name of their zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from visiohub.domain.model import AppointmentState, Call, Kiosk, LineKind, Need, Person, Session


@dataclass(frozen=True)
class SignedIn:
    """Who a session cookie stands for."""

    person: Person
    session: Session
    touch_due: bool
    """Time to call `accounts.touch_session`."""


@dataclass(frozen=True)
class NewSession:
    """A session just opened; `token` goes into the cookie and exists only here."""

    session: Session
    token: str


@dataclass(frozen=True)
class IssuedCode:
    """An enrolment code just made; the code exists only here."""

    code: str
    """As printed: "BCDF GHJK"."""
    kiosk_id: str
    expires_at: datetime


@dataclass(frozen=True)
class PlaceView:
    """Where an appointment or a call takes place."""

    venue_id: str
    venue_name: str
    town: str
    room_name: str
    kiosk_id: str
    kiosk_name: str
    time_zone: str


@dataclass(frozen=True)
class AppointmentRow:
    """One appointment, as lists show it."""

    id: str
    version: int
    starts_at: datetime
    ends_at: datetime
    state: AppointmentState
    initials: str
    phone: str
    email: str
    language: str
    """Of the citizen; empty: that of the hub."""
    needs: frozenset[Need]
    partner: str
    partner_id: str
    service: str
    service_id: str
    duration_minutes: int
    place: PlaceView
    kiosk_here: bool
    kiosk_installed: bool
    agent_id: str | None
    agent: str
    """Label of the agent it is given to; empty: any of the partner."""
    arrived_at: datetime | None
    call_id: str | None
    """Of its last call, if any."""
    call_state: str | None
    lost_cause: str | None
    cancelled_by: str | None
    created_by: str | None
    """None: the citizen."""


@dataclass(frozen=True)
class WaitingRow:
    """One open call: somebody is at the kiosk."""

    call_id: str
    call_state: str
    appointment_id: str | None
    """None: without an appointment."""
    starts_at: datetime | None
    arrived_at: datetime
    waited_minutes: int
    asked_to_wait_minutes: int | None
    initials: str
    partner: str
    service: str
    duration_minutes: int
    language: str
    place: PlaceView
    kiosk_here: bool
    devices: tuple[dict[str, str], ...]
    person_id: str | None
    """Who holds the call."""
    agent: str
    """Label of who holds it; empty: nobody yet."""
    mine: bool
    """Held by, or given to, the person who looks."""
    interrupted_at: datetime | None


@dataclass(frozen=True)
class AgentDay:
    """An agent's day: whoever is at a kiosk first, then what comes, then what was."""

    day: date
    time_zone: str
    partner: str
    receives_walk_ins: bool
    arrived: tuple[WaitingRow, ...]
    """With an appointment, in order of its time."""
    walk_ins: tuple[WaitingRow, ...]
    """Without, in order of arrival."""
    upcoming: tuple[AppointmentRow, ...]
    done: tuple[AppointmentRow, ...]
    """Done, cancelled, absent, lost."""


@dataclass(frozen=True)
class ReceptionDay:
    """The day at some venues."""

    day: date
    time_zone: str
    appointments: tuple[AppointmentRow, ...]
    waiting: tuple[WaitingRow, ...]
    kiosks: tuple[KioskState, ...]


@dataclass(frozen=True)
class KioskState:
    """One kiosk as technicians and reception see it."""

    kiosk: Kiosk
    place: PlaceView
    line_kind: LineKind | None
    """None: the venue has no line yet."""
    down_kbit_s: int | None
    up_kbit_s: int | None
    in_call: bool
    agent_devices: tuple[dict[str, str], ...]
    """Of the agent in its call, as the agent's page last told them."""
    away_since: datetime | None
    wrong_codes_today: int
    codes_locked: bool


class WhyNot(StrEnum):
    """What is against an appointment at some time."""

    PAST = "past"
    NOTICE = "notice"
    """The service wants to know sooner."""
    NOT_YET = "not_yet"
    """The day is not open to be booked."""
    PLACE = "place"
    """Something else has the kiosk or its room."""
    KEPT = "kept"
    """For professionals."""
    AGENT = "agent"
    """The wished agent has an appointment."""
    AWAY = "away"
    """The wished agent is absent, or busy by an outside calendar."""
    LINE = "line"
    """The venue's line would refuse it."""


@dataclass(frozen=True)
class FreeDay:
    """The times at which a service can begin at a kiosk on one day."""

    day: date
    time_zone: str
    open: bool
    """False: the venue is closed all day."""
    times: tuple[datetime, ...]
    smaller: tuple[datetime, ...] = ()
    """Those at which the venue's line has room for a smaller picture, or for sound, alone."""
    refused: Mapping[datetime, WhyNot] = field(default_factory=dict)
    """Those of the day's other starts that cannot be had."""
    nobody: tuple[datetime, ...] = ()
    """Those at which nobody would receive: staff may have them and say why."""


@dataclass(frozen=True)
class Booked:
    """An appointment just made, with what its paper says; code and token exist only here."""

    appointment_id: str
    code: str
    """As printed: "4829 1357"."""
    token: str
    qr_text: str
    """`VH1.<appointment id>.<token>`"""


@dataclass(frozen=True)
class Convocation:
    """What the printed page says, less code and QR; nothing about the reason for the visit."""

    appointment: AppointmentRow
    street: str
    postcode: str
    town: str
    access: str
    door: str
    phone: str
    """To fall back on."""
    language: str
    """The citizen's: "fr" or "en"."""
    to_bring: tuple[str, ...]
    code_opens_at: datetime
    code_closes_at: datetime


@dataclass(frozen=True)
class CallRow:
    """One call of the record; no content, nothing about the citizen."""

    call: Call
    partner: str
    service: str
    place: PlaceView
    agent: str
    waited_s: int
    lasted_s: int
