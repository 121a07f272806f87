"""What was agreed on a line, and what is kept of it for telephone and room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from pydantic import Field

from visiohub.booking import audit
from visiohub.booking.forms import Form
from visiohub.booking.lines.contracts import contract_of, keep_former
from visiohub.domain.line import LineTerms, Wrapping
from visiohub.domain.model import Line, Person
from visiohub.errors import N_, EditedMeanwhile, FieldError, InvalidForm
from visiohub.linkquality.ledger import NEEDED_OCTETS_A_DAY
from visiohub.storage.uow import UnitOfWork

NEVER_WRITTEN = 0
"""The version of terms that nobody has written down yet."""
KbitS = Annotated[int, Field(gt=0, le=10_000_000)]
Reserved = Annotated[int, Field(ge=0, le=10_000_000)]
_AGREED = ("wrapping", "guaranteed_down_kbit_s", "guaranteed_up_kbit_s", "restoration_hours")
"""With the operator."""
LEAST_PROBES_MB = math.ceil(NEEDED_OCTETS_A_DAY / 1_000_000)
_MB = 1_000_000


class LineTermsForm(Form):
    """Rates in kbit/s on the wire; None: nothing was agreed."""

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


def version_of(uow: UnitOfWork, line_id: str) -> int:
    """Of the terms that are kept."""
    kept = uow.linkquality.terms.find(line_id)
    return kept.version if kept else NEVER_WRITTEN


def write_terms(
    uow: UnitOfWork, line_id: str, form: LineTermsForm, version: int, by: Person, now: datetime
) -> LineTerms:
    """Keep them. Raises NotFound, InvalidForm (more than the contract's rates, too few octets for
    probes), EditedMeanwhile (`version` is not the present one)."""
    line = uow.lines.get(line_id)
    if wrong := [*_beyond_contract(line, form), *_too_few_octets(form)]:
        raise InvalidForm(wrong)
    if version_of(uow, line_id) != version:
        raise EditedMeanwhile("somebody else wrote the terms")
    terms = uow.linkquality.terms.of(line)
    contract, before = contract_of(uow, line), asdict(terms)
    for name, value in form:
        if name != "probe_mb_a_day":
            setattr(terms, name, value)
    octets = None if form.probe_mb_a_day is None else form.probe_mb_a_day * _MB
    terms.probe_octets_a_day = octets
    if version == NEVER_WRITTEN:
        uow.linkquality.terms.add(terms)
    else:
        terms.version += 1
        if any(getattr(contract, name) != getattr(terms, name) for name in _AGREED):
            keep_former(uow, contract, now)
    audit.note(uow, by, now, "line.terms", line_id, _plain(before), _plain(asdict(terms)))
    uow.flush()
    return terms


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


def _plain(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in {"id", "version"}}
