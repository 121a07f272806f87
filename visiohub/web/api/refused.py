"""What a request gets whose body or address is not as described: each wrong field is named."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from visiohub.booking.forms import OTHERWISE, field_error
from visiohub.web.error_pages import json_error, wrong_field
from visiohub.web.i18n import gettext as _

MOST_WRONG = 50
"""Wrong fields that an answer names; a body could have thousands of unknown ones."""


class Refusal(BaseModel):
    """What a refused request gets: a stable code, words for developers, the first wrong field."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str
    field: str | None


class WrongField(BaseModel):
    """One of the `errors` of 422 `invalid_form`."""

    field: str
    """Its path with dots; `body`: the whole of it."""
    pointer: str | None
    """Into the body (RFC 6901); null: a parameter of the address."""
    code: str
    detail: str


def invalid(error: ValidationError, *, of_body: bool) -> web.Response:
    """The answer for a body, or else for an address, that its model does not take."""
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        said = _("Rien n’a été fait : le corps de la demande n’est pas du JSON. Corrigez-le.")
        return json_error(400, "malformed_json", f"{said} ({found[0]['msg']})", "body")
    errors = [_wrong(one, of_body=of_body) for one in found[:MOST_WRONG]]
    said = _("Rien n’a été fait. /api/openapi.json dit ce qui est attendu dans chaque champ.")
    parts = [f"{one['field']}: {one['detail']}" for one in errors]
    field = errors[0]["field"]
    return json_error(422, "invalid_form", " ".join([said, *parts]), field, errors=errors)


def _wrong(error: Any, *, of_body: bool) -> dict[str, str | None]:
    named = field_error(error)
    said = wrong_field(named, error["loc"], of_body=of_body)
    if named.says == OTHERWISE:
        said["detail"] = f"{said['detail']} ({error['msg']})"
    return said
