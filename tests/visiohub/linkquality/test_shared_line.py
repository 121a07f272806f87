"""Parts of a line for the calls on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality.budget import Both, Picture, call_budget, cost, fits
from visiohub.linkquality.cells import Encapsulation
from visiohub.linkquality.sharing import deal

ADSL = Encapsulation.PPPOE_LLC.value


def shown(left: float, *booked: Picture) -> list[str]:
    parts = deal(Both(left, left), booked, ADSL)
    return [found.picture.value if (found := call_budget(p, ADSL)) else "" for p in parts]


def test_who_was_promised_a_picture_has_it_before_who_agreed_to_sound() -> None:
    assert shown(500, Picture.STANDARD, Picture.NONE) == ["standard", "none"]
    assert shown(500, Picture.NONE, Picture.STANDARD) == ["none", "standard"]
    assert shown(1_200, Picture.STANDARD, Picture.NONE) == ["standard", "standard"]


def test_where_the_line_has_fallen_sound_comes_first() -> None:
    assert shown(300, Picture.STANDARD, Picture.NONE) == ["small", "none"]
    assert shown(180, Picture.STANDARD, Picture.NONE) == ["none", "none"]
    assert shown(100, Picture.STANDARD, Picture.NONE) == ["", ""]


@given(
    st.lists(st.sampled_from(Picture), min_size=1, max_size=6),
    st.floats(-500, 20_000), st.floats(-500, 20_000),
)  # fmt: skip
def test_no_more_is_dealt_out_than_there_is_and_what_was_booked_is_kept(
    booked: list[Picture], down: float, up: float
) -> None:
    left = Both(down, up)
    parts = deal(left, booked, ADSL)
    assert sum(part.down for part in parts) == pytest.approx(down)
    assert sum(part.up for part in parts) == pytest.approx(up)
    costs = [cost(picture, ADSL) for picture in booked]
    if fits(left, costs):
        assert all(part.holds(one) for part, one in zip(parts, costs, strict=True))
    if fits(left, [cost(Picture.NONE, ADSL)] * len(booked)):
        sound = cost(Picture.NONE, ADSL) - Both(1e-6, 1e-6)
        assert all(part.holds(sound) for part in parts)
