"""Parts of a line for the calls on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality.budget import Both, Picture, call_budget, cost, cost_of, fits, usable
from visiohub.linkquality.cells import Encapsulation
from visiohub.linkquality.sharing import deal, deal_beside

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


CAPACITY = 1_000.0


def uploading(kept: Picture, booked: Picture) -> list[str]:
    """What one call shows at each reading of the counters, beside an upload that takes all that the
    call leaves of the line."""
    nothing, others, shows = Both(0, 0), Both(0, 0), []
    capacity = Both(8 * CAPACITY, CAPACITY)
    for _ in range(12):
        free = usable(capacity, capacity, nothing, nothing)
        now = usable(capacity, capacity, nothing, others)
        budget = call_budget(deal_beside(free, now, [booked], [kept], ADSL)[0], ADSL)
        assert budget is not None
        shows.append(budget.picture.value)
        others = Both(0, CAPACITY - cost_of(budget.audio.up, budget.video.up, ADSL).up)
    return shows


def test_an_upload_that_takes_what_a_call_gave_up_does_not_talk_it_down() -> None:
    assert uploading(Picture.STANDARD, Picture.STANDARD) == ["standard"] * 12
    assert uploading(Picture.STANDARD, Picture.NONE) == ["standard"] * 12, "without a booking"
    assert uploading(Picture.SMALL, Picture.SMALL)[-1] == "small", "what was booked, no less"


@given(
    st.lists(st.sampled_from(Picture), min_size=1, max_size=6),
    st.floats(-500, 20_000), st.floats(-500, 20_000), st.floats(0, 20_000),
)  # fmt: skip
def test_beside_others_no_more_is_dealt_out_than_the_line_has(
    booked: list[Picture], down: float, up: float, others: float
) -> None:
    free, now = Both(down, up), Both(down, up - others)
    parts = deal_beside(free, now, booked, booked, ADSL)
    assert sum(part.down for part in parts) <= down + 1e-6
    assert sum(part.up for part in parts) <= up + 1e-6
    costs = [cost(picture, ADSL) for picture in booked]
    if fits(free, costs):
        assert all(part.holds(one) for part, one in zip(parts, costs, strict=True))
