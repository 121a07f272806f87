"""Who is told of an offer of the waiting list: the citizen, or reception, who then calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from visiohub.booking.announce import desks_of, mail, way_to
from visiohub.booking.directory import Directory
from visiohub.domain.waiting_list import Offer, WaitingEntry
from visiohub.notify.notice import Change, Notice, Reader, Time, to_content
from visiohub.storage.uow import UnitOfWork


def of_offer(uow: UnitOfWork, entry: WaitingEntry, offer: Offer, token: str, now: datetime) -> None:
    """By mail or SMS with the link that takes it; where neither can be, reception of the venue is
    told, and sees it on its day. `token` opens the entry (waiting.own)."""
    _, room, venue = Directory(uow).whereabouts(offer.kiosk_id)
    partner = uow.partners.get(uow.services.get(entry.service_id).partner_id)
    origin = uow.settings.public_origins[0]
    place = (venue.name, venue.street, f"{venue.postcode} {venue.town}", room.name)
    notice = Notice(
        change=Change.OFFERED,
        reader=Reader.CITIZEN,
        language=entry.language or "fr",
        time_zone=venue.time_zone,
        changed_at=now,
        times=(Time(f"offer-{entry.id}@visiohub", 0, offer.starts_at, offer.ends_at),),
        place=tuple(line for line in place if line.strip()),
        partner=partner.name,
        phone=venue.phone or uow.settings.fallback_phone,
        link=f"{origin}/wait/{entry.id}?key={token}",
        until=offer.until,
    )
    uow.changed(f"reception:{venue.id}")
    if way := way_to(uow, entry.email, entry.phone):
        channel, recipient = way
        uow.outbox.put(channel, recipient, to_content(notice), now, subject_id=entry.id)
        return
    link = f"{origin}/waiting/{entry.id}"
    for person in desks_of(uow, venue.id):
        language = person.language or "fr"
        told = replace(notice, reader=Reader.DESK, language=language, phone="", link=link)
        mail(uow, person.id, person.email, told, now)
