"""What a request gets whose body or address is not as described: each wrong field is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from visiohub.booking.forms import OTHERWISE, field_error
from visiohub.errors import N_
from visiohub.web.error_pages import field_sentence, json_error, wrong_field
from visiohub.web.i18n import gettext as _

_DAY = N_("Donnez un jour, comme 2026-11-20.")
_INSTANT = N_("Donnez un instant et son fuseau, comme 2026-11-20T08:45:00Z.")
_NUMBER = N_("Donnez un nombre, comme 44.28.")
_EUROS = N_("Donnez un montant en euros, comme 12.50.")
_LIST = N_("Donnez une liste.")
_YES_OR_NO = N_("Donnez true ou false.")
_SAYS = {
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "date_from_datetime_inexact": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_parsing": _DAY,
    "date_type": _DAY,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_type": _INSTANT,
    "decimal_max_places": _EUROS,
    "decimal_parsing": _EUROS,
    "decimal_type": _EUROS,
    "enum": N_("Choisissez parmi : {expected}."),
    "finite_number": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "frozen_set_type": _LIST,
    "int_type": N_("Donnez un nombre entier."),
    "model_type": N_("Donnez un objet JSON."),
    "string_type": N_("Donnez un texte."),
    "time_type": N_("Donnez une heure, par exemple 09:45."),
    "timezone_aware": _INSTANT,
    "too_long": N_("Raccourcissez cette liste : {max_length} au plus."),
    "too_short": N_("Allongez cette liste : au moins {min_length}."),
    "tuple_type": _LIST,
}
"""What programs are told otherwise than people: JSON has its own ways to write it."""
MOST_WRONG = 50
"""Wrong fields that an answer names; a body could have thousands of unknown ones."""


class WrongField(BaseModel):
    """A field that a refusal is about."""

    field: str
    """Its path with dots; `body`: the whole of it."""
    pointer: str | None
    """Into the body (RFC 6901); null: a parameter of the address, or a header."""
    code: str
    detail: str


class Refusal(BaseModel):
    """What a refused request gets: a stable code, words for developers, the fields that it is about
    where it is about any; `field` is the first of them."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str
    field: str | None
    errors: list[WrongField]


def invalid(error: ValidationError, *, of_body: bool) -> web.Response:
    """The answer for a body, or else for an address, that its model does not take."""
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        said = _("Rien n’a été fait : le corps de la demande n’est pas du JSON. Corrigez-le.")
        wrong = f"{said} ({found[0]['msg']})"
        errors = [wrong_field((), "malformed_json", wrong, of_body=True)]
        return json_error(400, "malformed_json", wrong, errors)
    errors = [_wrong(one, of_body=of_body) for one in found[:MOST_WRONG]]
    said = _("Rien n’a été fait. /api/openapi.json dit ce qui est attendu dans chaque champ.")
    parts = [f"{one['field']}: {one['detail']}" for one in errors]
    return json_error(422, "invalid_form", " ".join([said, *parts]), errors)


def _wrong(error: Any, *, of_body: bool) -> Mapping[str, str | None]:
    named = field_error(error)
    named = replace(named, says=_SAYS.get(named.code, named.says))
    said = field_sentence(named)
    if named.says == OTHERWISE:
        said = f"{said} ({error['msg']})"
    path = error["loc"] or named.field.split(".") if named.field else ()
    return wrong_field(path, named.code, said, of_body=of_body)
