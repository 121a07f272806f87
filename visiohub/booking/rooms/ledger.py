"""An account's ledger: lines are added in the transaction that makes them due."""

from __future__ import annotations

from datetime import date

from visiohub.booking.secrets import new_id
from visiohub.domain.booking import BookedRoom, Charged, Membership
from visiohub.domain.tariff.grid import PassOffer, Unit
from visiohub.domain.tariff.money import ZERO, Amount, totals
from visiohub.domain.tariff.standing import PassHeld
from visiohub.storage.uow import UnitOfWork

_PASSES = {Unit.HALF_DAY: "demi-journées", Unit.DAY: "journées"}
"""In French, as statements are."""


def pass_label(offer: PassOffer) -> str:
    """What a statement calls a pass that was sold."""
    return f"Carnet de {offer.count} {_PASSES[offer.unit]}"


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
    """One line, unless it is of nothing; of a room, of a venue, or of the territory. Negative
    amounts are given back."""
    if amount.total == ZERO:
        return
    uow.charges.add(
        Charged(
            id=new_id(),
            membership_id=membership.id,
            organisation_id=membership.organisation_id,
            on=on,
            venue_id=room.venue_id if room else venue_id,
            label=label,
            amount=amount,
            booked_room_id=room.id if room else None,
        )
    )
