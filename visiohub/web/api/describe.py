"""Operations of the API: validated by pydantic on the way in, described as OpenAPI 3.1.

@operation("POST", "/api/v1/things", "Make a thing", body=ThingIn, answer=ThingOut, status=201)
async def make(request: web.Request, body: ThingIn) -> ThingOut: ...
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar, get_type_hints

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema

from visiohub.booking.forms import Form
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.web.api.about import Asked
from visiohub.web.api.refused import Refusal, invalid
from visiohub.web.context import HUB
from visiohub.web.error_pages import refused
from visiohub.web.keys import scope_of

M = TypeVar("M", bound=BaseModel)
Answer = BaseModel | Sequence[BaseModel]
Handler = Callable[..., Awaitable[Answer]]
Kept = Callable[[web.Request], Awaitable[BaseModel]]
JSON = "application/json"
_WHOLE = {"type": "integer"}


class Inputs(Form):
    """Base of bodies and queries that are no command by themselves."""


def by_names(kind: type[M], source: object) -> M:
    """Of what has attributes of the same names: a use case's form of a body that asks more beside
    it, or what is given of a row of the domain."""
    return kind(**{name: getattr(source, name) for name in kind.model_fields})


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    summary: str
    handler: Handler
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel]
    many: bool
    status: int
    public: bool
    kept: Kept | None

    async def handle(self, request: web.Request) -> web.Response:
        """Read, check, call, write."""
        arguments: dict[str, BaseModel] = {}
        try:
            if self.query is not None:
                arguments["query"] = self.query.model_validate(dict(request.query.items()))
            if self.body is not None:
                arguments["body"] = await _body(request, self.body)
        except ValidationError as error:
            return invalid(error, of_body="query" in arguments or self.query is None)
        try:
            answer = await self.handler(request, **arguments)
        except VisiohubError as error:
            return await self._refused(request, error, **arguments)
        kind: Any = list[self.answer] if self.many else self.answer  # type: ignore[name-defined]
        text = TypeAdapter(kind).dump_json(answer).decode()
        response = web.json_response(text=text, status=self.status)
        response.enable_compression()
        return response

    async def _refused(
        self,
        request: web.Request,
        error: VisiohubError,
        query: BaseModel | None = None,
        body: BaseModel | None = None,
    ) -> web.Response:
        """With the fields that it is about, and with both versions where another one is kept."""
        asked = Asked({**request.match_info, **dict(query or ())}, dict(body or ()))
        errors = asked.wrong(error, request.app[HUB].settings.time_zone)
        versions: dict[str, object] = {}
        if isinstance(error, EditedMeanwhile) and self.kept is not None:
            kept = (await self.kept(request)).model_dump(mode="json")
            read_version = getattr(body, "version", None)
            versions = {"read_version": read_version, "kept_version": kept.get("version")}
            versions["kept"] = kept
        return refused(request, error, errors, **versions)


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    answer: type[BaseModel],
    many: bool = False,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    status: int = 200,
    public: bool = False,
    kept: Kept | None = None,
) -> Callable[[Handler], Operation]:
    """Describe a handler; it is called with `body` and `query` where they are declared. `kept`
    reads what somebody else saved since the body's version was read."""

    def wrap(handler: Handler) -> Operation:
        asked = (handler, body, query)
        return Operation(method, path, summary, *asked, answer, many, status, public, kept)

    return wrap


async def _body(request: web.Request, model: type[BaseModel]) -> BaseModel:
    if request.content_type != JSON:
        raise web.HTTPUnsupportedMediaType
    return model.model_validate_json(await request.read())


def openapi(operations: Sequence[Operation], version: str, cookie: str) -> dict[str, Any]:
    """The OpenAPI 3.1 description of these operations; `cookie` is the session's name."""
    inputs = {m for o in operations for m in (o.body, o.query) if m is not None}
    kept = {o: get_type_hints(o.kept)["return"] for o in operations if o.kept is not None}
    answers = {o.answer for o in operations} | {*kept.values(), Refusal}
    refs, definitions = models_json_schema(
        [(m, "validation") for m in sorted(inputs, key=lambda m: m.__name__)]
        + [(m, "serialization") for m in sorted(answers, key=lambda m: m.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for o in operations:
        entry: dict[str, Any] = {
            "summary": o.summary,
            "operationId": o.handler.__name__,
            "parameters": _parameters(o),
            "responses": _responses(
                o, *(refs[m, "serialization"] for m in (o.answer, kept.get(o, Refusal)))
            ),
        }
        if o.body is not None:
            schema = refs[o.body, "validation"]
            entry["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
        if not o.public:
            entry["security"] = [{"session": []}, {"key": [scope_of(o.method, o.path)]}]
        paths.setdefault(o.path, {})[o.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "visiohub",
            "version": version,
            "description": "Signed in by the session cookie, where changes need our Origin header; "
            "or by a key with the scope that the operation names.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _parameters(o: Operation) -> list[dict[str, Any]]:
    in_path = [part[1:-1] for part in o.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 64},
        }
        for name in in_path
    ]
    if o.query is not None:
        schema = o.query.model_json_schema()
        found += [
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": described,
            }
            for name, described in schema.get("properties", {}).items()
        ]
    return found


def _responses(o: Operation, answer: Any, kept: Any) -> dict[str, Any]:
    schema = {"type": "array", "items": answer} if o.many else answer
    refusal = {"$ref": f"#/components/schemas/{Refusal.__name__}"}
    found = {str(o.status): (HTTPStatus(o.status).phrase, schema)}
    refused = [400, 403, 404, 429] + ([409, 413, 415, 422] if o.method == "POST" else [])
    refused += [422] if o.query is not None else []
    refused += [] if o.public else [401]
    for status in sorted(set(refused)):
        found[str(status)] = (HTTPStatus(status).phrase, refusal)
    if o.kept is not None:
        versions = {"read_version": _WHOLE, "kept_version": _WHOLE, "kept": kept}
        overtaken = {"allOf": [refusal], "properties": versions}
        found["409"] = (f"{found['409'][0]}; edited_meanwhile: with what is kept", overtaken)
    return {
        status: {"description": phrase, "content": {JSON: {"schema": schema}}}
        for status, (phrase, schema) in found.items()
    }


def document(operations: Sequence[Operation], version: str, cookie: str) -> str:
    """The description as text."""
    return json.dumps(openapi(operations, version, cookie), ensure_ascii=False, indent=1)
