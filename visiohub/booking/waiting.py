"""The waiting list: join, leave, take or decline an offer (waiting_offers.py makes them)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated

from pydantic import AwareDatetime, Field

from visiohub.booking import appointments
from visiohub.booking.announce import way_to
from visiohub.booking.appointments import Paper
from visiohub.booking.audit import note
from visiohub.booking.directory import Directory
from visiohub.booking.forms import CitizenPhone, Email, Form, Id, Initials
from visiohub.booking.lines.fit import Wish, require_line
from visiohub.booking.online import count_booking, free_at, link_of, offer
from visiohub.booking.personal.subjects import with_contact
from visiohub.booking.search import AHEAD, FreeSlot, VenueSlots, first_free, limits_of
from visiohub.booking.secrets import token_hash
from visiohub.booking.views import Booked
from visiohub.domain.model import Appointment, AppointmentState, Need, Person
from visiohub.domain.occupancy import Owner, OwnerKind, Resource, ResourceKind
from visiohub.domain.waiting_list import OPEN, SOONEST, Offer, WaitingEntry, WaitState
from visiohub.errors import (
    N_,
    AlreadyWaiting,
    FieldError,
    InvalidForm,
    LineFull,
    NotOffered,
    OfferGone,
    SlotTaken,
    WaitingLinkDead,
    WrongState,
)
from visiohub.storage.outbox import outbox
from visiohub.storage.uow import UnitOfWork

MOST_VENUES = 20
INSTEAD = 4
"""Free slots shown of each venue to who need not wait."""


class WaitingForm(Form):
    """What the public page sends."""

    service_id: Id
    venue_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_VENUES)]
    not_after: AwareDatetime
    initials: Initials = ""
    phone: CitizenPhone = ""
    email: Email = ""
    needs: frozenset[Need] = frozenset()


def join(
    uow: UnitOfWork, form: WaitingForm, key: str, address: str, language: str, now: datetime
) -> WaitingEntry:
    """Wait for a slot from now on; `key` as of online.book_online.

    Raises TooManyAttempts, AlreadyWaiting (staff may enter several people of one telephone), and as
    `enter`.
    """
    count_booking(uow, address, now)
    for other in with_contact(uow, form.email, form.phone):
        alike = other.service_id == form.service_id and set(form.venue_ids) & set(other.venue_ids)
        if alike and other.state in OPEN and other.id != _id_of(key):
            uow.commit()  # the try counts although this is refused: it tells who waits
            raise AlreadyWaiting(f"{other.id} has this contact")
    return enter(uow, form, key, language, None, now)


def enter(
    uow: UnitOfWork, form: WaitingForm, key: str, language: str, by: Person | None, now: datetime
) -> WaitingEntry:
    """The same, without a limit; `by` None: the citizen alone. Raises NotOffered (one of the venues
    has not this service), InvalidForm (nothing can be offered up to that day)."""
    entry_id = _id_of(key)
    made = uow.waiting_list.find(entry_id)
    if made is not None:
        return made
    for venue_id in form.venue_ids:
        offer(uow, form.service_id, venue_id)
    if form.not_after < now + SOONEST:
        says = N_("Rien ne peut plus être proposé jusque-là. Choisissez un jour plus tard.")
        raise InvalidForm([FieldError("not_after", "too_soon_to_offer", says)])
    entry = WaitingEntry(
        id=entry_id,
        service_id=form.service_id,
        venue_ids=form.venue_ids,
        not_before=now,
        not_after=min(form.not_after, now + AHEAD),
        asked_at=now,
        token_hash=token_hash(key),
        language=language,
        initials=form.initials,
        phone=form.phone,
        email=form.email,
        needs=form.needs,
    )
    uow.waiting_list.add(entry)
    uow.flush()
    note(uow, by, now, "waiting.join", entry.id, {}, {"service_id": form.service_id})
    return entry


def free_instead(
    uow: UnitOfWork, form: WaitingForm, key: str, now: datetime
) -> Sequence[VenueSlots]:
    """What can be booked at once at these venues up to that day, in order of preference: who may
    have one of these need not wait. Nothing that is sooner than what the list offers, and nothing
    for who waits already. Raises NotOffered."""
    if uow.waiting_list.find(_id_of(key)) is not None:
        return ()
    offers = [offer(uow, form.service_id, venue_id) for venue_id in form.venue_ids]
    near = [near for _, near in offers]
    start, end = now + SOONEST, min(form.not_after, now + AHEAD)
    return [v for v in first_free(uow, offers[0][0], near, start, end, now, INSTEAD) if v.slots]


def _id_of(key: str) -> str:
    return hashlib.sha256(f"waiting {key}".encode()).hexdigest()[:16]


def own(uow: UnitOfWork, entry_id: str, key: str) -> WaitingEntry:
    """The entry that a link opens, the citizen's own or that of the last offer. Raises
    WaitingLinkDead."""
    entry = uow.waiting_list.find(entry_id)
    if entry is None or not key:
        raise WaitingLinkDead
    if token_hash(key) not in {entry.token_hash, entry.offer_token_hash}:
        raise WaitingLinkDead
    return entry


def accept(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> Booked:
    """It becomes an appointment, which the same key opens. Raises WaitingLinkDead, and as take."""
    paper = replace(appointments.new_paper(uow), token=key)
    entry = own(uow, entry_id, key)
    if entry.state is WaitState.TAKEN and entry.appointment_id:  # the form came twice
        return appointments.hand_out(uow.appointments.get(entry.appointment_id), paper)
    return take(uow, entry, paper, None, now)


def take(
    uow: UnitOfWork, entry: WaitingEntry, paper: Paper, by: Person | None, now: datetime
) -> Booked:
    """The offer becomes an appointment that this paper opens, at any kiosk of the venue and with
    whoever receives then. Raises WrongState; and OfferGone when it can no longer be had: nothing
    is held any more, and the entry waits again.
    """
    step(entry.passed, now)
    before, offered = facts(entry), entry.offer
    if offered is None:
        raise WrongState(f"is {entry.state}")
    uow.occupancies.move([], owner(entry))
    appointment_id = hashlib.sha256(f"appointment {paper.token}".encode()).hexdigest()[:16]
    try:
        slot, holder = _still_free(uow, entry, offered, appointment_id, now)
    except (LineFull, NotOffered, SlotTaken) as error:
        let_go(uow, entry, entry.withdrawn, "waiting.withdraw", by, now)
        uow.commit()  # it waits again although this is refused
        raise OfferGone(str(error)) from error
    is_agent = holder.kind is ResourceKind.AGENT
    appointment = Appointment(
        id=appointment_id,
        service_id=entry.service_id,
        kiosk_id=slot.kiosk_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=AppointmentState.BOOKED,
        created_at=now,
        created_by=by.id if by else None,
        initials=entry.initials,
        phone=entry.phone,
        email=entry.email,
        needs=entry.needs,
        language=entry.language,
        agent_id=holder.id if is_agent else None,
        seat_id=None if is_agent else holder.id,
    )
    booked = appointments.enter(uow, appointment, paper, by, now, link_of(uow, paper, appointment))
    entry.accepted(appointment.id)
    note(uow, by, now, "waiting.take", entry.id, before, facts(entry))
    return booked


def _still_free(
    uow: UnitOfWork, entry: WaitingEntry, offered: Offer, appointment_id: str, now: datetime
) -> tuple[FreeSlot, Resource]:
    """What was offered, asked anew: the venue may have closed since, the agent be away, the line be
    full. Raises NotOffered, SlotTaken, LineFull."""
    _, _, venue = Directory(uow).whereabouts(offered.kiosk_id)
    service, near = offer(uow, entry.service_id, venue.id)
    # the service's notice was kept when it was offered: time to answer does not take it away
    asked_at = min(now, offered.starts_at - limits_of(uow, service).notice)
    found = free_at(uow, service, near, offered.starts_at, asked_at)
    require_line(uow, venue.id, [Wish(appointment_id, found[0].starts_at, found[0].ends_at)], now)
    return found


def decline(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> WaitingEntry:
    """Another slot, please. Raises WaitingLinkDead, WrongState."""
    entry = own(uow, entry_id, key)
    let_go(uow, entry, entry.declined, "waiting.decline", None, now)
    return entry


def leave(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> WaitingEntry:
    """No longer wanted. Raises WaitingLinkDead, WrongState."""
    entry = own(uow, entry_id, key)
    left(uow, entry, None, now)
    return entry


def left(uow: UnitOfWork, entry: WaitingEntry, by: Person | None, now: datetime) -> None:
    """Who waits no longer is erased at once, and so is what was to be sent. Raises WrongState."""
    let_go(uow, entry, entry.left, "waiting.leave", by, now)
    entry.initials = entry.phone = entry.email = ""
    entry.needs = frozenset()
    uow.personal.delete(outbox, {"subject_id": entry.id})


def pass_time(uow: UnitOfWork, now: datetime) -> int:
    """Let go of offers that ran out and of entries whose last day passed; how many."""
    changed = 0
    for entry in uow.waiting_list.open():
        if entry.is_due(now):
            change = partial(entry.passed, now, told=can_tell(uow, entry))
            let_go(uow, entry, change, "waiting.pass", None, now)
            changed += 1
    return changed


def let_go(
    uow: UnitOfWork,
    entry: WaitingEntry,
    change: Callable[[], object],
    action: str,
    by: Person | None,
    now: datetime,
) -> None:
    """What was held for it is free again; `change` is what the entry becomes. Raises WrongState."""
    tell(uow, entry.offer)
    before = facts(entry)
    step(change)
    uow.occupancies.move([], owner(entry))
    note(uow, by, now, action, entry.id, before, facts(entry))


def facts(entry: WaitingEntry) -> dict[str, object]:
    """For the audit."""
    offered = {"starts_at": entry.offer.starts_at.isoformat()} if entry.offer else {}
    return {"state": str(entry.state), **offered}


def can_tell(uow: UnitOfWork, entry: WaitingEntry) -> bool:
    """Whether the hub can write to them, or reception call them."""
    return bool(entry.phone) or way_to(uow, entry.email, "") is not None


def tell(uow: UnitOfWork, offer: Offer | None) -> None:
    """The pages of the day of the venue where this is offered."""
    if offer is not None:
        room_id = uow.kiosks.get(offer.kiosk_id).room_id
        uow.changed(f"reception:{uow.rooms.get(room_id).venue_id}")


def step(change: Callable[..., object], *args: object) -> None:
    """Raises WrongState for what an entry cannot become."""
    try:
        change(*args)
    except ValueError as error:
        raise WrongState(str(error)) from error


def owner(entry: WaitingEntry) -> Owner:
    """Of what is held for it."""
    return Owner(OwnerKind.OFFER, entry.id)
