"""What is wrong with a value that somebody wrote, in plain words instead of pydantic's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

OWN_WORDS = frozenset({"value_error", "disagree"})
"""Types of errors whose text the model's own validators wrote, with the remedy."""
_MOST_SHOWN = 80


def complaint(model: type[BaseModel], error: ErrorDetails) -> str:
    """What was given for a field of `model`, and what to write instead; secrets are not shown."""
    if error["type"] in OWN_WORDS:
        return error["msg"].removeprefix("Value error, ")
    wanted = model.model_json_schema()["properties"][error["loc"][0]]
    given = "a value that does not fit" if wanted.get("writeOnly") else _shown(error["input"])
    return f"{given} was given; write {_expected(wanted)}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _expected(schema: Mapping[str, Any]) -> str:
    """What a JSON schema of one field asks for."""
    match schema.get("type"):
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_bounds(schema)}"
        case "number":
            return f"a number{_bounds(schema)}"
        case "array":
            return "a list of texts, at least 1" if "minLength" in schema else "a list of texts"
    return "a text"


def _bounds(schema: Mapping[str, Any]) -> str:
    least, above, most = (schema.get(k) for k in ("minimum", "exclusiveMinimum", "maximum"))
    if least is not None and most is not None:
        return f" from {least} to {most}"
    said = {"of at least": least, "above": above, "of at most": most}
    known = [f"{words} {bound}" for words, bound in said.items() if bound is not None]
    return f" {' and '.join(known)}" if known else ""
