"""No page weighs more than thin lines carry: what a browser fetches for it, compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any
from urllib.parse import urljoin

import aiohttp
import pytest
from hub_site import ROLES, Site

from visiohub.booking import waiting
from visiohub.booking.imports import uploads
from visiohub.booking.online import OnlineForm, book_online
from visiohub.booking.planning import doors
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import Role
from visiohub.web.permissions import TABLE, allowed

FIRST, AFTER = 150_000, 20_000
"""Bytes on the wire: of a page and all that it needs when nothing is known yet, and of each page
once the files that all pages share are in the browser's cache."""
NO_PAGES = ("/static/", "/api/", "/signaling/", "/ndt/", "/metrics", "/healthz", "/readyz")
NAMED = re.compile(r"""(?:href|src)="(/static/[^"#]+)|url\("?([^")]+)"?\)|from "(\.[^"]+)\"""")


async def fetched(client: aiohttp.ClientSession, address: str) -> tuple[int, str, str]:
    """Bytes of the body as it came, its type, its text; no type: it is not there."""
    async with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        body = await answer.read()
        text = body.decode("utf-8", "replace")
        size = int(answer.headers.get("Content-Length", len(body)))
        return size, answer.content_type if answer.status == 200 else "", text


Known = dict[str, tuple[int, list[str]]]
"""Bytes of each file that was fetched once, and what it names."""


@pytest.fixture(scope="module")
def known() -> Known:
    return {}


async def weight(client: aiohttp.ClientSession, address: str, known: Known) -> tuple[int, int]:
    """Bytes of a page alone, and with every file that it names, and those name in turn; 0: it is no
    page, or not there."""
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


DURING_A_CALL = {
    "/agent/call/{call_id}",
    "/agent/call/{call_id}/card",
    "/bookings/call/{call_id}",
    "/bookings/call/{call_id}/card",
}
"""There while somebody is on the line alone."""
NO_HTML = (".csv", ".json", ".ics", ".pdf", "/pdf", "/sample/{kind}", "speed-ticket")
MOST = 12
"""Subjects that are asked for until one of a page is its reader's."""


def opened_by_keys(site: Site) -> dict[str, str]:
    """Pages whose address is a secret, made for this test."""
    now = site.hub.clock()
    with site.hub.reading() as uow:
        near = [Near(venue) for venue in uow.venues.list(active=True)]
        found = next(
            (service, venue.near.venue, venue.slots[0])
            for service in uow.services.list(active=True)
            for venue in first_free(uow, service, near, now, now + AHEAD, now, 1)
            if venue.slots
        )
        admin = uow.persons.list(login="admin")[0]
        room = uow.rooms.list(active=True)[0]
    service, venue, slot = found
    places = {"service_id": service.id}
    form = OnlineForm(venue_id=venue.id, starts_at=slot.starts_at, **places)
    mine, waits = new_token(), new_token()
    booked = site.run(site.hub.run_hashing(book_online, form, mine, "192.0.2.8", now))
    wish = WaitingForm(venue_ids=(venue.id,), not_after=now + AHEAD, **places)
    entry = site.do(waiting.join, wish, waits, "192.0.2.8", "fr", now)
    upload = site.do(uploads.send, "venues", "lieux.csv", b"Nom;Commune\nMairie;Gap", admin, now)
    return {
        "/my/{appointment_id}": f"/my/{booked.appointment_id}?key={mine}",
        "/wait/{entry_id}": f"/wait/{entry.id}?key={waits}",
        "/waiting/{entry_id}": f"/waiting/{entry.id}",
        "/door/{token}": f"/door/{site.do(doors.give_address, room.id, admin, now)}",
        "/admin/imports/{upload_id}": f"/admin/imports/{upload.id}",
    }


def subjects(site: Site) -> dict[str, list[str]]:
    """What may stand in the places of an address, the newest first."""
    month = f"{site.hub.clock():%Y-%m}"
    with site.hub.reading() as uow:
        kept: dict[str, Sequence[Any]] = {
            "venue_id": uow.venues.list(),
            "line_id": uow.lines.list(),
            "kiosk_id": uow.kiosks.list(),
            "permanence_id": uow.permanences.list(),
            "appointment_id": uow.appointments.list(state="booked"),
            "booking_id": uow.bookings.list(),
            "booked_room_id": uow.booked_rooms.list(),
            "membership_id": uow.memberships.list(),
            "organisation_id": uow.organisations.list(),
            "place_id": uow.venues.list(),
            "payer_id": uow.memberships.list(organisation_id=None),
            "subject_id": uow.persons.list(),
        }
    ids = {name: [one.id for one in reversed(things)] for name, things in kept.items()}
    forms = {"form": ["note", "works", "test"], "series": ["delays"], "month": [month]}
    return {**ids, **forms, "kind": ["people"], "who": ["staff"]}


def addresses(path: str, known: dict[str, list[str]]) -> Iterator[str]:
    """With each subject in its place."""
    names = re.findall(r"{(\w+)}", path)
    for values in islice(product(*(known[name] for name in names)), MOST):
        yield path.format(**dict(zip(names, values, strict=True)))


async def test_pages_of_one_subject_are_light_too(site: Site, known: Known) -> None:
    """Each as somebody who may see it; none is passed over for want of a subject."""
    secret, things = opened_by_keys(site), subjects(site)
    heavy, unseen = [], set()
    for (method, path), roles in TABLE.items():
        if method != "GET" or "{" not in path or path.startswith(NO_PAGES):
            continue
        if path in DURING_A_CALL or path.endswith(NO_HTML):
            continue
        readers: list[Role | None] = [None] if roles is None else sorted(roles)
        sizes = (0, 0)
        for role in readers:
            async with site.client(ROLES[role] if role else None) as client:
                asked = [secret[path]] if path in secret else addresses(path, things)
                for address in asked:
                    sizes = await weight(client, address, known)
                    if sizes != (0, 0):
                        break
            if sizes != (0, 0):
                break
        if sizes == (0, 0):
            unseen.add(path)
        if sizes[0] > AFTER or sizes[1] > FIRST:
            heavy.append((path, *sizes))
    assert heavy == []
    assert unseen == set()
