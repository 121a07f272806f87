"""What a request gets whose body or address is not as described: each wrong field is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from visiohub.booking.forms import OTHERWISE, field_error
from visiohub.web.error_pages import field_sentence, json_error, wrong_field
from visiohub.web.i18n import gettext as _

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
    said = field_sentence(named)
    if named.says == OTHERWISE:
        said = f"{said} ({error['msg']})"
    path = error["loc"] or named.field.split(".") if named.field else ()
    return wrong_field(path, named.code, said, of_body=of_body)
