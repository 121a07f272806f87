"""Make, move and cancel appointments; the paper that goes with them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from visiohub.booking import announce
from visiohub.booking.asked_time import length_of, offer, slot
from visiohub.booking.audit import note
from visiohub.booking.directory import Directory
from visiohub.booking.forms import AppointmentForm, MoveForm
from visiohub.booking.lines.elsewhere import elsewhere
from visiohub.booking.lines.fit import USUAL, Wish, require_line
from visiohub.booking.lines.moved import leave_looks
from visiohub.booking.overrule import overruled
from visiohub.booking.receivers import receivers
from visiohub.booking.secrets import new_id, new_token, slow_hash, token_hash
from visiohub.booking.views import AppointmentRow, Booked, Convocation
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT, comes_from, may_become
from visiohub.domain.codes import qr_text, spaced, window
from visiohub.domain.model import (
    Appointment,
    AppointmentState,
    CancelledBy,
    Person,
    Role,
    Service,
)
from visiohub.errors import (
    N_,
    EditedMeanwhile,
    FieldError,
    InvalidForm,
    LineFull,
    NotTheDay,
    WrongState,
)
from visiohub.linkquality.budget import Picture
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Paper:
    """What a convocation opens with; in clear only until it is printed."""

    code: str
    code_hash: str
    token: str


def book(uow: UnitOfWork, form: AppointmentForm, by: Person, now: datetime) -> Booked:
    """Make an appointment. The code and the token exist only in what is returned. Who is received
    at a counter has one of its seats from now on, whether an agent is named or not.

    Raises InThePast, TooFarAhead, TimeDoesNotExist, TimeHappensTwice, OutsideHours, OffGrid,
    ShortNotice, NotOffered, SlotTaken, RoomTaken, AgentBusy, CounterFull, LineFull, InvalidForm (an
    agent of another partner, a length that the service has not), and as overrule.overruled.
    """
    paper = new_paper(uow)
    service, kiosk, venue = offer(uow, form.service_id, form.kiosk_id)
    check_agent(uow, form.agent_id, service)
    length = length_of(service, form.duration_minutes)
    starts_at, ends_at = slot(uow, venue, kiosk, service, form.day, form.time, length, now)
    people = receivers(uow, service, venue.id, starts_at, ends_at, form.agent_id)
    appointment = Appointment(
        id=new_id(),
        service_id=service.id,
        kiosk_id=kiosk.id,
        starts_at=starts_at,
        ends_at=ends_at,
        state=AppointmentState.BOOKED,
        created_at=now,
        created_by=by.id,
        initials=form.initials,
        phone=form.phone,
        email=form.email,
        language=form.language,
        needs=form.needs,
        agent_id=form.agent_id,
        seat_id=people.seat(None, starts_at, ends_at) if people else None,
    )
    booked = _hold(uow, appointment, paper)  # what is taken is said first: no reason helps there
    despite = overruled(uow, form.agent_id, starts_at, ends_at, form.despite_calendar, people)
    _enter(uow, appointment, by, now, picture=form.picture or USUAL, despite=despite)
    return booked


def enter(
    uow: UnitOfWork,
    appointment: Appointment,
    paper: Paper,
    by: Person | None,
    now: datetime,
    link: str = "",
) -> Booked:
    """Write a new appointment down with its paper; `by` None: the citizen did. `link` opens it for
    the citizen.

    Raises SlotTaken, RoomTaken, AgentBusy, CounterFull, LineFull.
    """
    booked = _hold(uow, appointment, paper)
    _enter(uow, appointment, by, now, link=link)
    return booked


def _hold(uow: UnitOfWork, appointment: Appointment, paper: Paper) -> Booked:
    uow.appointments.add(appointment)
    booked = hand_out(appointment, paper)
    uow.flush()
    return booked


def _enter(
    uow: UnitOfWork,
    appointment: Appointment,
    by: Person | None,
    now: datetime,
    link: str = "",
    picture: Picture | None = None,
    despite: Mapping[str, object] = _NOTHING,
) -> None:
    """`despite` is what was overruled for it."""
    fits_line(uow, appointment, now, picture)
    after = {**facts(appointment), **despite}
    note(uow, by, now, "appointment.book", appointment.id, {}, after)
    tell(uow, appointment)
    announce.of_appointment(uow, appointment, Change.BOOKED, now, link=link)


def reissue_code(uow: UnitOfWork, appointment_id: str, by: Person, now: datetime) -> Booked:
    """A new paper: the old code and QR stop working. Raises WrongState once it is over."""
    paper = new_paper(uow)
    appointment = uow.appointments.get(appointment_id)
    if appointment.state not in HOLDS_ITS_SLOT:
        raise WrongState(f"is {appointment.state}")
    note(uow, by, now, "appointment.reissue_code", appointment.id, {}, {})
    return hand_out(appointment, paper)


def move(
    uow: UnitOfWork,
    appointment_id: str,
    form: MoveForm,
    version: int,
    by: Person,
    now: datetime,
) -> Appointment:
    """Another time or kiosk, as long as it was; the paper's code goes on working, there and then.
    Its seat stays its own where the counter is held and has it free; else it takes another, or
    none where no counter receives then.

    Raises as book, and EditedMeanwhile, WrongState.
    """
    appointment = _for_edit(uow, appointment_id, version)
    if appointment.state not in {AppointmentState.BOOKED, AppointmentState.CONFIRMED}:
        raise WrongState(f"is {appointment.state}")
    before = facts(appointment)
    was_at = appointment.starts_at
    service, kiosk, venue = offer(uow, appointment.service_id, form.kiosk_id)
    length = appointment.ends_at - appointment.starts_at
    starts_at, ends_at = slot(uow, venue, kiosk, service, form.day, form.time, length, now)
    with_whom = appointment.agent_id
    people = receivers(uow, service, venue.id, starts_at, ends_at, with_whom, moved=appointment.id)
    tell(uow, appointment)
    appointment.starts_at, appointment.ends_at = starts_at, ends_at
    appointment.kiosk_id = kiosk.id
    was_on = appointment.seat_id
    appointment.seat_id = people.seat(was_on, starts_at, ends_at) if people else None
    appointment.version += 1
    uow.flush()  # what is taken is said first: no reason helps there
    despite = overruled(uow, with_whom, starts_at, ends_at, form.despite_calendar, people)
    fits_line(uow, appointment, now)
    leave_looks(uow, appointment.id)
    after = {**facts(appointment), **despite}
    note(uow, by, now, "appointment.move", appointment.id, before, after)
    tell(uow, appointment)
    announce.of_appointment(uow, appointment, Change.MOVED, now, was_at=was_at)
    return appointment


def cancel(
    uow: UnitOfWork,
    appointment_id: str,
    cancelled_by: CancelledBy,
    version: int,
    by: Person | None,
    now: datetime,
) -> Appointment:
    """Take it back; the slot is free again. `by` None: by link or code.

    Raises EditedMeanwhile, WrongState.
    """
    appointment = _for_edit(uow, appointment_id, version)
    said = {"by": str(cancelled_by)}
    change_state(uow, appointment, AppointmentState.CANCELLED, "appointment.cancel", by, now, said)
    appointment.cancelled_by = cancelled_by
    announce.of_appointment(uow, appointment, Change.CANCELLED, now)
    return appointment


def confirm(
    uow: UnitOfWork, appointment_id: str, version: int, by: Person | None, now: datetime
) -> Appointment:
    """The citizen says to come; `by` None: by link or code. Raises EditedMeanwhile, WrongState."""
    appointment = _for_edit(uow, appointment_id, version)
    change_state(uow, appointment, AppointmentState.CONFIRMED, "appointment.confirm", by, now)
    return appointment


def check_in(
    uow: UnitOfWork, appointment_id: str, version: int, by: Person, now: datetime
) -> Appointment:
    """Reception saw the citizen come ("Sur place"). Raises EditedMeanwhile, NotTheDay (it is
    on a later day), WrongState."""
    appointment = _for_edit(uow, appointment_id, version)
    _, _, venue = Directory(uow).whereabouts(appointment.kiosk_id)
    early = timedelta(minutes=uow.settings.code_early_minutes)
    if now < comes_from(appointment.starts_at, hours.zone_of(venue.time_zone), early):
        raise NotTheDay(f"it starts at {appointment.starts_at}")
    change_state(uow, appointment, AppointmentState.ARRIVED, "appointment.check_in", by, now)
    appointment.arrived_at = now
    return appointment


def show(uow: UnitOfWork, appointment_id: str) -> AppointmentRow:
    """One appointment. Raises NotFound."""
    appointment = uow.appointments.get(appointment_id)
    call = uow.calls.latest_of([appointment.id]).get(appointment.id)
    return Directory(uow).row(appointment, call)


def convocation(uow: UnitOfWork, appointment_id: str) -> Convocation:
    """What the printed page says, less code and QR."""
    row = show(uow, appointment_id)
    directory = Directory(uow)
    _, room, venue = directory.whereabouts(row.place.kiosk_id)
    service, partner = directory.service(row.service_id)
    early = timedelta(minutes=uow.settings.code_early_minutes)
    opens_at, closes_at = window(row.starts_at, row.ends_at, early)
    return Convocation(
        appointment=row,
        street=venue.street,
        postcode=venue.postcode,
        town=venue.town,
        access=venue.access,
        door=room.door,
        phone=venue.phone or uow.settings.fallback_phone or partner.phone,
        language=uow.appointments.get(appointment_id).language or "fr",
        to_bring=service.to_bring,
        code_opens_at=opens_at,
        code_closes_at=closes_at,
    )


def change_state(
    uow: UnitOfWork,
    appointment: Appointment,
    wanted: AppointmentState,
    action: str,
    by: Person | None,
    now: datetime,
    said: Mapping[str, object] = _NOTHING,
) -> None:
    """Take one step of its life, which the audit trail calls `action` with what is `said` besides.
    Raises WrongState, and SlotTaken when its slot was given away."""
    if not may_become(appointment.state, wanted):
        raise WrongState(f"{appointment.state} cannot become {wanted}")
    before: dict[str, object] = {"state": str(appointment.state)}
    appointment.state = wanted
    appointment.version += 1
    uow.flush()
    after: dict[str, object] = {"state": str(wanted), **said}
    note(uow, by, now, action, appointment.id, before, after)
    tell(uow, appointment)


def _for_edit(uow: UnitOfWork, appointment_id: str, version: int) -> Appointment:
    appointment = uow.appointments.get(appointment_id)
    if appointment.version != version:
        raise EditedMeanwhile(f"version {version} was read, {appointment.version} is kept")
    return appointment


def fits_line(
    uow: UnitOfWork, appointment: Appointment, now: datetime, picture: Picture | None = None
) -> None:
    """Raises LineFull, which tells who has room."""
    _, _, venue = Directory(uow).whereabouts(appointment.kiosk_id)
    wish = Wish(appointment.id, appointment.starts_at, appointment.ends_at)
    try:
        require_line(uow, venue.id, [wish], now, picture)
    except LineFull as error:
        error.has_room(elsewhere(uow, appointment, venue, Picture(error.wanted), now))
        raise


def check_agent(uow: UnitOfWork, agent_id: str | None, service: Service) -> None:
    """Raises InvalidForm unless the agent is of the service's partner; None passes."""
    if agent_id is None:
        return
    agent = uow.persons.find(agent_id)
    if (
        agent is None
        or not agent.active
        or Role.AGENT not in agent.roles
        or agent.partner_id != service.partner_id
    ):
        says = N_("Cet agent ne reçoit pas pour cet organisme. Choisissez dans la liste.")
        raise InvalidForm([FieldError("agent_id", "unknown_reference", says)])


def new_paper(uow: UnitOfWork) -> Paper:
    """A code and a token. Slow: called before the first statement, so as to hold no lock."""
    digits = uow.settings.code_digits
    code = f"{secrets.randbelow(10**digits):0{digits}}"
    return Paper(code, slow_hash(code), new_token())


def hand_out(appointment: Appointment, paper: Paper) -> Booked:
    """The paper opens this appointment from now on, and no earlier paper does."""
    appointment.code_hash = paper.code_hash
    appointment.token_hash = token_hash(paper.token)
    return Booked(
        appointment_id=appointment.id,
        code=spaced(paper.code),
        token=paper.token,
        qr_text=qr_text(appointment.id, paper.token),
    )


def facts(appointment: Appointment) -> dict[str, object]:
    """For the audit: nothing about the citizen."""
    return {
        "service_id": appointment.service_id,
        "kiosk_id": appointment.kiosk_id,
        "starts_at": appointment.starts_at.isoformat(),
        "agent_id": appointment.agent_id,
        "seat_id": appointment.seat_id,
    }


def tell(uow: UnitOfWork, appointment: Appointment) -> None:
    """Pages that show it are to be told."""
    directory = Directory(uow)
    _, _, venue = directory.whereabouts(appointment.kiosk_id)
    service, _ = directory.service(appointment.service_id)
    uow.changed(f"day:{service.partner_id}", f"reception:{venue.id}")
