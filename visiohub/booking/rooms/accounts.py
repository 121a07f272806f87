"""Organisations that pay, memberships of professionals, passes sold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from visiohub.booking.audit import note
from visiohub.booking.forms import Form, Id, Phone, RequiredEmail, Short
from visiohub.booking.rooms.facts import plain
from visiohub.booking.rooms.ledger import charge, held_label, pass_label
from visiohub.booking.rooms.prices import TERRITORY
from visiohub.booking.rooms.scope import check_runs_territory, check_version
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.booking import Membership, Organisation, PriceList
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.model import Person
from visiohub.domain.tariff.grid import PassOffer
from visiohub.domain.tariff.money import Amount
from visiohub.domain.tariff.standing import PassHeld
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.storage.uow import UnitOfWork

_GONE = N_("Ce choix n’existe plus. Choisissez dans la liste.")


class OrganisationForm(Form):
    """An organisation."""

    name: Short
    address: tuple[Short, ...] = ()
    contact: Short
    email: RequiredEmail
    phone: Phone = ""
    account_number: Annotated[str, Field(max_length=40)] = ""


class MembershipForm(Form):
    """Somebody's account; `profile` is a row of the grid."""

    person_id: Id
    profile: Short
    books_as: Profile = Profile.PROFESSIONAL
    organisation_id: Id | None = None
    active: bool = True


def create_organisation(
    uow: UnitOfWork, form: OrganisationForm, by: Person, now: datetime
) -> Organisation:
    """Make one. Raises NotAllowed."""
    check_runs_territory(by)
    made = Organisation(id=new_id(), **form.model_dump())
    uow.organisations.add(made)
    note(uow, by, now, "organisation.create", made.id, {}, plain(made))
    uow.flush()
    return made


def update_organisation(
    uow: UnitOfWork,
    organisation_id: str,
    form: OrganisationForm,
    version: int,
    by: Person,
    now: datetime,
) -> Organisation:
    """Edit one. Raises NotAllowed, NotFound, EditedMeanwhile."""
    check_runs_territory(by)
    kept = uow.organisations.get(organisation_id)
    _edit(uow, kept, form, version, by, now)
    return kept


def create_membership(
    uow: UnitOfWork, form: MembershipForm, by: Person, now: datetime
) -> Membership:
    """Make one. Raises NotAllowed, InvalidForm."""
    check_runs_territory(by)
    _check_references(uow, form)
    made = Membership(id=new_id(), **form.model_dump())
    uow.memberships.add(made)
    note(uow, by, now, "membership.create", made.id, {}, plain(made, leave=("standing",)))
    uow.flush()
    return made


def update_membership(
    uow: UnitOfWork,
    membership_id: str,
    form: MembershipForm,
    version: int,
    by: Person,
    now: datetime,
) -> Membership:
    """Edit one; what is held and used stays. Raises as create, NotFound, EditedMeanwhile."""
    check_runs_territory(by)
    kept = uow.memberships.get(membership_id)
    _check_references(uow, form)
    _edit(uow, kept, form, version, by, now)
    return kept


@dataclass(frozen=True)
class PassOnSale:
    """A pass of the territory's price list, or of a venue's own, which opens its rooms alone."""

    prices: PriceList
    offer: PassOffer


def passes_on_sale(uow: UnitOfWork, membership: Membership) -> list[PassOnSale]:
    """Those that this account may buy, the territory's first."""
    return [
        PassOnSale(prices, offer)
        for prices in sorted(uow.price_lists.list(), key=lambda p: (p.venue_id or "", p.id))
        for offer in prices.grid.passes
        if not offer.profiles or membership.profile in offer.profiles
    ]


def sell_pass(
    uow: UnitOfWork,
    membership_id: str,
    offer_id: str,
    by: Person,
    now: datetime,
    list_id: str = TERRITORY,
) -> PassHeld:
    """A pass of a price list, charged to the account today. That of a venue opens the rooms that
    the venue has today.

    Raises NotAllowed, NotFound, InvalidForm (not on sale, or not to this profile).
    """
    check_runs_territory(by)
    membership = uow.memberships.get(membership_id)
    sold = {(p.prices.id, p.offer.id): p for p in passes_on_sale(uow, membership)}
    if (list_id, offer_id) not in sold:
        raise InvalidForm([FieldError("offer_id", "unknown_reference", _GONE)])
    chosen = sold[list_id, offer_id]
    grid, venue_id = chosen.prices.grid, chosen.prices.venue_id
    offer = replace(chosen.offer, rooms=_rooms_opened(uow, chosen))
    today = hours.local_day(now, hours.zone_of(uow.settings.time_zone))
    held = PassHeld.bought(offer, new_id(), today)
    had = membership.standing.passes
    membership.standing = replace(membership.standing, passes=(*had, held))
    amount = Amount.priced(offer.price, grid.vat_percent, includes_vat=grid.prices_include_vat)
    charge(uow, membership, amount, on=today, label=pass_label(offer), venue_id=venue_id)
    before: dict[str, object] = {"passes": [held_label(one) for one in had]}
    after: dict[str, object] = {
        "passes": [held_label(one) for one in membership.standing.passes],
        "pass": held.id,
        "offer": offer.id,
        "total": str(amount.total),
    }
    note(uow, by, now, "membership.sell_pass", membership.id, before, after)
    uow.flush()
    return held


def _rooms_opened(uow: UnitOfWork, sold: PassOnSale) -> frozenset[str]:
    """Rooms or classes; a venue's by their ids, as classes of one name may be elsewhere too. Raises
    InvalidForm when the venue has none."""
    venue_id, wanted = sold.prices.venue_id, sold.offer.rooms
    if venue_id is None:
        return wanted
    ids = [room.id for room in uow.rooms.list(venue_id=venue_id, active=True)]
    kept = uow.place_rules.by_ids(ids)
    classes = {i: kept[i].room_class if i in kept else "" for i in ids}
    opened = frozenset(i for i in ids if not wanted or not wanted.isdisjoint({i, classes[i]}))
    if not opened:
        raise InvalidForm([FieldError("offer_id", "unknown_reference", _GONE)])
    return opened


def _edit(
    uow: UnitOfWork,
    kept: Organisation | Membership,
    form: OrganisationForm | MembershipForm,
    version: int,
    by: Person,
    now: datetime,
) -> None:
    check_version(kept, version)
    before = plain(kept, leave=("standing", "version"))
    for name, value in form.model_dump().items():
        setattr(kept, name, value)
    kept.version += 1
    action = f"{type(kept).__name__.lower()}.update"
    note(uow, by, now, action, kept.id, before, plain(kept, leave=("standing", "version")))
    uow.flush()


def _check_references(uow: UnitOfWork, form: MembershipForm) -> None:
    person = uow.persons.find(form.person_id)
    wrong = [] if person is not None and person.active else ["person_id"]
    if form.organisation_id is not None:
        payer = uow.organisations.find(form.organisation_id)
        wrong += [] if payer is not None and payer.active else ["organisation_id"]
    if wrong:
        raise InvalidForm([FieldError(name, "unknown_reference", _GONE) for name in wrong])
