"""What somebody gets when something is not right: a page for people, JSON for programs.

One middleware maps every exception; an unexpected one is logged under an id that the page shows.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from decimal import Decimal

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from visiohub.errors import FieldError, InvalidForm, NotFound, VisiohubError
from visiohub.web.context import HUB, METRICS
from visiohub.web.formats import clock
from visiohub.web.i18n import gettext as _
from visiohub.web.refusal_details import details
from visiohub.web.render import page
from visiohub.web.room_words import euros
from visiohub.web.security import MAX_BODY_BYTES, CrossSiteRefused
from visiohub.web.troubles import (
    CROSS_SITE,
    CROSS_SITE_API,
    FIELDS,
    FOR_PROGRAMS,
    FORM_FOR_PROGRAMS,
    LINKS,
    NOTHING_DONE,
    TROUBLES,
    Trouble,
)

log = structlog.get_logger(__name__)
WrongField = Mapping[str, str | None]
"""One of the `errors` of a refusal, as api/refused.py describes it."""
_KEPT_HEADERS = {"Allow", "WWW-Authenticate"}
"""What RFC 9110 wants beside 405 and 401."""


def sentence(error: VisiohubError) -> str:
    """What a refusal says to the reader."""
    return " ".join(_filled(says, error.params) for says in (error.says, *error.more))


def field_sentences(error: VisiohubError) -> dict[str, str]:
    """Field name to sentence, for a form that is shown again."""
    if isinstance(error, InvalidForm):
        return {e.field: field_sentence(e) for e in error.errors}
    return {error.field: sentence(error)} if error.field else {}


def field_sentence(error: FieldError) -> str:
    """What is said of one field."""
    return _filled(error.says, error.params)


def wrong_field(path: Sequence[object], code: str, detail: str, *, of_body: bool) -> WrongField:
    """What a program is told of a field; `path` leads to it, none: it is the whole body."""
    parts = [str(part) for part in path]
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in parts]
    pointer = "".join(f"/{part}" for part in escaped) if of_body else None
    return {
        "field": ".".join(parts) or "body",
        "pointer": pointer,
        "code": code,
        "detail": detail,
    }


def _filled(says: str, params: Mapping[str, object]) -> str:
    return _(says).format(**{name: _param(value) for name, value in params.items()})


def _param(value: object) -> object:
    match value:
        case time():
            return clock(value)
        case Decimal():
            return euros(value)
        case _:
            return value


def wants_json(request: web.Request) -> bool:
    """Programs ask below /api, and the browser's own modules for what is not a page."""
    return request.path.startswith("/api/")


def json_error(
    status: int, code: str, detail: str, errors: Sequence[WrongField] = (), **more: object
) -> web.Response:
    """The one shape of a refusal in the API; `errors` are the fields that it is about."""
    field = errors[0]["field"] if errors else None
    said = {"code": code, "detail": detail, "field": field, "errors": list(errors)}
    return web.json_response(said | more, status=status)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what is raised into an answer."""
    try:
        return await handler(request)
    except VisiohubError as error:
        return refused(request, error)
    except CrossSiteRefused:
        return _trouble(request, 403, CROSS_SITE)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if error.status == 500:  # aiohttp-jinja2's word for a template that is not there
            return _unexpected(request, error)
        trouble = TROUBLES.get(error.status, TROUBLES[400])
        answer = _trouble(request, error.status, trouble)
        for name in _KEPT_HEADERS & error.headers.keys():
            answer.headers[name] = error.headers[name]
        return answer
    except web.RequestPayloadError:  # chunks, lengths or compression that make no sense
        return _trouble(request, 400, TROUBLES[400])
    except Exception as error:  # noqa: BLE001 - the last resort: the reader gets an id
        if isinstance(error, ConnectionError) and request.transport is None:
            return web.Response(status=400)  # left in the middle of a body; nobody reads this
        return _unexpected(request, error)


def _unexpected(request: web.Request, error: Exception) -> web.Response:
    incident = secrets.token_hex(4)
    log.error("request_failed", incident=incident, method=request.method, exc_info=error)
    request.app[METRICS].errors.inc()
    return _trouble(request, 500, TROUBLES[500], incident=incident)


def refused(
    request: web.Request, error: VisiohubError, errors: Sequence[WrongField] = (), **said: object
) -> web.Response:
    """Answer to a refusal that no form took care of; programs are told which fields it is about
    and what is `said`, too."""
    if wants_json(request):
        more = details(error, request.app[HUB].settings.time_zone) | said
        detail = _for_programs(error, errors)
        answer = json_error(error.status, error.code, detail, errors, **more)
    else:
        known = TROUBLES.get(error.status, TROUBLES[400])
        # without a form to show them in, what is wrong with the fields of an address is said here
        fields = field_sentences(error).values() if isinstance(error, InvalidForm) else ()
        trouble = Trouble(error.code, sentence(error), "", " ".join(fields), known.next)
        if error.status == 404:
            trouble = known
        trouble = LINKS.get(error.code, trouble)
        answer = _trouble(request, error.status, trouble)
    return say_when(answer, error)


def _for_programs(error: VisiohubError, errors: Sequence[WrongField]) -> str:
    """The sentence for people, each wrong field's own, and the words for developers."""
    if isinstance(error, InvalidForm):
        named = (f"{one['field']}: {one['detail']}" for one in errors)
        return " ".join([_(FORM_FOR_PROGRAMS), *named])
    if type(error) is not NotFound:
        parts = list(dict.fromkeys([sentence(error), *(str(one["detail"]) for one in errors)]))
    elif in_body := [f"{one['field']}: {one['detail']}" for one in errors if one["pointer"]]:
        parts = [_(NOTHING_DONE), *in_body]
    else:
        parts = [_all_of(FOR_PROGRAMS[404])]
    if str(error) != error.code:
        parts.append(f"({error})")
    return " ".join(parts)


def _outside(field: str, code: str, detail: str) -> WrongField:
    """The whole body, or a header."""
    path = [] if field == "body" else [field]
    return wrong_field(path, code, detail, of_body=not path)


def _all_of(trouble: Trouble) -> str:
    return " ".join(_(part) for part in (trouble.title, trouble.means, trouble.advice) if part)


def say_when(answer: web.Response, error: VisiohubError) -> web.Response:
    """The answer to a refusal, with the time after which to try again where there is one."""
    if error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return answer


def _trouble(
    request: web.Request, status: int, trouble: Trouble, incident: str | None = None
) -> web.Response:
    if wants_json(request):
        trouble = CROSS_SITE_API if trouble is CROSS_SITE else FOR_PROGRAMS.get(status, trouble)
        said = _all_of(trouble)
        detail = f"{said} (≤ {MAX_BODY_BYTES} B)" if status == 413 else said
        more = {"incident": incident} if incident else {}
        field = FIELDS.get(status)
        errors = [] if field is None else [_outside(field, trouble.code, detail)]
        return json_error(status, trouble.code, detail, errors, **more)
    if trouble.next == "reload" and request.method != "GET":
        trouble = replace(trouble, next="back")  # a form is not sent again by a link
    phone = request.app[HUB].settings.fallback_phone
    context = {"trouble": trouble, "status": status, "incident": incident, "phone": phone}
    return page(request, "error.html", context, status=status)
