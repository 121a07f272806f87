"""The price lists of a large territory: the page stays light, and every row is read and saved."""

from __future__ import annotations

import random
import re
from datetime import time
from decimal import Decimal

import pytest
from hub_site import Site
from test_page_weight import AFTER, FIRST, weight

from visiohub.booking import territory
from visiohub.booking.forms import VenueForm
from visiohub.booking.rooms.prices import TERRITORY, save_prices
from visiohub.domain.booking import PriceList
from visiohub.domain.model import OpeningRange, Venue
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import FirstUses, Grid, PassOffer, Quota, Rate, Tariff, Unit
from visiohub.storage.uow import UnitOfWork
from visiohub.web.inputs import MAX_PARTS, FormData
from visiohub.web.pages.rooms.price_form import PASSES, typed_prices

SEED, VENUES, OWN_LISTS = 6, 300, 100
PROFILES = ("occasionnel", "adhérent", "association", "service public", "entreprise", "étudiant")
CLASSES = ("bureau", "réunion", "conseil", "atelier", "formation", "visio")
RULE = CancellationRule(24, Decimal(50), Decimal(100))


def grid() -> Grid:
    """Every field of every row is filled, no two prices alike."""
    by_chance = random.Random(SEED)

    def euros() -> Decimal:
        return Decimal(by_chance.randrange(100, 30_000)) / 100

    def row(profile: str, room: str) -> Tariff:
        prices = [(unit, euros()) for unit in Unit]
        return Tariff(
            profile,
            room,
            tuple(Rate(unit, price, price + euros()) for unit, price in prices),
            session=euros(),
            page=euros(),
            free_weekdays=frozenset(range(7)),
            first_uses=FirstUses(by_chance.randrange(1, 9), by_chance.randrange(1, 9)),
            quota=Quota(by_chance.randrange(1, 90), by_chance.randrange(1, 900)),
        )

    return Grid(
        PROFILES,
        CLASSES,
        tuple(row(profile, room) for profile in PROFILES for room in CLASSES),
        vat_percent=Decimal(20),
        passes=tuple(
            PassOffer(f"carnet {n}", Unit.HALF_DAY, 10 + n, euros(), 365, frozenset(PROFILES[:3]))
            for n in range(PASSES.most)
        ),
        peak=tuple(OpeningRange(day, time(9), time(17)) for day in range(5)),
    )


@pytest.fixture(scope="module")
def one_of_many(site: Site) -> Venue:
    """A venue with a list of its own, as some others have."""

    def grow(uow: UnitOfWork) -> Venue:
        now, by = site.hub.clock(), uow.persons.list(login="coordination")[0]
        made: list[Venue] = []
        for n in range(VENUES):
            form = VenueForm(
                name=f"Mairie {n}", kind="Mairie", street="1 rue", postcode="05000",
                town=f"Commune {n}", latitude=44.5, longitude=6.5, phone="04 65 71 20 05",
            )  # fmt: skip
            made.append(territory.create(uow, form, None, now))
        kept = uow.price_lists.get(TERRITORY)
        save_prices(uow, None, grid(), RULE, kept.version, by, now)
        for venue in made[:OWN_LISTS]:
            save_prices(uow, venue.id, grid(), RULE, 0, by, now)
        return made[0]

    return site.do(grow)


async def test_the_page_is_light(site: Site, one_of_many: Venue) -> None:
    async with site.client("coordination") as client:
        for path in ("/prices", f"/prices?venue={one_of_many.id}"):
            page, whole = await weight(client, path, {})
            print(f"{path}: {page} B, with all files {whole} B, seed {SEED}")
            assert page <= AFTER
            assert whole <= FIRST


async def test_all_of_it_is_saved(site: Site, one_of_many: Venue) -> None:
    kept = PriceList(one_of_many.id, one_of_many.id, grid(), RULE, version=1)
    typed = typed_prices(kept)
    async with site.client("coordination") as client:
        address = f"/prices?venue={one_of_many.id}"
        async with client.post(address, data=typed, allow_redirects=False) as answer:
            assert answer.status == 303
    with site.hub.reading() as uow:
        found = uow.price_lists.get(one_of_many.id)
    assert (found.grid, found.cancellation, found.version) == (grid(), RULE, 2)


async def test_the_largest_list_is_posted_as_its_page_has_it(
    site: Site, one_of_many: Venue
) -> None:
    address = f"/prices?venue={one_of_many.id}"
    with site.hub.reading() as uow:
        kept = uow.price_lists.get(one_of_many.id)
    async with site.client("coordination") as client:
        async with client.get(address) as answer:
            text = await answer.text()
        tags = re.findall(r"<(?:input|select|textarea)[^>]*name=\"([^\"]*)\"", text)
        typed = FormData(typed_prices(kept))
        posted = [(name, typed.one(name)) for name in tags if name != "venue"]
        assert set(typed) <= {name for name, _ in posted}
        print(f"{len(posted)} parts of at most {MAX_PARTS}")
        assert len(posted) <= MAX_PARTS
        async with client.post(address, data=posted, allow_redirects=False) as answer:
            assert answer.status == 303
    with site.hub.reading() as uow:
        found = uow.price_lists.get(one_of_many.id)
    assert (found.grid, found.version) == (grid(), kept.version + 1)


async def test_a_venue_gets_its_own_list_from_its_page(site: Site, one_of_many: Venue) -> None:
    with site.hub.reading() as uow:
        other = next(v for v in uow.venues.list() if uow.price_lists.find(v.id) is None)
    async with site.client("coordination") as client:
        async with client.get("/prices") as answer:
            page = await answer.text()
        assert one_of_many.id in page
        assert other.id not in page
        async with client.get(f"/places/{other.id}") as answer:
            assert f'href="/prices?venue={other.id}"' in await answer.text()
        async with client.get(f"/prices?venue={other.id}") as answer:
            assert "Ce lieu suit la liste du territoire." in await answer.text()
    async with site.client("accueil-laragne") as client:
        with site.hub.reading() as uow:
            own = next(v for v in uow.venues.list() if v.town == "Laragne-Montéglin")
        async with client.get(f"/places/{own.id}") as answer:
            assert (answer.status, "/prices" in await answer.text()) == (200, False)
