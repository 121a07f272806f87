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
    LINKS,
    TROUBLES,
    Trouble,
)

log = structlog.get_logger(__name__)


def sentence(error: VisiohubError) -> str:
    """What a refusal says to the reader."""
    return " ".join(_filled(says, error.params) for says in (error.says, *error.more))


def field_sentences(error: VisiohubError) -> dict[str, str]:
    """Field name to sentence, for a form that is shown again."""
    if isinstance(error, InvalidForm):
        return {e.field: _filled(e.says, e.params) for e in error.errors}
    return {error.field: sentence(error)} if error.field else {}


def wrong_field(
    error: FieldError, path: Sequence[object] = (), *, of_body: bool
) -> dict[str, str | None]:
    """What a program is told of it. `path`: to it in the body, else its name says that."""
    parts = [str(part) for part in path or error.field.split(".") if part != ""]
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in parts]
    return {
        "field": error.field or "body",
        "pointer": "".join(f"/{part}" for part in escaped) if of_body else None,
        "code": error.code,
        "detail": _filled(error.says, error.params),
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
    status: int, code: str, detail: str, field: str | None = None, **more: object
) -> web.Response:
    """The one shape of a refusal in the API."""
    return web.json_response(
        {"code": code, "detail": detail, "field": field, **more}, status=status
    )


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
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
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


def refused(request: web.Request, error: VisiohubError, **said: object) -> web.Response:
    """Answer to a refusal that no form took care of; programs are told what is `said`, too."""
    if wants_json(request):
        more = details(error, request.app[HUB].settings.time_zone) | said
        if isinstance(error, InvalidForm):
            of_body = request.method != "GET"
            more["errors"] = [wrong_field(one, of_body=of_body) for one in error.errors]
        answer = json_error(error.status, error.code, _for_programs(error), error.field, **more)
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


def _for_programs(error: VisiohubError) -> str:
    """The sentence for people, each wrong field's own, and the words for developers."""
    parts = [_all_of(FOR_PROGRAMS[404]) if type(error) is NotFound else sentence(error)]
    if isinstance(error, InvalidForm):
        parts += [f"{name}: {said}" for name, said in field_sentences(error).items()]
    elif str(error) != error.code:
        parts.append(f"({error})")
    return " ".join(parts)


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
        return json_error(status, trouble.code, detail, FIELDS.get(status), **more)
    if trouble.next == "reload" and request.method != "GET":
        trouble = replace(trouble, next="back")  # a form is not sent again by a link
    phone = request.app[HUB].settings.fallback_phone
    context = {"trouble": trouble, "status": status, "incident": incident, "phone": phone}
    return page(request, "error.html", context, status=status)
