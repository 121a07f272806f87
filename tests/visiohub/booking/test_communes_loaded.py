"""Communes without a venue are known once the administrator loaded them; on both databases."""

from __future__ import annotations

from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking.communes import load_communes
from visiohub.booking.search_places import MOST_CHOICES, around, point_of, points_of
from visiohub.web.far_ends import far_end, names

pytestmark = on_both_databases
HEADS = "code_insee,nom_standard,codes_postaux,latitude_mairie,longitude_mairie\n"
COMMUNES = (
    "05170,Tallard,05130,44.462,6.054\n"
    "05092,Neffes,05130,44.482,6.016\n"
    "05132,Saint-Bonnet-en-Champsaur,05500,44.68,6.08\n"
    "05065,Guillestre,05600,44.66,6.65\n"
    '13055,Marseille,"13001, 13002",43.296,5.369\n'
)


def named(world: World, text: str) -> list[str]:
    return [point.named for point in world.see(points_of, text)]


def load(world: World, rows: str) -> object:
    return world.do(load_communes, (HEADS + rows).encode(), NOW)


def test_a_commune_without_a_venue_is_searched_near(world: World) -> None:
    assert named(world, "Tallard") == named(world, "05130") == []
    load(world, COMMUNES)
    for text in ("Tallard", "tallard", "TALL", "05130 Tallard", "Tallard (05130)"):
        assert named(world, text) == ["Tallard (05130)"], text
    assert named(world, "st bonnet en champsaur") == ["Saint-Bonnet-en-Champsaur (05500)"]
    assert named(world, "Saint-Bonnet") == ["Saint-Bonnet-en-Champsaur (05500)"]
    assert named(world, "05130") == ["05130"]  # the middle of two
    assert named(world, "marseille") == ["Marseille (13001)"]
    assert named(world, "13002") == ["Marseille (13002)"]
    point = world.see(point_of, "Tallard")
    assert [n.venue.town for n in world.see(around, point, 100)] == ["Guillestre", "Serres"]


def test_the_commune_stands_for_the_town_of_its_venues(world: World) -> None:
    load(world, COMMUNES)
    (point,) = world.see(points_of, "guillestre")
    assert (point.latitude, point.longitude) == (44.66, 6.65)
    assert named(world, "serres") == ["Serres (05600)"]  # of a venue alone


def test_a_far_end_that_is_suggested_is_known_among_communes_of_its_name(world: World) -> None:
    load(world, "05166,Serres,05700,44.43,5.71\n11378,Serres,11190,42.89,2.31\n")
    assert len(named(world, "Serres")) == 3
    suggested = world.see(lambda uow: names(uow.venues.list()))
    assert "Serres (05600)" in suggested
    here = world.see(far_end, "Serres (05600)")
    assert here is not None
    assert world.see(far_end, "serres") == here
    assert world.see(far_end, "Serres (11190)") == (42.89, 2.31)
    load(world, "05065,Guillestre,05600,44.66,6.65\n05165,Serrois,05700,44.4,5.7\n")
    assert world.see(far_end, "Lyon") == (45.76, 4.84)
    assert world.see(far_end, "05700") is not None


def test_a_new_file_takes_the_place_of_the_old_and_the_trail_says_so(world: World) -> None:
    load(world, COMMUNES)
    load(world, "05061,Gap,05000,44.55,6.07\n")
    assert named(world, "Tallard") == []
    assert named(world, "Gap") == ["Gap (05000)"]
    trail = world.see(lambda uow: uow.audit.list(action="communes.load"))
    assert sorted((e.before["communes"], e.after["communes"]) for e in trail) == [(0, 5), (5, 1)]


def test_with_a_problem_nothing_of_it_is_kept(world: World) -> None:
    load(world, COMMUNES)
    load(world, "05061,Gap,05000,44.55,6.07\n05061,,05000,44.55,6.07\n")
    assert named(world, "Tallard") == ["Tallard (05130)"]
    assert named(world, "Gap") == []


def test_a_whole_country_is_loaded_and_a_beginning_lists_some(world: World) -> None:
    names = ["Saint-" + "".join("abcdefghij"[int(d)] for d in f"{n:05}") for n in range(35_000)]
    rows = "".join(
        f"{n + 10_000},{name},{n + 10_000},45.{n % 90:02},3.1\n" for n, name in enumerate(names)
    )
    load(world, rows)
    assert world.see(lambda uow: uow.communes.count()) == 35_000
    assert len(named(world, "Saint")) == MOST_CHOICES
    assert named(world, names[34_999]) == [f"{names[34_999]} (44999)"]
