"""A processor that cannot keep up gets smaller pictures; one that can again gets larger ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.rtc.sending.framing import PLAIN
from kiosk.rtc.sending.ladder import STEPS, Codec
from kiosk.rtc.sending.pictures import PictureCourse
from kiosk.rtc.sending.sharing import Sharer

CAMERA_S = 0.04
WIDE = Sharer(PLAIN).share(2_500_000, 0.0, 2_500_000, 0.0)
HIGH, VGA, FULL = 1280 * 720, 640 * 480, 640 * 360


class Filming:
    """A camera of 25 frames/s before an encoder that takes `ns` for each pixel."""

    def __init__(self, codec: Codec = "vp8", *, cheapest: bool = True) -> None:
        self.course = PictureCourse(codec)
        self._codec: Codec = codec
        self._cheapest = cheapest
        self.now = 0.0

    def film(self, seconds: float, ns: Callable[[int], float]) -> list[tuple[int, float]]:
        """Pixels and frames/s of what was ordered."""
        made = []
        for number in range(round(seconds / CAMERA_S)):
            self.now += CAMERA_S
            self.course.use(self._codec, "face", cheapest=self._cheapest)
            order = self.course.decide(self.now, WIDE, room=True)
            if order is not None:
                made.append((order.pixels, order.frames_per_s))
                self.course.took(order.pixels * ns(number) * 1e-9)
                self.course.coded(self.now, 3000, whole=order.whole, scaled=order.pixels < HIGH)
        return made


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_a_picture_that_takes_too_long_gets_smaller_by_one_step(codec: Codec) -> None:
    filming = Filming(codec)
    assert filming.film(1.0, lambda _: 30)[0] == (HIGH, 25), "28 of 40 ms"
    assert filming.course.limited_by == "none"
    made = filming.film(60.0, lambda _: 30)
    assert made.index((VGA, 25)) < 5 / CAMERA_S, "within a few seconds"
    assert set(made[200:]) == {(VGA, 25)}, "9 of 40 ms, and the larger one is not tried"
    assert filming.course.limited_by == "cpu"


def test_it_gets_smaller_until_it_fits_and_frames_go_with_it() -> None:
    made = Filming().film(60.0, lambda _: 110)
    three_quarters = 480 * 270
    steps = [(HIGH, 25), (VGA, 25), (FULL, 25), (FULL, 20), (three_quarters, 20)]
    assert list(dict.fromkeys(made)) == steps
    assert three_quarters * 110e-9 * 20 < 0.5 < FULL * 110e-9 * 20


def test_a_processor_that_is_free_again_is_used_again() -> None:
    filming = Filming()
    filming.film(30.0, lambda _: 30)
    made = filming.film(20.0, lambda _: 10)
    assert (made[0], made[-1]) == ((VGA, 25), (HIGH, 25))
    assert filming.course.limited_by == "none"


def test_the_odd_late_picture_changes_nothing() -> None:
    made = Filming().film(60.0, lambda number: 60 if number % 5 == 0 else 12)
    assert set(made) == {(HIGH, 25)}


def test_nothing_is_smaller_than_the_lowest_step() -> None:
    filming = Filming()
    made = filming.film(120.0, lambda _: 5000)
    lowest = STEPS["face"]["vp8"][-1]
    assert made[-1] == (lowest.width * lowest.height, lowest.frames_per_s)


def test_while_another_codec_or_preset_is_cheaper_the_picture_stays() -> None:
    made = Filming("av1", cheapest=False).film(30.0, lambda _: 150)
    assert set(made) == {(FULL, 25)}
