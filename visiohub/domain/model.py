"""The words of design.md as plain dataclasses. Instants are aware UTC datetimes.

Entities (they have an `id`) compare by identity; values are frozen and compare by content.
Where there is a `version`, it rises with every edit by a person, so that no edit is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from visiohub.domain.csv_table import fold


class Role(StrEnum):
    """What a signed-in person may do; the table of routes by role is in web/permissions.py."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    RECEPTION = "reception"
    AGENT = "agent"
    PROFESSIONAL = "professional"
    TECHNICIAN = "technician"
    SOCIAL_WORKER = "social_worker"


class LineKind(StrEnum):
    """Technology of an access line."""

    ADSL = "adsl"
    SDSL = "sdsl"
    OTHER = "other"


class AppointmentState(StrEnum):
    """design.md: booked -> confirmed -> arrived -> in_call -> done, or one of the three ends."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    IN_CALL = "in_call"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    LOST = "lost"


class CancelledBy(StrEnum):
    """Who took an appointment back."""

    CITIZEN = "citizen"
    RECEPTION = "reception"
    AGENT = "agent"


class Need(StrEnum):
    """What a citizen asks for so as to take part."""

    INTERPRETER = "interpreter"
    SIGN_LANGUAGE = "sign_language"
    WHEELCHAIR = "wheelchair"
    LARGE_PRINT = "large_print"


@dataclass(frozen=True)
class OpeningRange:
    """One range of a weekly timetable, venue-local; `weekday` 0 is Monday."""

    weekday: int
    opens: time
    closes: time


@dataclass(eq=False)
class Venue:
    """Lieu d'accueil."""

    id: str
    name: str
    kind: str
    street: str
    postcode: str
    town: str
    latitude: float
    longitude: float
    time_zone: str
    phone: str
    access: str = ""
    opening: tuple[OpeningRange, ...] = ()
    active: bool = True
    version: int = 1

    @property
    def full_name(self) -> str:
        """Its name, after its town unless it says that: a territory has many a "Mairie"."""
        town, name = (" ".join(re.findall(r"\w+", fold(text))) for text in (self.town, self.name))
        return self.name if f" {town} " in f" {name} " else f"{self.town}, {self.name}"


@dataclass(eq=False)
class Line:
    """Ligne: contract rates in kbit/s."""

    id: str
    venue_id: str
    kind: LineKind
    operator: str
    up_kbit_s: int
    down_kbit_s: int
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class Room:
    """Salle."""

    id: str
    venue_id: str
    name: str
    capacity: int
    door: str = ""
    equipment: str = ""
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class Kiosk:
    """Borne: a device enrolled with the hub, in a room."""

    id: str
    room_id: str
    name: str
    public_key: bytes | None = None
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None
    here: bool = False
    seen_at: datetime | None = None
    software: str = ""
    devices: tuple[dict[str, str], ...] = ()
    """DeviceCard fields, as the kiosk last told them."""
    help_asked_at: datetime | None = None
    help_coming_at: datetime | None = None
    codes_unlocked_at: datetime | None = None
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class KioskAbsence:
    """A time during which a kiosk was not connected; `ended_at` None: still."""

    id: str
    kiosk_id: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(eq=False)
class EnrolmentCode:
    """One-time right to become a kiosk; the code itself is not kept."""

    id: str
    kiosk_id: str
    code_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(eq=False)
class Partner:
    """Organisme."""

    id: str
    name: str
    short_name: str
    phone: str
    latitude: float | None = None
    """Of the office to which people would travel otherwise; None: not told."""
    longitude: float | None = None
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class Service:
    """Service, motif."""

    id: str
    partner_id: str
    name: str
    duration_minutes: int
    walk_in: bool = False
    """May be called without an appointment while an agent says so."""
    to_bring: tuple[str, ...] = ()
    venue_ids: tuple[str, ...] = ()
    """Where it is offered; empty: everywhere."""
    notice_minutes: int = 0
    """How long before its start an appointment is made at the latest."""
    horizon_days: int | None = None
    """How many days after today it may lie; None: as far as anything is booked."""
    buffer_before_minutes: int = 0
    """Kept free of other appointments before and after, by kiosk, room and agent alike."""
    buffer_after_minutes: int = 0
    shortest_minutes: int | None = None
    """Staff may make one shorter or longer than `duration_minutes`, up to these; None: not."""
    longest_minutes: int | None = None
    active: bool = True
    version: int = 1

    def kept(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """From when to when an appointment takes what it needs, buffers included."""
        before, after = self.buffer_before_minutes, self.buffer_after_minutes
        return start - timedelta(minutes=before), end + timedelta(minutes=after)


@dataclass(eq=False)
class Person:
    """Somebody who signs in. `label` is what pages show: a role and a place, or a name."""

    id: str
    login: str
    label: str
    initials: str
    password_hash: str
    roles: frozenset[Role] = frozenset()
    partner_id: str | None = None
    """Of an agent."""
    venue_ids: tuple[str, ...] = ()
    """Of reception staff."""
    language: str = ""
    """"fr" or "en" once chosen; empty: as the browser asks."""
    email: str = ""
    """Where the hub writes to; empty: nowhere."""
    receives_walk_ins: bool = False
    retired_at: datetime | None = None
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class Session:
    """A sign-in of one browser; the cookie's token is not kept, only its SHA-256."""

    id: str
    token_hash: str
    person_id: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str = ""
    """What the browser calls itself, for the person's own list."""
    revoked_at: datetime | None = None


@dataclass(eq=False)
class Attempt:
    """A failed try of something that is rate-limited; `key` is a login, an address, a kiosk."""

    id: str
    kind: str
    key: str
    at: datetime


@dataclass(eq=False)
class Appointment:
    """Visio-rendez-vous."""

    id: str
    service_id: str
    kiosk_id: str
    starts_at: datetime
    ends_at: datetime
    state: AppointmentState
    created_at: datetime
    created_by: str | None
    """None: the citizen, on the public page."""
    initials: str = ""
    phone: str = ""
    email: str = ""
    """Both optional; erased by the purge job."""
    language: str = ""
    """In which the citizen is written to; empty: French."""
    needs: frozenset[Need] = frozenset()
    """Erased with it."""
    agent_id: str | None = None
    seat_id: str | None = None
    """Of a counter (occupancy.seats), while any of its agents may receive."""
    code_hash: str = ""
    token_hash: str = ""
    arrived_at: datetime | None = None
    cancelled_by: CancelledBy | None = None
    lost_cause: str | None = None
    version: int = 1


@dataclass(frozen=True)
class CallEnd:
    """Last statistics of one end of a call, W3C webrtc-stats in spirit; no content."""

    audio_codec: str = ""
    video_codec: str = ""
    sent_kbit_s: float = 0.0
    received_kbit_s: float = 0.0
    loss_ratio: float = 0.0
    concealed_ratio: float = 0.0
    rtt_ms: float | None = None
    freezes_per_minute: float = 0.0
    relayed: bool = False
    samples: int = 0
    """Reports so far."""
    covered_s: float = 0.0
    """How much of the call they speak of."""


@dataclass(eq=False)
class Call:
    """Appel: one citizen's stay from arrival at the kiosk to the end, and its record; or a booked
    room's, whose people call who booked."""

    id: str
    kiosk_id: str
    service_id: str | None
    """None: a booked room's."""
    appointment_id: str | None
    language: str
    state: str
    """signaling.protocol.cards.CallStateName"""
    arrived_at: datetime
    generation: int = 0
    until: datetime | None = None
    person_id: str | None = None
    admitted_at: datetime | None = None
    connected_at: datetime | None = None
    interrupted_at: datetime | None = None
    gives_up_at: datetime | None = None
    interruptions: int = 0
    asked_to_wait_minutes: int | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    refusal: str | None = None
    refusal_text: str = ""
    kiosk_end: CallEnd = field(default_factory=CallEnd)
    agent_end: CallEnd = field(default_factory=CallEnd)
    agent_devices: tuple[dict[str, str], ...] = ()
    """DeviceCard fields, as the agent's page last told them."""
    device_faults: tuple[str, ...] = ()
    """Devices that failed during the call, each once, as `agent.camera` or `kiosk.speaker`."""
    booked_room_id: str | None = None
    """Of the room that calls, as long as its booking is kept."""


@dataclass(eq=False)
class AuditEntry:
    """Who changed what, when; before and after without citizens' data."""

    id: str
    at: datetime
    person_id: str | None
    action: str
    subject: str
    before: dict[str, object]
    after: dict[str, object]
