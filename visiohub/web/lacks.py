"""What the territory still lacks before everybody is served: the administrator's next steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from visiohub.booking import territory
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Lack:
    """One thing to do, and for whom: names with the addresses of the pages that mend it."""

    key: str
    things: tuple[tuple[str, str], ...]


def lacks(uow: UnitOfWork) -> list[Lack]:
    """What is missing, the most urgent first; nothing when all is in place."""
    venues = sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
    lined = {line.venue_id for line in uow.lines.list(active=True)}
    kiosks = uow.kiosks.list(active=True)
    people = uow.persons.list(active=True)
    found = (
        _lack("hours", ((v.name, f"/admin/venues/{v.id}") for v in venues if not v.opening)),
        _lack("kiosk", ((k.name, f"/admin/kiosks/{k.id}") for k in kiosks if not k.public_key)),
        _lack(
            "password",
            ((p.label, f"/admin/people/{p.id}") for p in people if not territory.has_password(p)),
        ),
        _lack(
            "line",
            ((v.name, f"/admin/lines/new?venue={v.id}") for v in venues if v.id not in lined),
        ),
    )
    return [lack for lack in found if lack.things]


def _lack(key: str, things: Iterable[tuple[str, str]]) -> Lack:
    return Lack(key, tuple(things))
