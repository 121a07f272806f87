"""The waiting list: join, leave, take or decline an offer (waiting_offers.py makes them)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated

from pydantic import AwareDatetime, Field

from visiohub.booking import appointments
from visiohub.booking.appointments import Paper
from visiohub.booking.audit import note
from visiohub.booking.forms import Email, Form, Id, Initials, Phone
from visiohub.booking.online import count_booking, link_of, offer
from visiohub.booking.search import AHEAD
from visiohub.booking.secrets import token_hash
from visiohub.booking.views import Booked
from visiohub.domain.model import Appointment, AppointmentState, Need, Person
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.domain.waiting_list import SOONEST, Offer, WaitingEntry, WaitState
from visiohub.errors import N_, FieldError, InvalidForm, WaitingLinkDead, WrongState
from visiohub.storage.outbox import outbox
from visiohub.storage.uow import UnitOfWork

MOST_VENUES = 20


class WaitingForm(Form):
    """What the public page sends."""

    service_id: Id
    venue_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_VENUES)]
    not_after: AwareDatetime
    initials: Initials = ""
    phone: Phone = ""
    email: Email = ""
    needs: frozenset[Need] = frozenset()


def join(
    uow: UnitOfWork, form: WaitingForm, key: str, address: str, language: str, now: datetime
) -> WaitingEntry:
    """Wait for a slot from now on; `key` as of online.book_online.

    Raises TooManyAttempts, and as `enter`.
    """
    count_booking(uow, address, now)
    return enter(uow, form, key, language, None, now)


def enter(
    uow: UnitOfWork, form: WaitingForm, key: str, language: str, by: Person | None, now: datetime
) -> WaitingEntry:
    """The same, without a limit; `by` None: the citizen alone. Raises NotOffered (one of the venues
    has not this service), InvalidForm (nothing can be offered up to that day)."""
    entry_id = hashlib.sha256(f"waiting {key}".encode()).hexdigest()[:16]
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
    """It becomes an appointment, which the same key opens. Raises WaitingLinkDead, WrongState."""
    paper = replace(appointments.new_paper(uow), token=key)
    entry = own(uow, entry_id, key)
    if entry.state is WaitState.TAKEN and entry.appointment_id:  # the form came twice
        return appointments.hand_out(uow.appointments.get(entry.appointment_id), paper)
    return take(uow, entry, paper, None, now)


def take(
    uow: UnitOfWork, entry: WaitingEntry, paper: Paper, by: Person | None, now: datetime
) -> Booked:
    """The offer becomes an appointment that this paper opens. Raises WrongState."""
    step(entry.passed, now)
    before, offer = facts(entry), entry.offer
    if offer is None:
        raise WrongState(f"is {entry.state}")
    uow.occupancies.move([], owner(entry))
    appointment = Appointment(
        id=hashlib.sha256(f"appointment {paper.token}".encode()).hexdigest()[:16],
        service_id=entry.service_id,
        kiosk_id=offer.kiosk_id,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        state=AppointmentState.BOOKED,
        created_at=now,
        created_by=by.id if by else None,
        initials=entry.initials,
        phone=entry.phone,
        email=entry.email,
        needs=entry.needs,
        language=entry.language,
        agent_id=offer.agent_id,
        seat_id=offer.seat_id,
    )
    booked = appointments.enter(uow, appointment, paper, by, now, link_of(uow, paper, appointment))
    entry.accepted(appointment.id)
    note(uow, by, now, "waiting.take", entry.id, before, facts(entry))
    return booked


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
            let_go(uow, entry, partial(entry.passed, now), "waiting.pass", None, now)
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
