"""What was agreed on a line, and what is kept of it for telephone and room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from visiohub.booking import audit
from visiohub.booking.forms import Day, Form
from visiohub.booking.lines.contracts import contract_of, hold_from
from visiohub.booking.lines.grades import TOPIC
from visiohub.domain import hours
from visiohub.domain.line import LineTerms, Wrapping
from visiohub.domain.model import Line, Person
from visiohub.errors import N_, EditedMeanwhile, FieldError, InvalidForm
from visiohub.linkquality.ledger import NEEDED_OCTETS_A_DAY
from visiohub.storage.uow import UnitOfWork

KbitS = Annotated[int, Field(gt=0, le=10_000_000)]
Reserved = Annotated[int, Field(ge=0, le=10_000_000)]
_AGREED = ("wrapping", "guaranteed_down_kbit_s", "guaranteed_up_kbit_s", "restoration_hours")
"""With the operator."""
LEAST_PROBES_MB = math.ceil(NEEDED_OCTETS_A_DAY / 1_000_000)
_MB = 1_000_000


class LineTermsForm(Form):
    """Rates in kbit/s on the wire; None: nothing was agreed."""

    in_force_from: Day | None
    """As `in_force_from` has it: the present contract is put right; another day: from then on it is
    so. None: since the line is measured."""
    wrapping: Wrapping
    guaranteed_down_kbit_s: KbitS | None = None
    guaranteed_up_kbit_s: KbitS | None = None
    restoration_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    reserved_down_kbit_s: Reserved = 0
    reserved_up_kbit_s: Reserved = 0
    probe_mb_a_day: Annotated[int, Field(le=10_000)] | None = None
    """Each way; None: by the line's rate."""


def probe_mb_of(terms: LineTerms) -> int | None:
    """As the form has it."""
    octets = terms.probe_octets_a_day
    return None if octets is None else math.ceil(octets / _MB)


def in_force_from(uow: UnitOfWork, line: Line) -> date | None:
    """The first day of the contract in force, the venue's; None: since the line is measured."""
    since = contract_of(uow, line).since
    return None if since is None else hours.local_day(since, _zone(uow, line))


def version_of(uow: UnitOfWork, line_id: str) -> int:
    """Of the terms that are kept and of the line: its rates make another contract, too."""
    kept = uow.linkquality.terms.find(line_id)
    return uow.lines.get(line_id).version + (kept.version if kept else 0)


def write_terms(
    uow: UnitOfWork, line_id: str, form: LineTermsForm, version: int, by: Person, now: datetime
) -> LineTerms:
    """Keep them. Raises NotFound, InvalidForm (more than the contract's rates, too few octets for
    probes, a day to come), EditedMeanwhile (`version` is not the present one)."""
    line = uow.lines.get(line_id)
    zone = _zone(uow, line)
    to_come = _to_come(form, hours.local_day(now, zone))
    if wrong := [*to_come, *_beyond_contract(line, form), *_too_few_octets(form)]:
        raise InvalidForm(wrong)
    if version_of(uow, line_id) != version:
        raise EditedMeanwhile("somebody else wrote the terms")
    terms = uow.linkquality.terms.of(line)
    contract, before, held_from = contract_of(uow, line), asdict(terms), in_force_from(uow, line)
    for name, value in form:
        if name not in {"probe_mb_a_day", "in_force_from"}:
            setattr(terms, name, value)
    octets = None if form.probe_mb_a_day is None else form.probe_mb_a_day * _MB
    terms.probe_octets_a_day = octets
    if uow.linkquality.terms.find(line_id) is None:
        uow.linkquality.terms.add(terms)
    else:
        terms.version += 1
    if form.in_force_from != held_from:
        day = form.in_force_from
        begin = None if day is None else hours.day_span(day, zone)[0]
        changed = any(getattr(contract, name) != getattr(terms, name) for name in _AGREED)
        hold_from(uow, contract, begin, changed=changed)
    was, now_is = _plain(before, held_from), _plain(asdict(terms), form.in_force_from)
    audit.note(uow, by, now, "line.terms", line_id, was, now_is)
    uow.changed(TOPIC)
    uow.flush()
    return terms


def _zone(uow: UnitOfWork, line: Line) -> ZoneInfo:
    return hours.zone_of(uow.venues.get(line.venue_id).time_zone)


def _to_come(form: LineTermsForm, today: date) -> Iterator[FieldError]:
    if form.in_force_from is not None and form.in_force_from > today:
        says = N_("Ce contrat n’a pas encore commencé. Écrivez-le le jour où il commence.")
        yield FieldError("in_force_from", "out_of_bounds", says)


def _beyond_contract(line: Line, form: LineTermsForm) -> Iterator[FieldError]:
    """An operator guarantees no more than it sells, and what is kept leaves something to calls."""
    for way, contract in (("down", line.down_kbit_s), ("up", line.up_kbit_s)):
        if (getattr(form, f"guaranteed_{way}_kbit_s") or 0) > contract:
            says = N_("C’est plus que le débit du contrat. Vérifiez l’un et l’autre.")
            yield FieldError(f"guaranteed_{way}_kbit_s", "out_of_bounds", says)
        if getattr(form, f"reserved_{way}_kbit_s") >= contract:
            says = N_("Il ne resterait rien pour les visios. Gardez moins que le débit du contrat.")
            yield FieldError(f"reserved_{way}_kbit_s", "out_of_bounds", says)


def _too_few_octets(form: LineTermsForm) -> Iterator[FieldError]:
    """With less the heartbeat would end before the day does, and look like an outage."""
    if form.probe_mb_a_day is not None and form.probe_mb_a_day < LEAST_PROBES_MB:
        says = N_(
            "C’est trop peu pour mesurer la ligne tout le jour. Donnez 6 Mo au moins, ou "
            "laissez vide."
        )
        yield FieldError("probe_mb_a_day", "out_of_bounds", says)


def _plain(facts: dict[str, object], since: date | None) -> dict[str, object]:
    told = {name: value for name, value in facts.items() if name not in {"id", "version"}}
    return told | {"in_force_from": None if since is None else since.isoformat()}
