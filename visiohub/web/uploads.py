"""Files that come with a form."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import BodyPartReader, web


@dataclass(frozen=True)
class Sent:
    """What a form with a file holds."""

    kind: str
    name: str
    data: bytes


async def read_upload(request: web.Request, most: int) -> Sent:
    """A form with a file, as browsers send it (RFC 7578). One that is too large comes cut after
    what is needed to say so. Raises HTTPUnsupportedMediaType, HTTPBadRequest."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType
    kind, name, data = "", "", b""
    try:
        parts = await request.multipart()
        while (part := await parts.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise web.HTTPBadRequest
            if part.name == "file":
                name, data = part.filename or "", await _some(part, most)
            elif part.name == "kind":
                kind = (await _some(part, 100)).decode("utf-8", "replace")
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    return Sent(kind, "".join(c for c in name if c.isprintable()), data)


async def _some(part: BodyPartReader, most: int) -> bytes:
    """As much of a part as shows whether it is longer than `most` octets."""
    found = bytearray()
    while not part.at_eof():
        chunk = await part.read_chunk()
        if len(found) <= most:
            found += chunk
    return bytes(found)
