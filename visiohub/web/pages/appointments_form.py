"""What the forms of a new and of a moved appointment share: choices, days, words of fields."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from visiohub.booking.slots import Wish
from visiohub.domain import hours
from visiohub.domain.model import Person, Service
from visiohub.errors import TooFarAhead, VisiohubError
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats, lookups
from visiohub.web.context import HUB
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import FormData, not_a_day
from visiohub.web.pages.slots import slots
from visiohub.web.typed import read_day

_QUARTER = 15
"""Minutes: lengths are whole quarters of an hour."""


def choices(
    uow: UnitOfWork, person: Person, typed: FormData, venue_id: str, now: datetime, moved: str = ""
) -> dict[str, Any]:
    """What the form offers; of a chosen service and kiosk, its days and times, or why there are
    none."""
    offered = lookups.bookable_services(uow, person)
    kiosks = lookups.bookable_kiosks(uow, person)
    services = {s.id: (p, s) for p, all_of_them in offered for s in all_of_them}
    at_venue = [p for p in kiosks if p.venue.id == venue_id] or (kiosks if len(kiosks) == 1 else [])
    if not typed.one("kiosk_id") and at_venue:
        typed["kiosk_id"] = at_venue[0].kiosk.id
    service_id, kiosk_id = typed.one("service_id"), typed.one("kiosk_id")
    known = service_id in services and any(p.kiosk.id == kiosk_id for p in kiosks)
    choice = None
    refusal = ""
    if known:
        try:
            wish = _wish(uow, services[service_id][1], typed, moved)
            choice = slots(uow, service_id, kiosk_id, read_day(typed.one("day")), now, wish)
        except VisiohubError as error:
            refusal = sentence(error)
    partner, service = services.get(service_id, (None, None))
    return {
        "lengths": _lengths(service) if service else [],
        "minutes_long": _minutes_of(service, typed) if service else 0,
        "services": lookups.service_choices(offered),
        "kiosks": lookups.kiosk_choices(kiosks),
        "choice": choice,
        "refusal": refusal,
        "agents": lookups.agents_of(uow, partner.id) if partner else [],
    }


def _wish(uow: UnitOfWork, service: Service, typed: FormData, moved: str) -> Wish:
    """What the form says of the appointment, or what is kept of the one that is moved."""
    despite = bool(typed.one("despite_calendar"))
    if moved:
        kept, choice = uow.appointments.get(moved), uow.linkquality.pictures.find(moved)
        shown = choice.picture if choice else Picture.STANDARD
        return Wish(kept.ends_at - kept.starts_at, kept.agent_id, despite, shown, moved)
    known = {agent_id for agent_id, _label in lookups.agents_of(uow, service.partner_id)}
    agent_id = typed.one("agent_id") if typed.one("agent_id") in known else None
    picture_typed = typed.one("picture")
    picture = Picture(picture_typed) if picture_typed in list(Picture) else None
    length = timedelta(minutes=_minutes_of(service, typed))
    return Wish(length, agent_id, despite, picture)


def _minutes_of(service: Service, typed: FormData) -> int:
    """The chosen length where the service has it, else its usual one."""
    chosen = typed.one("duration_minutes")
    offered = {value for value, _text in _lengths(service)}
    return int(chosen) if chosen in offered else service.duration_minutes


def _lengths(service: Service) -> list[tuple[str, str]]:
    """Lengths to choose from, the usual one first; none where there is but one."""
    usual = service.duration_minutes
    shortest, longest = service.shortest_minutes or usual, service.longest_minutes or usual
    others = [n for n in range(shortest, longest + 1, _QUARTER) if n != usual]
    return [(str(n), formats.minutes(n)) for n in (usual, *others)] if others else []


def today_of(request: web.Request) -> date:
    """Of the territory."""
    hub = request.app[HUB]
    return hours.local_day(hub.clock(), hours.zone_of(hub.settings.time_zone))


def turn_to_day(typed: FormData, today: date) -> dict[str, str]:
    """Make `day` the one that was pressed or typed; what is wrong with it, by field."""
    if typed.one("show_day"):
        typed["day"], typed["other_day"] = typed.one("show_day"), ""
    if not typed.one("other_day"):
        return {}
    day = read_day(typed.one("other_day"))
    if day is None:
        return {"other_day": not_a_day()}
    if day < today:
        return {"other_day": _("Ce jour est passé. Choisissez un jour à venir.")}
    if day > today + hours.BOOKABLE_AHEAD:
        return {"other_day": sentence(TooFarAhead())}
    typed["day"], typed["other_day"] = day.isoformat(), ""
    # pressed before the hours of that day were seen: nothing may be booked on it
    return {"time": _("Choisissez une heure libre.")} if "book" in typed else {}


def errors_of(error: VisiohubError, typed: FormData) -> dict[str, str]:
    """By field; a time is chosen here, not typed."""
    errors = field_sentences(error)
    if "time" in errors and not typed.one("time"):
        errors["time"] = _("Choisissez une heure libre.")
    return errors


def labels() -> dict[str, str]:
    """Of the fields, for the list of what is wrong."""
    return {
        "service_id": _("Service"),
        "kiosk_id": _("Lieu et borne"),
        "day": _("Jour"),
        "other_day": _("Autre jour"),
        "time": _("Heure"),
        "initials": _("Initiales de la personne"),
        "phone": _("Téléphone"),
        "email": _("Courriel"),
        "language": _("Langue de la convocation"),
        "agent_id": _("Agent"),
        "picture": _("Image"),
        "duration_minutes": _("Durée"),
        "despite_calendar": _("Malgré l’agenda"),
    }
