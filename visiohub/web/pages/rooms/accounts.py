"""Organisations that pay, accounts on which people book, passes sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.rooms import accounts
from visiohub.booking.rooms.accounts import MembershipForm, OrganisationForm
from visiohub.domain import hours
from visiohub.domain.booking import Membership, Organisation
from visiohub.domain.model import Person
from visiohub.domain.tariff.months import Month
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.lookups import Options
from visiohub.web.render import page, see_other
from visiohub.web.room_words import BOOKS_AS, pass_words

routes = web.RouteTableDef()


@dataclass(frozen=True)
class AccountRow:
    """An account, whose it is and who pays."""

    account: Membership
    person: Person
    payer: Organisation | None


@routes.get("/accounts")
async def listing(request: web.Request) -> web.Response:
    """Organisations and accounts, and the month's table for the treasury."""
    hub = request.app[HUB]
    today = hours.local_day(hub.clock(), hours.zone_of(hub.settings.time_zone))
    this_month = Month.of(today)
    organisations, rows = await hub.read(_lists)
    context = {
        "organisations": organisations,
        "rows": rows,
        "books_as": BOOKS_AS,
        "months": (Month.of(this_month.first() - timedelta(days=1)), this_month),
        "done": done_sentence(request),
    }
    return page(request, "rooms/accounts.html", context)


def _lists(uow: UnitOfWork) -> tuple[list[Organisation], list[AccountRow]]:
    organisations = list(uow.organisations.list())
    payers = {o.id: o for o in organisations}
    found = uow.memberships.list()
    people = uow.persons.by_ids([m.person_id for m in found])
    rows = [AccountRow(m, people[m.person_id], payers.get(m.organisation_id or "")) for m in found]
    return organisations, sorted(rows, key=lambda r: (r.person.label.casefold(), r.account.profile))


def _organisation_data(typed: FormData) -> dict[str, object]:
    data: dict[str, object] = {
        name: typed.one(name) for name in ("name", "contact", "email", "phone", "account_number")
    }
    data["address"] = [line.strip() for line in typed.one("address").splitlines() if line.strip()]
    return data


def _membership_data(typed: FormData) -> dict[str, object]:
    return {
        "person_id": typed.one("person_id"),
        "profile": typed.one("profile"),
        "books_as": typed.one("books_as"),
        "organisation_id": typed.one("organisation_id") or None,
        "active": typed.one("active") == "1",
    }


@routes.get("/organisations/new")
async def organisation_new_page(request: web.Request) -> web.Response:
    """The empty form."""
    return await _organisation(request, FormData())


@routes.post("/organisations/new")
async def organisation_new(request: web.Request) -> web.Response:
    """Make one."""
    typed, hub = await read_posted(request), request.app[HUB]
    try:
        form = read_form(OrganisationForm, _organisation_data(typed))
        await hub.run(accounts.create_organisation, form, staff(request), hub.clock())
    except VisiohubError as error:
        return await _organisation(request, typed, error)
    return see_other("/accounts", "created")


@routes.get("/organisations/{organisation_id}")
async def organisation_page(request: web.Request) -> web.Response:
    """One organisation, to be edited."""
    hub = request.app[HUB]
    kept = await hub.read(lambda u: u.organisations.get(request.match_info["organisation_id"]))
    return await _organisation(request, _typed(kept, {"address": "\n".join(kept.address)}))


@routes.post("/organisations/{organisation_id}")
async def organisation(request: web.Request) -> web.Response:
    """Edit it."""
    typed, hub = await read_posted(request), request.app[HUB]
    organisation_id = request.match_info["organisation_id"]
    await hub.read(lambda uow: uow.organisations.get(organisation_id))
    try:
        form = read_form(OrganisationForm, _organisation_data(typed))
        version = typed.whole("version")
        by, now = staff(request), hub.clock()
        await hub.run(accounts.update_organisation, organisation_id, form, version, by, now)
    except VisiohubError as error:
        return await _organisation(request, typed, error)
    return see_other("/accounts", "saved")


async def _organisation(
    request: web.Request, typed: FormData, error: VisiohubError | None = None
) -> web.Response:
    labels = {
        "name": _("Nom"),
        "address": _("Adresse"),
        "contact": _("Contact"),
        "email": _("Courriel"),
        "phone": _("Téléphone"),
        "account_number": _("Compte à la trésorerie"),
    }
    return _form_page(request, "rooms/organisation.html", typed, labels, {}, error)


@routes.get("/accounts/new")
async def account_new_page(request: web.Request) -> web.Response:
    """The empty form."""
    return await _account(request, FormData(active="1", books_as="professional"))


@routes.post("/accounts/new")
async def account_new(request: web.Request) -> web.Response:
    """Make one."""
    typed, hub = await read_posted(request), request.app[HUB]
    try:
        form = read_form(MembershipForm, _membership_data(typed))
        await hub.run(accounts.create_membership, form, staff(request), hub.clock())
    except VisiohubError as error:
        return await _account(request, typed, error)
    return see_other("/accounts", "created")


@routes.get("/accounts/{membership_id}")
async def account_page(request: web.Request) -> web.Response:
    """One account, to be edited, and the passes it holds."""
    kept = await _kept(request)
    more = {"active": "1" if kept.active else "", "organisation_id": kept.organisation_id or ""}
    return await _account(request, _typed(kept, more), kept=kept)


@routes.post("/accounts/{membership_id}")
async def account(request: web.Request) -> web.Response:
    """Edit it."""
    kept, typed, hub = await _kept(request), await read_posted(request), request.app[HUB]
    try:
        form, version = read_form(MembershipForm, _membership_data(typed)), typed.whole("version")
        by, now = staff(request), hub.clock()
        await hub.run(accounts.update_membership, kept.id, form, version, by, now)
    except VisiohubError as error:
        return await _account(request, typed, error, await _kept(request))
    return see_other("/accounts", "saved")


@routes.post("/accounts/{membership_id}/passes")
async def sell(request: web.Request) -> web.Response:
    """A pass, charged to the account today."""
    kept, typed, hub = await _kept(request), await read_posted(request), request.app[HUB]
    try:
        list_id, _slash, offer_id = typed.one("offer_id").partition("/")
        by, now = staff(request), hub.clock()
        await hub.run(accounts.sell_pass, kept.id, offer_id, by, now, list_id)
    except VisiohubError as error:
        return await _account(request, _typed(kept, {}), error, kept)
    return see_other(f"/accounts/{kept.id}", "pass_sold")


async def _kept(request: web.Request) -> Membership:
    """The account of the address. Raises NotFound."""
    membership_id = request.match_info["membership_id"]
    return await request.app[HUB].read(lambda uow: uow.memberships.get(membership_id))


async def _account(
    request: web.Request,
    typed: FormData,
    error: VisiohubError | None = None,
    kept: Membership | None = None,
) -> web.Response:
    labels = {
        "person_id": _("Personne"),
        "profile": _("Tarif"),
        "books_as": _("Réserve en tant que"),
        "organisation_id": _("Qui paie"),
        "offer_id": _("Carnet"),
    }
    context: dict[str, Any] = {
        **await request.app[HUB].read(_choices, kept),
        "books_as": [(profile.value, _(text)) for profile, text in BOOKS_AS.items()],
        "kept": kept,
    }
    return _form_page(request, "rooms/account.html", typed, labels, context, error)


def _choices(uow: UnitOfWork, kept: Membership | None) -> dict[str, Any]:
    people: Options = [(p.id, p.label) for p in uow.persons.list(active=True)]
    payers: Options = [(o.id, o.name) for o in uow.organisations.list(active=True)]
    lists = sorted(uow.price_lists.list(), key=lambda p: p.venue_id or "")
    profiles = dict.fromkeys(p for prices in lists for p in prices.grid.profiles)
    venues = uow.venues.by_ids([prices.venue_id for prices in lists])
    offers: Options = []
    for sold in accounts.passes_on_sale(uow, kept) if kept else []:
        venue = venues.get(sold.prices.venue_id or "")
        words = pass_words(sold.offer)
        value = f"{sold.prices.id}/{sold.offer.id}"
        offers.append((value, f"{words}, {venue.town}" if venue else words))
    return {
        "people": people,
        "payers": payers,
        "profiles": [(p, p) for p in profiles],
        "offers": offers,
    }


def _form_page(
    request: web.Request,
    template: str,
    typed: FormData,
    labels: Mapping[str, str],
    more: Mapping[str, object],
    error: VisiohubError | None,
) -> web.Response:
    """A form with what was typed; after a lost update also with what is kept, field by field."""
    meanwhile: list[tuple[str, str]] = []
    if isinstance(error, EditedMeanwhile) and "kept" in error.params:
        entity = error.params["kept"]
        typed["version"] = str(getattr(entity, "version", ""))
        meanwhile = [
            (label, said)
            for name, label in labels.items()
            if (said := _said(getattr(entity, name, ""))) != typed.one(name)
        ]
    errors = field_sentences(error) if error else {}
    wrong = sentence(error) if error else ""
    context = {"typed": typed, "labels": labels, "errors": errors, "wrong": wrong, **more}
    context |= {"meanwhile": meanwhile, "done": done_sentence(request)}
    return page(request, template, context, status=error.status if error else 200)


def _said(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value or "")


def _typed(kept: Organisation | Membership, more: Mapping[str, str]) -> FormData:
    """The form with what is kept."""
    typed = FormData({name: _said(value) for name, value in vars(kept).items()})
    typed.update(more)
    return typed
