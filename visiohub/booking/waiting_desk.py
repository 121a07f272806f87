"""The waiting list as staff see and serve it: reception those of its venues, agents those of their
partner's services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.booking import appointments, waiting, waiting_offers
from visiohub.booking.announce import way_to
from visiohub.booking.search import VenueSlots, first_free
from visiohub.booking.search_places import Near
from visiohub.booking.views import Booked
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import Partner, Person, Role, Service, Venue
from visiohub.domain.waiting_list import SOONEST, WaitingEntry, WaitState
from visiohub.errors import EditedMeanwhile, NotFound
from visiohub.storage.uow import UnitOfWork

EACH = 6
"""Free slots shown of each venue."""


@dataclass(frozen=True)
class WaitingRow:
    """Somebody who waits, with everything that is shown beside."""

    entry: WaitingEntry
    service: Service
    partner: Partner
    venues: tuple[Venue, ...]
    """In order of preference."""
    at: Venue | None
    """Where a slot is offered now."""
    to_be_called: bool
    """The hub cannot write to them."""


def rows(uow: UnitOfWork, by: Person) -> list[WaitingRow]:
    """All who wait, the first asked first."""
    return _rows(uow, [e for e in uow.waiting_list.open() if _concerns(uow, by, e)])


def to_call(uow: UnitOfWork, venue_id: str) -> list[WaitingRow]:
    """Whom reception of a venue has to call: a slot is held there, and the hub cannot write."""
    offered = [e for e in uow.waiting_list.open() if e.offer is not None]
    found = _rows(uow, offered)
    return [r for r in found if r.to_be_called and r.at is not None and r.at.id == venue_id]


def show(uow: UnitOfWork, entry_id: str, by: Person) -> WaitingRow:
    """One of them. Raises NotFound, also for what is not this person's."""
    return _rows(uow, [_own(uow, entry_id, by)])[0]


def join(
    uow: UnitOfWork, form: WaitingForm, key: str, language: str, by: Person, now: datetime
) -> WaitingEntry:
    """Somebody who asked at the desk or on the telephone; `key` opens their own page. Raises
    NotOffered, NotFound (neither this person's venues nor service)."""
    entry = waiting.enter(uow, form, key, language, by, now)
    return _own(uow, entry.id, by)


def free_slots(uow: UnitOfWork, row: WaitingRow, now: datetime) -> Sequence[VenueSlots]:
    """What could be offered by hand; nothing for who does not wait for an offer."""
    entry = row.entry
    if entry.state is not WaitState.WAITING or not row.service.active:
        return ()
    near = [Near(venue) for venue in row.venues if venue.active]
    found = first_free(uow, row.service, near, now + SOONEST, entry.not_after, now, EACH)
    return [v for v in found if v.slots]


def offer(
    uow: UnitOfWork,
    entry_id: str,
    venue_id: str,
    starts_at: datetime,
    version: int,
    by: Person,
    now: datetime,
) -> WaitingEntry:
    """Hold this slot for them, before all others; they are told as of any offer.

    Raises NotFound, EditedMeanwhile, and as waiting_offers.make_offer.
    """
    entry = _read(uow, entry_id, version, by)
    if venue_id not in entry.venue_ids:
        raise NotFound(f"{venue_id} is not wanted by {entry_id}", about=venue_id)
    due = waiting_offers.Due(entry.id, venue_id, starts_at)
    return waiting_offers.make_offer(uow, due, now, by)


def accept(uow: UnitOfWork, entry_id: str, version: int, by: Person, now: datetime) -> Booked:
    """They said yes on the telephone. Raises NotFound, EditedMeanwhile, and as waiting.take."""
    paper = appointments.new_paper(uow)
    entry = _read(uow, entry_id, version, by)
    waiting.tell(uow, entry.offer)
    return waiting.take(uow, entry, paper, by, now)


def decline(uow: UnitOfWork, entry_id: str, version: int, by: Person, now: datetime) -> None:
    """They said another one, please. Raises NotFound, EditedMeanwhile, WrongState."""
    entry = _read(uow, entry_id, version, by)
    waiting.let_go(uow, entry, entry.declined, "waiting.decline", by, now)


def remove(uow: UnitOfWork, entry_id: str, version: int, by: Person, now: datetime) -> None:
    """They wait no longer. Raises NotFound, EditedMeanwhile, WrongState."""
    waiting.left(uow, _read(uow, entry_id, version, by), by, now)


def _read(uow: UnitOfWork, entry_id: str, version: int, by: Person) -> WaitingEntry:
    entry = _own(uow, entry_id, by)
    if entry.version != version:
        raise EditedMeanwhile(f"version {version} was read, {entry.version} is kept")
    return entry


def _own(uow: UnitOfWork, entry_id: str, by: Person) -> WaitingEntry:
    entry = uow.waiting_list.get(entry_id)
    if not _concerns(uow, by, entry):
        raise NotFound(f"{entry_id} is not {by.id}'s", about=entry_id)
    return entry


def _concerns(uow: UnitOfWork, by: Person, entry: WaitingEntry) -> bool:
    if Role.RECEPTION in by.roles and not set(by.venue_ids).isdisjoint(entry.venue_ids):
        return True
    return Role.AGENT in by.roles and uow.services.get(entry.service_id).partner_id == by.partner_id


def _rows(uow: UnitOfWork, entries: Iterable[WaitingEntry]) -> list[WaitingRow]:
    listed = list(entries)
    services = uow.services.by_ids([e.service_id for e in listed])
    partners = uow.partners.by_ids([s.partner_id for s in services.values()])
    venues = uow.venues.by_ids([i for e in listed for i in e.venue_ids])
    return [
        WaitingRow(
            entry=e,
            service=services[e.service_id],
            partner=partners[services[e.service_id].partner_id],
            venues=tuple(venues[i] for i in e.venue_ids if i in venues),
            at=_where(uow, e),
            to_be_called=way_to(uow, e.email, e.phone) is None,
        )
        for e in listed
    ]


def _where(uow: UnitOfWork, entry: WaitingEntry) -> Venue | None:
    if entry.offer is None:
        return None
    return uow.venues.get(uow.rooms.get(uow.kiosks.get(entry.offer.kiosk_id).room_id).venue_id)
