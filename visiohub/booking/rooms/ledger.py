"""An account's ledger: lines are added in the transaction that makes them due."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from visiohub.booking.secrets import new_id
from visiohub.domain.booking import BookedRoom, Charged, Membership
from visiohub.domain.tariff.grid import PassOffer, Unit
from visiohub.domain.tariff.money import ZERO, Amount, totals
from visiohub.domain.tariff.standing import PassHeld
from visiohub.storage.uow import UnitOfWork

_PASSES = {Unit.HALF_DAY: "demi-journées", Unit.DAY: "journées"}
"""In French, as statements are."""
_PRINTED = "Impression, "


def pass_label(offer: PassOffer) -> str:
    """What a statement calls a pass that was sold."""
    return f"Carnet de {offer.count} {_PASSES[offer.unit]}"


def pages_label(pages: int) -> str:
    """What a statement calls printed pages."""
    return f"{_PRINTED}{pages} p."


def held_label(held: PassHeld) -> str:
    """What the audit calls a pass that somebody has."""
    return f"{held.left} {_PASSES[held.unit]} jusqu’au {held.valid_until:%d/%m/%Y}"


def total_of(amounts: tuple[Amount, ...]) -> Amount:
    """One amount of lines at one rate of VAT, as a quote has them."""
    summed = totals(amounts)
    return Amount(summed.before_tax, amounts[0].vat_percent, summed.vat, summed.total)


def charge(
    uow: UnitOfWork,
    membership: Membership,
    amount: Amount,
    *,
    on: date,
    label: str,
    room: BookedRoom | None = None,
    venue_id: str | None = None,
) -> None:
    """One line for who pays for the account today, unless it is of nothing; of a room, of a venue,
    or of the territory."""
    _enter(
        uow,
        membership,
        membership.organisation_id,
        amount,
        on=on,
        label=label,
        venue_id=room.venue_id if room else venue_id,
        room=room,
    )


def give_back(
    uow: UnitOfWork,
    membership: Membership,
    amount: Amount,
    *,
    on: date,
    label: str,
    room: BookedRoom,
) -> None:
    """A line of a negative amount for who was charged for this room: somebody else may pay for the
    account today."""
    payer = _charged_for(uow, membership, room)
    _enter(uow, membership, payer, amount, on=on, label=label, venue_id=room.venue_id, room=room)


def _charged_for(uow: UnitOfWork, membership: Membership, room: BookedRoom) -> str | None:
    """The organisation, None: the account itself; the one whose lines of this room come to most,
    as a move has given back what was charged before it."""
    owes: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in uow.charges.list(booked_room_id=room.id):
        if not line.label.startswith(_PRINTED):  # pages stay charged
            owes[line.organisation_id] += line.amount.total
    return max(owes, key=owes.__getitem__, default=membership.organisation_id)


def _enter(
    uow: UnitOfWork,
    membership: Membership,
    organisation_id: str | None,
    amount: Amount,
    *,
    on: date,
    label: str,
    venue_id: str | None,
    room: BookedRoom | None,
) -> None:
    if amount.total == ZERO:
        return
    uow.charges.add(
        Charged(
            id=new_id(),
            membership_id=membership.id,
            organisation_id=organisation_id,
            on=on,
            venue_id=venue_id,
            label=label,
            amount=amount,
            booked_room_id=room.id if room else None,
        )
    )
