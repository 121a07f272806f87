"""No page weighs more than thin lines carry: what a browser fetches for it, compressed."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import aiohttp
import pytest
from hub_site import ROLES, Site

from visiohub.domain.model import Role
from visiohub.web.permissions import TABLE, allowed

FIRST, AFTER = 150_000, 20_000
"""Bytes on the wire: of a page and all that it needs when nothing is known yet, and of each page
once the files that all pages share are in the browser's cache."""
NO_PAGES = ("/static/", "/api/", "/signaling/", "/ndt/", "/metrics", "/healthz", "/readyz")
NAMED = re.compile(r"""(?:href|src)="(/static/[^"#]+)|url\("?([^")]+)"?\)|from "(\.[^"]+)\"""")


async def fetched(client: aiohttp.ClientSession, address: str) -> tuple[int, str, str]:
    """Bytes of the body as it came, its type, its text."""
    async with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        body = await answer.read()
        text = body.decode("utf-8", "replace")
        return int(answer.headers["Content-Length"]), answer.content_type, text


Known = dict[str, tuple[int, list[str]]]
"""Bytes of each file that was fetched once, and what it names."""


@pytest.fixture(scope="module")
def known() -> Known:
    return {}


async def weight(client: aiohttp.ClientSession, address: str, known: Known) -> tuple[int, int]:
    """Bytes of a page alone, and with every file that it names, and those name in turn."""
    page, content_type, text = await fetched(client, address)
    if content_type != "text/html":
        return 0, 0
    needed, waiting = set(), [address_of(m) for m in NAMED.finditer(text)]
    while waiting:
        file = urljoin(address, waiting.pop())
        if file in needed:
            continue
        needed.add(file)
        if file not in known:
            size, kind, inside = await fetched(client, file)
            names = kind.startswith(("text/css", "text/javascript"))
            known[file] = size, [address_of(m) for m in NAMED.finditer(inside)] if names else []
        waiting += [urljoin(file, name) for name in known[file][1]]
    return page, page + sum(known[file][0] for file in needed)


def address_of(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


@pytest.mark.parametrize("role", [None, *Role])
async def test_no_page_is_too_heavy(site: Site, role: Role | None, known: Known) -> None:
    """Every address without a subject, as whoever may see it. Fonts that the style sheets name for
    other letters are counted, too, though a browser fetches them only when such a letter comes."""
    heavy = []
    held = frozenset({role}) if role else None
    async with site.client(ROLES[role] if role else None) as client:
        for (method, path), roles in TABLE.items():
            if method != "GET" or "{" in path or path.startswith(NO_PAGES):
                continue
            if not allowed(roles, held):
                continue
            page, whole = await weight(client, path, known)
            if page > AFTER or whole > FIRST:
                heavy.append((path, page, whole))
    assert heavy == []


async def test_the_search_and_a_venue_are_light_too(
    site: Site, anonymous: aiohttp.ClientSession, known: Known
) -> None:
    with site.hub.reading() as uow:
        venue = uow.venues.list()[0]
        service = next(s for s in uow.services.list() if not s.walk_in)
    for path in (
        f"/near?place={venue.town}&km=100&service_id={service.id}",
        f"/near?what=room&place={venue.town}&km=100",
        f"/near/{venue.id}?service_id={service.id}",
        f"/wait?service_id={service.id}&venue_id={venue.id}",
    ):
        page, whole = await weight(anonymous, path, known)
        assert page <= AFTER, path
        assert whole <= FIRST, path
