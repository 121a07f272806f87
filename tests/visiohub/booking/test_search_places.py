"""What a text names: a commune, one of several, none; on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import territory
from visiohub.booking.forms import VenueForm
from visiohub.booking.search_places import around, point_of, points_of
from visiohub.domain.model import Venue

pytestmark = on_both_databases


def venue(world: World, town: str, postcode: str, latitude: float, longitude: float) -> Venue:
    fields: dict[str, Any] = {"name": f"Mairie de {town} {latitude}", "kind": "mairie"}
    fields |= {"street": "Place", "phone": "04 65 71 20 05", "town": town, "postcode": postcode}
    form = VenueForm(**fields, latitude=latitude, longitude=longitude)
    made: Venue = world.do(territory.create, form, world.admin, NOW)
    return made


def named(world: World, text: str) -> list[str]:
    return [point.named for point in world.see(points_of, text)]


def test_communes_of_one_name_are_chosen_between_not_averaged(world: World) -> None:
    venue(world, "Serres", "11190", 42.88, 2.33)
    assert named(world, "serres") == ["Serres (05600)", "Serres (11190)"]
    assert world.see(point_of, "Serres") is None
    for text in ("Serres (11190)", "11190 serres", "11190"):
        (point,) = world.see(points_of, text)
        assert (point.latitude, point.longitude) == (42.88, 2.33)
        assert [n.venue.postcode for n in world.see(around, point, 30)] == ["11190"]


def test_venues_of_one_commune_have_a_middle(world: World) -> None:
    venue(world, "Gap", "05000", 44.55, 6.07)
    venue(world, "Gap", "05000", 44.57, 6.09)
    (point,) = world.see(points_of, "gap")
    assert point.named == "Gap (05000)"
    assert (point.latitude, point.longitude) == (pytest.approx(44.56), pytest.approx(6.08))


def test_communes_of_one_postcode_have_a_middle_too(world: World) -> None:
    venue(world, "Neffes", "05130", 44.48, 6.02)
    assert named(world, "05130") == ["Neffes (05130)"]
    venue(world, "Tallard", "05130", 44.46, 6.06)
    (point,) = world.see(points_of, "05130")
    assert point.named == "05130"
    assert (point.latitude, point.longitude) == (pytest.approx(44.47), pytest.approx(6.04))


def test_a_beginning_of_several_is_chosen_from_and_of_one_is_that_one(world: World) -> None:
    venue(world, "Saint-Firmin", "05800", 44.78, 6.03)
    venue(world, "Saint-Véran", "05350", 44.70, 6.87)
    assert (
        named(world, "Sain")
        == named(world, "St")
        == ["Saint-Firmin (05800)", "Saint-Véran (05350)"]
    )
    assert named(world, "st v") == ["Saint-Véran (05350)"]


@pytest.mark.parametrize("text", ["0", "05", "056", "0560", "056000", "G", "gu", "s", " ", "()"])
def test_few_letters_or_digits_choose_nothing(world: World, text: str) -> None:
    assert named(world, text) == []
