"""What the API takes and gives. Instants are UTC, RFC 3339."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from visiohub.booking.forms import Day, MoveForm, day_in_sight
from visiohub.booking.views import AppointmentRow, Booked, KioskState
from visiohub.domain import hours
from visiohub.domain.connections import Despite
from visiohub.domain.hours import Span
from visiohub.domain.model import Need, Service, Venue
from visiohub.web.api.describe import Inputs
from visiohub.web.kiosk_words import kiosk_state


def _in_sight(value: datetime) -> datetime:
    day_in_sight(value.date())
    return value


Id = Annotated[str, Field(min_length=1, max_length=64)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_sight)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31)]


class VersionIn(Inputs):
    """What was read, so that nobody else's change is overlooked."""

    version: Version


class DaysQuery(Inputs):
    """Some local days from `day` on, without it from today on."""

    day: Day | None = None
    days: Annotated[int, Field(ge=1, le=62)] = 7

    def span(self, zone_name: str, now: datetime) -> Span:
        """On the clock of this IANA time zone."""
        zone = hours.zone_of(zone_name)
        return hours.days_span(self.day or hours.local_day(now, zone), self.days, zone)


class EnrolmentIn(Inputs):
    """A PC that wants to become a kiosk."""

    code: Annotated[str, Field(min_length=1, max_length=20)]
    public_key: Annotated[str, Field(min_length=1, max_length=60)]
    """Raw Ed25519 public key, 32 octets, base64url."""
    software: Annotated[str, Field(max_length=100)] = ""


class EnrolmentOut(BaseModel):
    """Who it is from now on, and the origin that it proves its key to."""

    kiosk_id: str
    hub_origin: str


class RangeOut(BaseModel):
    """One opening range on the venue's clock; weekday 0 is Monday."""

    weekday: int
    opens: str
    closes: str


class VenueOut(BaseModel):
    """A venue."""

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
    access: str
    opening: list[RangeOut]

    @classmethod
    def of(cls, venue: Venue) -> Self:
        """From the domain's."""
        names = cls.model_fields.keys() - {"opening"}
        opening = [
            RangeOut(weekday=r.weekday, opens=f"{r.opens:%H:%M}", closes=f"{r.closes:%H:%M}")
            for r in venue.opening
        ]
        return cls(opening=opening, **{name: getattr(venue, name) for name in names})


class ServiceOut(BaseModel):
    """A service of a partner."""

    id: str
    partner_id: str
    name: str
    duration_minutes: int
    walk_in: bool
    venue_ids: list[str]
    """Where it is offered; empty: everywhere."""

    @classmethod
    def of(cls, service: Service) -> Self:
        """From the domain's."""
        names = cls.model_fields.keys() - {"venue_ids"}
        return cls(
            venue_ids=list(service.venue_ids), **{name: getattr(service, name) for name in names}
        )


class KioskOut(BaseModel):
    """A kiosk and how it does."""

    id: str
    name: str
    venue_id: str
    venue: str
    room: str
    state: str
    """ready, in_call, trouble, away, new, revoked"""
    seen_at: datetime | None
    software: str

    @classmethod
    def of(cls, row: KioskState) -> Self:
        """From the view."""
        return cls(
            id=row.kiosk.id,
            name=row.kiosk.name,
            venue_id=row.place.venue_id,
            venue=row.place.venue_name,
            room=row.place.room_name,
            state=kiosk_state(row),
            seen_at=row.kiosk.seen_at,
            software=row.kiosk.software,
        )


class AppointmentOut(BaseModel):
    """An appointment."""

    id: str
    version: int
    state: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    partner: str
    service_id: str
    service: str
    kiosk_id: str
    venue_id: str
    venue: str
    room: str
    agent_id: str | None
    initials: str
    phone: str
    email: str
    language: str
    """In which the citizen is written to; empty: the hub's."""
    needs: list[Need]
    """What has to be ready: interpreter, sign_language, wheelchair, large_print."""
    arrived_at: datetime | None

    @classmethod
    def of(cls, row: AppointmentRow) -> Self:
        """From the view."""
        same = ("id", "version", "starts_at", "ends_at", "partner", "service_id", "service")
        return cls(
            **{name: getattr(row, name) for name in same},
            state=str(row.state),
            time_zone=row.place.time_zone,
            kiosk_id=row.place.kiosk_id,
            venue_id=row.place.venue_id,
            venue=row.place.venue_name,
            room=row.place.room_name,
            agent_id=row.agent_id,
            initials=row.initials,
            phone=row.phone,
            email=row.email,
            language=row.language,
            needs=sorted(row.needs),
            arrived_at=row.arrived_at,
        )


class BookedOut(BaseModel):
    """An appointment just made; code and QR text exist only in this answer."""

    appointment: AppointmentOut
    code: str
    qr_text: str

    @classmethod
    def of(cls, row: AppointmentRow, booked: Booked) -> Self:
        """From the view, and from the use case's."""
        appointment = AppointmentOut.of(row)
        return cls(appointment=appointment, code=booked.code, qr_text=booked.qr_text)


class MoveIn(MoveForm):
    """Another time; `version` is the one that was read."""

    version: Version


class AssignIn(VersionIn):
    """Who receives: an agent of the service's partner, or null for whoever is free first."""

    agent_id: Id | None
    despite_calendar: Despite | None = None
    """Why also against an absence, an outside calendar or the permanences."""


class CancelIn(VersionIn):
    """Take it back."""

    cancelled_by: Annotated[str, Field(pattern="^(citizen|reception|agent)$")]


class AppointmentQuery(DaysQuery):
    """Which appointments; the days are the territory's."""

    venue_id: Annotated[str, Field(max_length=64)] = ""
