"""Text frames to messages and back (PROTOCOL.md §2). Whatever comes, only coded errors result."""

from __future__ import annotations

import json
from typing import Annotated, TypeVar, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from signaling.errors import ProtocolError
from signaling.protocol import messages
from signaling.protocol.limits import MAX_FRAME_OCTETS

T = TypeVar("T")

_kiosk: TypeAdapter[messages.FromKiosk] = TypeAdapter(
    Annotated[messages.FromKiosk, Field(discriminator="type")]
)
_browser: TypeAdapter[messages.FromBrowser] = TypeAdapter(
    Annotated[messages.FromBrowser, Field(discriminator="type")]
)
_hub: TypeAdapter[messages.FromHub] = TypeAdapter(
    Annotated[messages.FromHub, Field(discriminator="type")]
)


def _types(union: object) -> frozenset[str]:
    return frozenset(model.model_fields["type"].default for model in get_args(union))


TYPES_FROM_KIOSK = _types(messages.FromKiosk)
TYPES_FROM_BROWSER = _types(messages.FromBrowser)


def from_kiosk(frame: str) -> messages.FromKiosk:
    """The message that a kiosk sent. Raises ProtocolError."""
    return _decode(_kiosk, frame)


def from_browser(frame: str) -> messages.FromBrowser:
    """The message that a staff browser sent. Raises ProtocolError."""
    return _decode(_browser, frame)


def from_hub(frame: str) -> messages.FromHub:
    """The message that the hub sent; unlike the hub, a kiosk should not answer a bad one.

    Raises:
        ProtocolError: log it and go on.
    """
    return _decode(_hub, frame)


def encode(message: messages.Message) -> str:
    """One text frame."""
    return message.model_dump_json()


def version_of(frame: str) -> int | None:
    """The `version` of an opening message, even of one that is otherwise unreadable (§3.1)."""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    version = value.get("version") if isinstance(value, dict) else None
    return version if type(version) is int else None


def _decode(adapter: TypeAdapter[T], frame: str) -> T:
    # "replace": a lone surrogate from another decoder counts as one character, and fails as JSON
    if len(frame.encode("utf-8", "replace")) > MAX_FRAME_OCTETS:
        raise ProtocolError("too_large", f"a frame is at most {MAX_FRAME_OCTETS} octets")
    try:
        return adapter.validate_json(frame, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise _coded(first) from None
    except ValueError:
        raise ProtocolError("malformed", "not valid Unicode text") from None


def _coded(error: ErrorDetails) -> ProtocolError:
    kind, where = error["type"], [str(part) for part in error["loc"]]
    if kind in {"json_invalid", "model_attributes_type", "dict_type"} and len(where) < 2:
        return ProtocolError("malformed", "a frame is one JSON object")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return ProtocolError(
            "unknown_type", "no message of this type may come from this end", field="type"
        )
    return ProtocolError(
        "invalid_field", error["msg"][:500], field=".".join(where[1:])[:100], about=where[0][:40]
    )
