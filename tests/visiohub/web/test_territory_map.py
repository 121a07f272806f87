"""The map: north up, nothing outside its box, no two labels on each other."""

from __future__ import annotations

import random

import pytest

from visiohub.web.territory_map import LETTER, LINE, WIDTH, Map, Placed, Spot, drawn

GAP = Spot("Gap", 44.56, 6.08, "here")
SERRES = Spot("Serres", 44.43, 5.71, "free")
AIGUILLES = Spot("Aiguilles", 44.78, 6.87, "other")


def box(placed: Placed) -> tuple[float, float, float, float]:
    length = LETTER * len(placed.label)
    left = placed.label_x - {"start": 0, "middle": length / 2, "end": length}[placed.anchor]
    return left, placed.label_y - LINE + 4, left + length, placed.label_y + 4


def of(spots: list[Spot]) -> Map:
    found = drawn(spots)
    assert found is not None
    return found


def test_north_is_up_and_east_is_right() -> None:
    at = {p.spot.label: (p.x, p.y) for p in of([GAP, SERRES, AIGUILLES]).spots}
    assert at["Serres"][0] < at["Gap"][0] < at["Aiguilles"][0]
    assert at["Aiguilles"][1] < at["Gap"][1] < at["Serres"][1]


def test_a_label_at_the_edge_stands_aside_instead_of_being_cut() -> None:
    rosans, letters = Spot("Rosans", 44.39, 5.47, "free"), 1.5
    found = drawn([rosans, SERRES, GAP, AIGUILLES], letters=letters)
    assert found is not None
    [placed] = [p for p in found.spots if p.spot is rosans]
    half = LETTER * letters * len(placed.label) / 2
    assert placed.label
    assert placed.anchor == "middle"
    assert half <= placed.label_x <= WIDTH - half


def test_one_place_and_none() -> None:
    assert drawn([]) is None
    [alone] = of([GAP]).spots
    assert (alone.x, alone.label) == (WIDTH / 2, "Gap")


@pytest.mark.parametrize("count", [2, 40, 300])
def test_labels_do_not_meet_and_nothing_is_outside(count: int) -> None:
    chance = random.Random(count)
    kinds = ["free", "full", "other"]
    spots = [
        Spot(f"Commune {n}", chance.uniform(44.2, 44.9), chance.uniform(5.5, 6.8), kinds[n % 3])
        for n in range(count)
    ]
    found = of(spots)
    labels = [box(p) for p in found.spots if p.label]
    assert labels
    for p in found.spots:
        assert 0 <= p.x <= found.width
        assert 0 <= p.y <= found.height
    for n, one in enumerate(labels):
        for other in labels[:n]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1], (one, other)
