import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.rtc.sending.content import ContentReader

SHAPE = (360, 640)
NOISE = 2.0


def noisy(picture: NDArray[np.float64], number: int) -> NDArray[np.uint8]:
    """With the noise of a cheap camera."""
    noise = np.random.default_rng(number).normal(0, NOISE, SHAPE)
    return (picture + noise).clip(0, 255).astype(np.uint8)


def page(number: int) -> NDArray[np.uint8]:
    """Lines of strokes like small print on white paper."""
    rng = np.random.default_rng(1)
    picture = np.full(SHAPE, 225.0)
    for line in range(30, 330, 12):
        strokes = rng.random(560 // 2) < 0.45
        picture[line : line + 7, 40:600] -= 160 * np.repeat(strokes, 2)
    return noisy(picture, number)


def person(number: int) -> NDArray[np.uint8]:
    """A soft oval that sways and opens its mouth, before a plain wall with a shelf."""
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    centre = 320 + 12 * np.sin(number / 3)
    face = ((x - centre) / 90) ** 2 + ((y - 180) / 120) ** 2 < 1
    mouth = ((x - centre) / 25) ** 2 + ((y - 240) / (4 + 8 * (number % 2))) ** 2 < 1
    picture = 110 + 30 * x / 640 - 8.0 * (y > 300)
    picture = np.where(face, 180 - 20 * (y - 180) / 120, picture)
    return noisy(np.where(mouth, 70, picture), number)


def read(reader: ContentReader, pictures, start: float = 0.0) -> list[str]:
    return [reader.look(picture, start + 0.5 * index) for index, picture in enumerate(pictures)]


def test_a_person_is_a_face_all_along() -> None:
    assert set(read(ContentReader(), [person(n) for n in range(30)])) == {"face"}


def test_a_page_is_read_as_one_after_two_seconds_and_not_before() -> None:
    seen = read(ContentReader(), [page(n) for n in range(12)])
    assert seen[:5] == ["face"] * 5
    assert seen[5:] == ["page"] * 7


def test_the_page_is_taken_away_and_the_face_is_back_within_a_second() -> None:
    reader = ContentReader()
    read(reader, [page(n) for n in range(10)])
    assert read(reader, [person(n) for n in range(4)], 5.0)[-1] == "face"


def test_a_page_that_is_waved_about_is_no_page() -> None:
    waved = [np.roll(page(n), 37 * n, axis=1) for n in range(20)]
    assert set(read(ContentReader(), waved)) == {"face"}


def test_light_that_changes_over_a_still_page_is_no_motion() -> None:
    lit = [(page(n) * (0.8 + 0.02 * (n % 3))).astype(np.uint8) for n in range(12)]
    assert read(ContentReader(), lit)[-1] == "page"


@pytest.mark.parametrize("shape", [(90, 160), (360, 640), (1080, 1920), (2, 2)])
def test_any_size_of_picture_is_looked_at(shape: tuple[int, int]) -> None:
    reader = ContentReader()
    grey = np.full(shape, 128, np.uint8)
    assert read(reader, [grey] * 3) == ["face"] * 3


def test_a_change_of_size_is_no_motion_and_no_fault() -> None:
    reader = ContentReader()
    read(reader, [page(n) for n in range(10)])
    assert reader.look(page(11)[::2, ::2], 9.0) == "page"
