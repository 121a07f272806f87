"""What the citizen does at the kiosk before a call: code, service, place in the queue, help."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from signaling.ports import Ticket
from signaling.protocol.cards import Language, PlaceCard, ServiceCard
from visiohub.booking.appointments import change_state
from visiohub.booking.directory import Directory
from visiohub.booking.limits import TYPED_CODE
from visiohub.booking.parties import party_of
from visiohub.booking.queue import PartnerQueue
from visiohub.booking.rooms import visio
from visiohub.booking.secrets import new_id, slow_match, token_hash
from visiohub.booking.tickets import ticket_of
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.codes import (
    digits_of,
    is_locked,
    is_qr,
    live_codes,
    read_qr,
    window,
)
from visiohub.domain.model import (
    Appointment,
    AppointmentState,
    Attempt,
    Call,
    Kiosk,
    Service,
    Venue,
)
from visiohub.domain.waiting import Queued
from visiohub.errors import (
    CodeElsewhere,
    CodeLocked,
    CodeTooEarly,
    CodeTooLate,
    CodeUnknown,
    CodeUsed,
    ServiceClosed,
    ServiceUnknown,
    SlotTaken,
)
from visiohub.settings import Settings
from visiohub.storage.uow import UnitOfWork


def present_code(
    uow: UnitOfWork, kiosk_id: str, code: str, language: Language, now: datetime
) -> Ticket:
    """The appointment of a typed code or a QR, now at this kiosk: a call begins to wait.

    Raises CodeUnknown, CodeLocked (typed); CodeUnknown, CodeElsewhere, CodeTooEarly,
    CodeTooLate, CodeUsed (QR: its 128 bits cannot be guessed, so it may be told more).
    """
    directory = Directory(uow)
    _, _, venue = directory.whereabouts(kiosk_id)
    if is_qr(code):
        appointment = _by_qr(directory, code, venue, now)
    else:
        appointment = _by_digits(uow, digits_of(code), venue, now)
    try:
        if appointment.state is not AppointmentState.ARRIVED:
            change_state(
                uow, appointment, AppointmentState.ARRIVED, "appointment.arrive", None, now
            )
    except SlotTaken as error:  # lost to a fault, and given to somebody else since
        raise CodeUsed("its slot was given away") from error
    appointment.arrived_at = appointment.arrived_at or now
    appointment.lost_cause = None
    call = _call(kiosk_id, language, now, appointment.ends_at)
    call.service_id, call.appointment_id = appointment.service_id, appointment.id
    return _begin(directory, call, appointment)


def call_service(
    uow: UnitOfWork,
    kiosk_id: str,
    service_id: str,
    language: Language,
    told: frozenset[str],
    now: datetime,
) -> Ticket:
    """A call without an appointment, or of a booked room, begins to wait. Raises ServiceUnknown,
    ServiceClosed."""
    directory = Directory(uow)
    _, _, venue = directory.whereabouts(kiosk_id)
    if booked := uow.booked_rooms.find(service_id):
        booking = visio.arrive(uow, booked, kiosk_id, now)
        call = _call(kiosk_id, language, now, booking.ends_at)
        call.booked_room_id = booked.id
        return _begin(directory, call, None)
    service = uow.services.find(service_id)
    if service is None or not _callable_at(service, venue):
        raise ServiceUnknown(f"service {service_id!r} cannot be called at venue {venue.id}")
    if _service_card(directory, service, venue, told, now).availability == "closed":
        raise ServiceClosed(f"nobody receives for service {service_id}")
    call = _call(kiosk_id, language, now)
    call.service_id = service.id
    return _begin(directory, call, None)


def lobby(uow: UnitOfWork, kiosk_id: str, told: frozenset[str], now: datetime) -> list[ServiceCard]:
    """Services that the kiosk's first screen offers without an appointment; before them the visio
    of who booked its room."""
    directory = Directory(uow)
    _, _, venue = directory.whereabouts(kiosk_id)
    services = [s for s in uow.services.list(walk_in=True) if _callable_at(s, venue)]
    cards = [_service_card(directory, s, venue, told, now) for s in services]
    cards.sort(key=lambda card: (card.partner, card.label))
    return [*visio.cards(directory, kiosk_id, told, now), *cards]


def place(uow: UnitOfWork, call_id: str, told: frozenset[str], now: datetime) -> PlaceCard:
    """Where a waiting call stands in its partner's queue. Raises NotFound."""
    directory = Directory(uow)
    call = uow.calls.get(call_id)
    if call.booked_room_id is not None:
        return visio.place(uow, call, told)
    appointment = uow.appointments.find(call.appointment_id)
    _, partner = directory.service(call.service_id)
    queue = PartnerQueue(directory, partner.id, told)
    told_someone = bool(queue.receiving(appointment))
    estimate = queue.estimate(queue.queued(call, appointment), appointment, now)
    return PlaceCard(
        agent_told=told_someone,
        people_before=estimate.people_before,
        wait_minutes=estimate.minutes,
        asked_to_wait_minutes=call.asked_to_wait_minutes,
    )


def _by_qr(directory: Directory, text: str, venue: Venue, now: datetime) -> Appointment:
    uow = directory.uow
    read = read_qr(text)
    appointment = uow.appointments.find(read[0]) if read else None
    if read is None or appointment is None or appointment.token_hash != token_hash(read[1]):
        raise CodeUnknown
    _, _, its_venue = directory.whereabouts(appointment.kiosk_id)
    if its_venue.id != venue.id:
        raise CodeElsewhere(f"is at venue {its_venue.id}")
    opens_at, closes_at = _window(uow, appointment)
    if now < opens_at:
        raise CodeTooEarly(f"opens at {opens_at}")
    if now >= closes_at:
        raise CodeTooLate(f"closed at {closes_at}")
    if not _opens(uow, appointment):
        raise CodeUsed(f"is {appointment.state}")
    return appointment


def _by_digits(uow: UnitOfWork, digits: str, venue: Venue, now: datetime) -> Appointment:
    """Spend one try, look, and give the try back when the code was right.

    The try is written first: guesses sent at once from several kiosks are all counted.
    """
    settings = uow.settings
    if len(digits) != settings.code_digits or not digits.isdecimal():
        raise CodeUnknown  # no code at all: nothing was guessed
    if wrong_codes(uow, venue, now).locked:
        raise CodeLocked
    tried = Attempt(id=new_id(), kind=TYPED_CODE, key=venue.id, at=now)
    uow.attempts.add(tried)
    candidates = _live(uow, venue, now)
    uow.commit()
    match = next((a for a in candidates if slow_match(a.code_hash, digits)), None)
    appointment = uow.appointments.fresh(match.id) if match else None
    if appointment is None or not _opens(uow, appointment):
        raise CodeUnknown
    uow.attempts.remove(tried)
    return appointment


def _live(uow: UnitOfWork, venue: Venue, now: datetime) -> Sequence[Appointment]:
    """Appointments that a typed code may open now, never more than the guess bound counts."""
    early = timedelta(minutes=uow.settings.code_early_minutes)
    kiosks = [k.id for k in uow.kiosks.at_venue(venue.id)]
    just_after = now + early + timedelta(seconds=1)  # `between` leaves its end out, the window not
    near = [
        a
        for a in uow.appointments.between(now, just_after, kiosk_ids=kiosks)
        if a.starts_at - early <= now < a.ends_at and _opens(uow, a)
    ]
    near.sort(key=lambda a: a.state not in HOLDS_ITS_SLOT)
    step = timedelta(minutes=uow.settings.slot_step_minutes)
    return near[: live_codes(early, step) * len(kiosks)]


def _window(uow: UnitOfWork, appointment: Appointment) -> tuple[datetime, datetime]:
    early = timedelta(minutes=uow.settings.code_early_minutes)
    return window(appointment.starts_at, appointment.ends_at, early)


def _opens(uow: UnitOfWork, appointment: Appointment) -> bool:
    """Expected, or cut short by a fault or by the citizen's own mistake; and not in a call."""
    if uow.calls.open(appointment_id=appointment.id):
        return False
    match appointment.state:
        case AppointmentState.DONE:
            last = uow.calls.latest_of([appointment.id]).get(appointment.id)
            return last is not None and last.end_reason == "hung_up_by_citizen"
        case AppointmentState.LOST:
            return True
        case state:
            return state in HOLDS_ITS_SLOT


def _call(kiosk_id: str, language: Language, now: datetime, until: datetime | None = None) -> Call:
    """A call that begins to wait, of what is yet to be said."""
    return Call(
        id=new_id(),
        kiosk_id=kiosk_id,
        service_id=None,
        appointment_id=None,
        language=language,
        state="waiting",
        arrived_at=now,
        until=until,
    )


def _begin(directory: Directory, call: Call, appointment: Appointment | None) -> Ticket:
    uow = directory.uow
    uow.calls.add(call)
    uow.flush()
    _, _, venue = directory.whereabouts(call.kiosk_id)
    uow.changed(*party_of(directory, call).topics, f"reception:{venue.id}", "calls")
    return ticket_of(directory, call, appointment)


def _callable_at(service: Service, venue: Venue) -> bool:
    offered = not service.venue_ids or venue.id in service.venue_ids
    return service.active and service.walk_in and offered


def _service_card(
    directory: Directory, service: Service, venue: Venue, told: frozenset[str], now: datetime
) -> ServiceCard:
    _, partner = directory.service(service.id)
    queue = PartnerQueue(directory, partner.id, told)
    zone = hours.zone_of(venue.time_zone)
    card = ServiceCard(
        service_id=service.id,
        partner=partner.short_name,
        label=service.name,
        availability="closed",
    )
    if not hours.is_open_at(venue.opening, now, zone):
        opens_at = hours.next_opening(venue.opening, now, zone)
        return card.model_copy(update={"opens_at": opens_at})
    if not queue.receiving(None):
        return card
    asking = Queued("~", now, timedelta(minutes=service.duration_minutes))  # after every id
    wait = queue.estimate(asking, None, now).minutes
    availability = "wait" if wait else "free"
    return card.model_copy(update={"availability": availability, "wait_minutes": wait})


class WrongCodes:
    """Wrong typed codes at a venue on its present day."""

    def __init__(self, count: int, *, locked: bool, spent: bool) -> None:
        self.count = count
        self.locked = locked
        self.spent = spent
        """Unlocking is no longer possible."""


def wrong_codes(uow: UnitOfWork, venue: Venue, now: datetime) -> WrongCodes:
    """How many today, over all kiosks of the venue, and what that means."""
    today = _midnight(venue, now)
    count = uow.attempts.count(TYPED_CODE, venue.id, today)
    return _what_they_mean(uow.settings, count, uow.kiosks.at_venue(venue.id), today)


def wrong_codes_at(
    uow: UnitOfWork, venues: Collection[Venue], kiosks: Mapping[str, Sequence[Kiosk]], now: datetime
) -> dict[str, WrongCodes]:
    """As `wrong_codes`, by venue, with the `kiosks` of each. One read."""
    begun = {venue.id: _midnight(venue, now) for venue in venues}
    tried = uow.attempts.times_by_key(TYPED_CODE, min(begun.values(), default=now))
    counts = {v: sum(at >= today for at in tried.get(v, ())) for v, today in begun.items()}
    return {
        v: _what_they_mean(uow.settings, counts[v], kiosks.get(v, ()), today)
        for v, today in begun.items()
    }


def _midnight(venue: Venue, now: datetime) -> datetime:
    """With which the venue's present day began."""
    zone = hours.zone_of(venue.time_zone)
    return hours.day_span(hours.local_day(now, zone), zone)[0]


def _what_they_mean(
    settings: Settings, count: int, kiosks: Iterable[Kiosk], today: datetime
) -> WrongCodes:
    unlocked = any(k.codes_unlocked_at is not None and k.codes_unlocked_at >= today for k in kiosks)
    locked = is_locked(
        count,
        before_lock=settings.wrong_codes_before_lock,
        per_day=settings.wrong_codes_per_day,
        unlocked=unlocked,
    )
    return WrongCodes(count, locked=locked, spent=count >= settings.wrong_codes_per_day)
