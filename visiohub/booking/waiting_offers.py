"""What the waiting list can be offered, and the offer itself: held, noted, told."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking import announce_waiting
from visiohub.booking.audit import note
from visiohub.booking.search import FreeSlot, first_free, holders_at
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token, token_hash
from visiohub.booking.waiting import owner, step
from visiohub.domain.model import Person
from visiohub.domain.occupancy import Resource, ResourceKind, of_slot
from visiohub.domain.waiting_list import Offer, WaitingEntry, WaitState, offer_until
from visiohub.errors import AgentBusy, CounterFull, RoomTaken, SlotTaken
from visiohub.storage.uow import UnitOfWork

EACH = 4
"""Slots looked at of each venue: the first may have been refused."""


def offers_due(uow: UnitOfWork, now: datetime) -> list[tuple[str, Offer]]:
    """What can be offered now, by id of the entry, first come first served. Only reads.

    Two entries may be found for one slot: the second is refused by the database and asked again.
    """
    found = []
    promised: set[tuple[str, datetime]] = set()
    for entry in uow.waiting_list.open():
        service = uow.services.find(entry.service_id)
        if entry.state is not WaitState.WAITING or service is None or not service.active:
            continue
        venues = uow.venues.by_ids(entry.venue_ids)
        near = [Near(venues[i]) for i in entry.venue_ids if i in venues and venues[i].active]
        seen = first_free(uow, service, near, now, entry.not_after, now, EACH)
        slots = sorted((s.starts_at, n, s, v.near) for n, v in enumerate(seen) for s in v.slots)
        for starts_at, _, slot, at in slots:
            until = offer_until(now, starts_at)
            if until is None or starts_at in entry.refused:
                continue
            if (slot.kiosk_id, starts_at) in promised:
                continue
            holders = holders_at(uow, service, at, slot, now)
            if holders:
                promised.add((slot.kiosk_id, starts_at))
                found.append((entry.id, offer_of(slot, holders[0], until)))
                break
    return found


def make_offer(
    uow: UnitOfWork, entry_id: str, offer: Offer, now: datetime, by: Person | None = None
) -> WaitingEntry:
    """Hold the slot for this entry, with the service's buffers, and tell of it. Raises SlotTaken,
    WrongState, NotFound."""
    entry = uow.waiting_list.get(entry_id)
    step(entry.offered, offer)
    room_id = uow.kiosks.get(offer.kiosk_id).room_id
    whose = owner(entry)
    held = of_slot(offer, room_id, uow.services.get(entry.service_id), whose)
    try:
        uow.occupancies.move(held, whose)
    except (AgentBusy, CounterFull, RoomTaken) as error:
        raise SlotTaken(str(error)) from error
    said: dict[str, object] = {"starts_at": offer.starts_at.isoformat()}
    note(uow, by, now, "waiting.offer", entry.id, {}, said)
    token = new_token()
    entry.offer_token_hash = token_hash(token)
    announce_waiting.of_offer(uow, entry, offer, token, now)
    return entry


def offer_of(slot: FreeSlot, holder: Resource, until: datetime) -> Offer:
    """A free slot with who receives then."""
    is_agent = holder.kind is ResourceKind.AGENT
    agent_id, seat_id = (holder.id, None) if is_agent else (None, holder.id)
    return Offer(slot.kiosk_id, slot.starts_at, slot.ends_at, agent_id, seat_id, until)
