"""The course of pictures: rhythm, whole ones, stills, sound alone; and what is known of a line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.line import MOST_BIT_S, Line
from kiosk.rtc.sending.budget import LEAST_BIT_S
from kiosk.rtc.sending.framing import PLAIN
from kiosk.rtc.sending.ladder import Codec, Content, Ladder, Moving
from kiosk.rtc.sending.pictures import Order, PictureCourse
from kiosk.rtc.sending.sharing import Sharer, Target
from kiosk.rtc.sending.spares import SpareCopies
from signaling.protocol.line_cards import BudgetCard

CAMERA_S = 0.04


def target(total_bit_s: float, most_bit_s: float = 0.0) -> Target:
    return Sharer(PLAIN).share(total_bit_s, 0.0, most_bit_s or total_bit_s, 0.0)


def film(
    course: PictureCourse,
    total_bit_s: float,
    begin: float,
    seconds: float,
    most_bit_s: float = 0.0,
) -> list[tuple[float, Order]]:
    """A camera of 25 frames/s before an encoder that does what it is told."""
    made = []
    for n in range(round(seconds / CAMERA_S)):
        now = begin + n * CAMERA_S
        order = course.decide(now, target(total_bit_s, most_bit_s), room=True)
        if order is not None:
            made.append((now, order))
            course.coded(now, 3000, whole=order.whole, scaled=order.pixels < 640 * 360)
    return made


@pytest.mark.parametrize(("kbit_s", "frames"), [(700, 25), (240, 20), (115, 15)])
def test_as_many_pictures_as_the_step_says_the_first_one_whole(kbit_s: int, frames: int) -> None:
    made = film(PictureCourse("vp8"), kbit_s * 1000, 0.0, 4.0)
    assert len(made) / 4 == pytest.approx(frames, abs=1)
    assert [order.whole for _, order in made].count(True) == 1
    assert made[0][1].whole


def test_what_moves_does_not_wait_for_the_time_of_the_next_still() -> None:
    course = PictureCourse("vp8")
    stills = film(course, 45_000, 0.0, 20.0)
    course.coded(20.0, 6000, whole=True, scaled=False)
    moving = film(course, 300_000, 20.0, 8.0)
    assert stills[-1][1].frames_per_s < 0.4, "the next one is due after 22.5 s"
    assert moving[0][1].frames_per_s > 1, "it does not even come"
    assert moving[0][0] < 20.0 + 2.5 + 3 * CAMERA_S, "as soon as the rate has held for 2.5 s"


def test_a_thin_line_gets_a_still_now_and_then_and_its_packets_have_time() -> None:
    made = film(PictureCourse("vp8"), 45_000, 0.0, 20.0)
    gaps = [after - before for (before, _), (after, _) in pairwise(made)]
    assert min(gaps) >= 2.0
    assert max(gaps) <= 8.1
    assert all(order.whole for _, order in made)
    assert all(order.patience_s >= gaps[0] for _, order in made)


def test_sound_alone_and_the_first_picture_after_it_is_whole() -> None:
    course = PictureCourse("vp8")
    film(course, 300_000, 0.0, 1.0)
    assert film(course, 28_000, 1.0, 5.0) == []
    assert course.limited_by == "bandwidth"
    again = film(course, 300_000, 6.0, 20.0)
    assert again[0][1].whole


@pytest.mark.parametrize("codec", ["vp8", "h264", "av1"])
def test_the_least_rate_is_left_to_speech_and_speech_alone_finds_the_way_back(codec: Codec) -> None:
    course = PictureCourse(codec)
    assert film(course, LEAST_BIT_S, 0.0, 20.0, MOST_BIT_S) == []
    speech_bit_s = target(LEAST_BIT_S).sound_bit_s
    # the rate rises as long as 70 % of it are used (aimd.py), and that must be enough
    assert film(course, speech_bit_s / 0.7, 20.0, 20.0, MOST_BIT_S) != []


def test_requests_for_whole_pictures_are_merged_and_spaced() -> None:
    course = PictureCourse("vp8")
    film(course, 300_000, 0.0, 2.0)
    whole = 0
    for n in range(50):
        course.request(2.0 + n * CAMERA_S, 0.05, 300_000)
        whole += sum(order.whole for _, order in film(course, 300_000, 2.0 + n * CAMERA_S, 0.04))
    assert 1 <= whole <= 6


def test_without_room_nothing_is_encoded_and_a_loss_makes_the_next_one_whole() -> None:
    course = PictureCourse("vp8")
    film(course, 300_000, 0.0, 2.0)
    assert course.decide(2.0, target(300_000), room=False) is None
    course.needed()
    order = course.decide(2.04, target(300_000), room=True)
    assert order is not None
    assert order.whole


def test_what_limits_the_picture_is_said() -> None:
    course = PictureCourse("vp8")
    assert course.limited_by == "none"
    film(course, 900_000, 0.0, 1.0)
    assert course.limited_by == "none"
    film(course, 150_000, 1.0, 2.0)
    assert course.limited_by == "bandwidth"


def test_a_line_begins_near_what_is_known_and_remembers_what_it_held() -> None:
    line = Line.of_kbit(512, 4000)
    assert line.budget(0.0).start_bit_s == pytest.approx(0.85 * 512_000)
    assert line.budget(0.0).most_bit_s == 512_000
    line.carried(200_000, 0.0)
    assert line.budget(0.0).start_bit_s == pytest.approx(170_000)
    assert Line().budget(0.0).start_bit_s == 300_000
    assert Line().budget(0.0).most_bit_s == MOST_BIT_S
    assert Line.of_kbit(most=100).budget(0.0).start_bit_s == 100_000


def test_a_small_share_is_not_remembered_as_what_the_line_carries() -> None:
    line = Line.of_kbit(up=1000)
    line.share(
        BudgetCard(picture="small", audio_kbit_s=24, video_up_kbit_s=60, video_down_kbit_s=60)
    )
    shared = line.budget(0.0).most_bit_s
    line.carried(shared, 0.0)
    line.share(None)
    assert line.budget(5.0).start_bit_s == 850_000


def test_a_page_held_to_the_camera_is_never_smaller_than_a_face() -> None:
    def area(codec: Codec, content: Content, kbit_s: int) -> int:
        choice = Ladder(codec, content).choose(0.0, kbit_s * 1000)
        assert isinstance(choice, Moving)
        return choice.width * choice.height

    codecs: tuple[Codec, ...] = ("vp8", "h264", "av1")
    for codec in codecs:
        for kbit_s in range(60, 2000, 20):
            assert area(codec, "page", kbit_s) >= area(codec, "face", kbit_s), (codec, kbit_s)


def test_a_thin_moment_is_where_to_begin_and_no_limit() -> None:
    line = Line.of_kbit(1000, 4000)
    line.carried(35_000, 100.0)
    assert line.budget(100.0).start_bit_s == LEAST_BIT_S
    assert line.budget(100.0).probe_bit_s == 1_000_000
    assert line.budget(220.0).start_bit_s == pytest.approx(4 * 0.85 * 35_000)
    assert line.budget(100_000.0).start_bit_s == pytest.approx(850_000)
    line = Line()
    line.carried(35_000, 0.0)
    assert line.budget(100_000.0).start_bit_s == 300_000
    line.carried(800_000, 0.0)
    assert line.budget(100_000.0).start_bit_s == pytest.approx(680_000)
    assert line.budget(0.0).probe_bit_s == MOST_BIT_S


def test_the_far_end_gets_nine_tenths_of_the_way_down_if_it_is_known() -> None:
    assert Line().far_most_bit_s is None
    assert Line.of_kbit(128, 512).far_most_bit_s == pytest.approx(460_800)
    assert Line.of_kbit(1000, 18_000).far_most_bit_s == MOST_BIT_S


def test_spare_copies_from_the_start_and_as_long_as_packets_are_lost() -> None:
    copies = SpareCopies()
    assert copies.loss_ratio(0.06, 0.0) == 0.06
    for second in range(60):
        copies.lost(0.0, second)
    assert copies.loss_ratio(0.06, 60) == 0.0
    for second in range(61, 70):
        copies.lost(0.08, second)
    assert 0.06 <= copies.loss_ratio(0.02, 70) <= 0.09
    assert copies.loss_ratio(0.02, 90) > 0
    assert copies.loss_ratio(0.02, 120) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0, 0.25))
def test_the_claimed_loss_keeps_its_bounds(losses: list[float], claim: float) -> None:
    copies = SpareCopies()
    for now, loss in enumerate(losses):
        copies.lost(loss, now)
        assert 0 <= copies.loss_ratio(claim, now) <= 0.25
