"""The static files, held in memory under an address that changes with their content.

The whole tree shares one fingerprint in its path, so that modules and style sheets name each
other relatively and everything may be cached for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

YEAR_S = 365 * 24 * 3600
COMPRESSIBLE = ("text/", "image/svg+xml", "application/json")
TYPES = {".woff2": "font/woff2", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class StaticFile:
    """One file, ready to be sent; `packed` is its gzip form, where that is smaller."""

    body: bytes
    packed: bytes | None
    content_type: str


class StaticTree:
    """Reads a folder once; serves it at `/static/<fingerprint>/...`."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, StaticFile] = {}
        digest = hashlib.sha256()
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            body = path.read_bytes()
            digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
            self._files[name] = _prepared(path, body)
        self.fingerprint = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Address of a file. Raises KeyError for one that does not exist."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.fingerprint}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{fingerprint}/{name}: an old fingerprint gets the file of today, unkept."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        packed = found.packed if "gzip" in request.headers.get("Accept-Encoding", "") else None
        current = request.match_info["fingerprint"] == self.fingerprint
        headers = {
            "Cache-Control": f"public, max-age={YEAR_S}, immutable" if current else "no-cache",
            "Content-Type": found.content_type,
        }
        if found.packed is not None:
            headers["Vary"] = "Accept-Encoding"
        if packed is not None:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=packed or found.body, headers=headers)


def _prepared(path: Path, body: bytes) -> StaticFile:
    content_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    packed = gzip.compress(body, mtime=0) if content_type.startswith(COMPRESSIBLE) else None
    return StaticFile(body, packed if packed and len(packed) < len(body) else None, content_type)
