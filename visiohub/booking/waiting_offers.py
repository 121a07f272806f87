"""What the waiting list can be offered, and the offer itself: held, noted, told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from visiohub.booking import announce_waiting, online
from visiohub.booking.audit import note
from visiohub.booking.search import FreeSlot, first_free, holders_at
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token, token_hash
from visiohub.booking.waiting import can_tell, facts, owner, step
from visiohub.domain.model import Person
from visiohub.domain.occupancy import Resource, ResourceKind, of_slot
from visiohub.domain.waiting_list import SOONEST, Offer, WaitingEntry, WaitState, offer_until
from visiohub.errors import N_, AgentBusy, CounterFull, RoomTaken, SlotTaken, VisiohubError
from visiohub.storage.uow import UnitOfWork

EACH = 4
"""Slots looked at of each venue beside those that were refused or go to somebody else: who could
receive in the first may be gone."""


class TooSoonToOffer(VisiohubError):  # noqa: N818 - named for what happened, as in visiohub.errors
    """Nobody could answer and get there."""

    code = "too_soon_to_offer"
    status = 422
    says = N_("Cette heure est trop proche pour attendre une réponse. Choisissez-en une autre.")


@dataclass(frozen=True)
class Due:
    """What can be offered to an entry: a start at a venue."""

    entry_id: str
    venue_id: str
    starts_at: datetime


def offers_due(uow: UnitOfWork, now: datetime) -> list[Due]:
    """What can be offered now, first come first served. Only reads.

    Two entries may be found for one slot: the second is refused when it is made, and asked again.
    """
    found: list[Due] = []
    promised: set[tuple[str, datetime]] = set()
    for entry in uow.waiting_list.open():
        service = uow.services.find(entry.service_id)
        if entry.state is not WaitState.WAITING or service is None or not service.active:
            continue
        venues = uow.venues.by_ids(entry.venue_ids)
        near = [Near(venues[i]) for i in entry.venue_ids if i in venues and venues[i].active]
        each = EACH + len(entry.refused) + len(promised)
        seen = first_free(uow, service, near, now + SOONEST, entry.not_after, now, each)
        slots = sorted((s.starts_at, n, s, v.near) for n, v in enumerate(seen) for s in v.slots)
        for starts_at, _, slot, at in slots:
            if starts_at in entry.refused or (slot.kiosk_id, starts_at) in promised:
                continue
            if holders_at(uow, service, at, slot, now):
                promised.add((slot.kiosk_id, starts_at))
                found.append(Due(entry.id, at.venue.id, starts_at))
                break
    return found


def make_offer(uow: UnitOfWork, due: Due, now: datetime, by: Person | None = None) -> WaitingEntry:
    """Hold the slot for this entry from now on, buffers included, and tell of it. What is free, and
    who receives, is asked here anew: staff may have booked since it was found.

    Raises TooSoonToOffer, InThePast, NotOffered, SlotTaken, WrongState, NotFound.
    """
    entry = uow.waiting_list.get(due.entry_id)
    service, near = online.offer(uow, entry.service_id, due.venue_id)
    slot, holder = online.free_at(uow, service, near, due.starts_at, now)
    told = by is not None or can_tell(uow, entry)
    until = offer_until(now, slot.starts_at, told=told)
    if until is None:
        raise TooSoonToOffer(f"{slot.starts_at} is near")
    offer = _offer(slot, holder, until)
    before = facts(entry)
    step(entry.offered, offer)
    room_id = uow.kiosks.get(offer.kiosk_id).room_id
    whose = owner(entry)
    held = of_slot(offer, room_id, uow.rooms.limits(room_id), service, whose)
    try:
        uow.occupancies.move(held, whose)
    except (AgentBusy, CounterFull, RoomTaken) as error:
        raise SlotTaken(str(error)) from error
    note(uow, by, now, "waiting.offer", entry.id, before, facts(entry))
    token = new_token()
    entry.offer_token_hash = token_hash(token)
    announce_waiting.of_offer(uow, entry, offer, token, now)
    return entry


def _offer(slot: FreeSlot, holder: Resource, until: datetime) -> Offer:
    is_agent = holder.kind is ResourceKind.AGENT
    agent_id, seat_id = (holder.id, None) if is_agent else (None, holder.id)
    return Offer(slot.kiosk_id, slot.starts_at, slot.ends_at, agent_id, seat_id, until)
