"""A page asks the database as often in a territory with twenty-eight venues more."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from hub_site import Site
from hub_statements import statements

from visiohub.booking import territory
from visiohub.booking.forms import KioskForm, LineForm, RangeForm, RoomForm, VenueForm
from visiohub.domain.model import LineKind
from visiohub.storage.uow import UnitOfWork

MORE = 28
"""Venues."""
MOST = 40
"""Statements of one page."""
PAGES = (
    ("/", None),
    ("/venues", "coordination"),
    ("/near?what=room", None),
    ("/near?what=appointment&service_id={service}", None),
    ("/bookings/new", "professionnel"),
    ("/appointments", "coordination"),
    ("/appointments/new", "social"),
    ("/kiosks", "admin"),
)


def grow(uow: UnitOfWork, now: datetime) -> None:
    """So many venues more, each with two rooms, a kiosk and a line."""

    def made(form: Any) -> Any:
        return territory.create(uow, form, None, now)

    for n in range(MORE):
        venue = made(
            VenueForm(
                name=f"Mairie {n}",
                kind="Mairie",
                street="1 rue du Four",
                postcode="05600",
                town=f"Commune {n}",
                latitude=44.5 + n / 100,
                longitude=6.5,
                phone="04 65 71 20 05",
                opening=tuple(
                    RangeForm(weekday=day, opens=time(8), closes=time(17)) for day in range(5)
                ),
            )
        )
        visio, _other = (
            made(RoomForm(venue_id=venue.id, name=name, capacity=3)) for name in ("Visio", "Étage")
        )
        made(KioskForm(room_id=visio.id, name="Borne"))
        made(LineForm(venue_id=venue.id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000))


async def counted(site: Site, service_id: str) -> dict[str, int]:
    """By page, how many statements it takes once it was read: the fewest, as the hub's jobs ask
    their own things beside it."""
    counts = {}
    for page, login in PAGES:
        took = []
        async with site.client(login) as client:
            for _ in range(5):
                with statements(site.hub) as found:
                    async with client.get(page.format(service=service_id)) as answer:
                        assert (answer.status, answer.url.path) == (200, page.partition("?")[0])
                        await answer.read()
                took.append(len(found))
        counts[page] = min(took[1:])
    return counts


async def test_as_many_statements_however_many_venues(site: Site) -> None:
    with site.hub.reading() as uow:
        service_id = uow.services.list(active=True)[0].id
    await counted(site, service_id)  # a hub that has just begun asks more beside it
    before = await counted(site, service_id)
    with site.hub.uow() as uow:
        grow(uow, site.hub.clock())
        uow.commit()
    await counted(site, service_id)  # as does one in which so much has just changed
    assert await counted(site, service_id) == before
    assert max(before.values()) <= MOST, before
