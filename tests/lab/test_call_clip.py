"""The clip of measured calls: numbers that can be read, a loop without a cut; SSIM."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from bench.call.clip import HEIGHT, RATE, WIDTH, Clip, make, talking_head
from bench.call.ssim import ssim
from bench.film import FilmError, check, pictures
from bench.lines import LOOP_S
from kiosk.devices import files, frame_number
from kiosk.devices.specs import parse_spec


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return make(talking_head(), tmp_path_factory.mktemp("clip"))


def test_every_picture_bears_its_number(clip: Clip) -> None:
    assert [frame_number.read(clip.luma(n)) for n in range(clip.pictures)] == [
        *range(clip.pictures)
    ]


def film(path: Path, rate: int, count: int) -> Path:
    """Grey pictures, each a little lighter than the one before."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(count):
            grey = np.full((36, 64, 3), 40 + number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize("rate", [12, 15, 24, 25, 30, 50])
def test_films_of_any_rate_play_at_their_own_pace(rate: int, tmp_path: Path) -> None:
    taken = list(pictures(film(tmp_path / "film.mkv", rate, 3 * rate), RATE, 8.0))
    assert len(taken) == 3 * RATE
    for number, picture in enumerate(taken):
        # the one that the film shows then
        assert picture.mean() - 40 == pytest.approx((number + 0.5) / RATE * rate - 0.5, abs=2)


def test_no_more_of_a_film_is_taken_than_asked_for(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mkv", 15, 60)
    assert len(list(pictures(source, RATE, 2.4))) == 60


def test_a_short_film_is_played_until_late_pictures_are_told_from_early_ones(
    tmp_path: Path,
) -> None:
    clip = make(film(tmp_path / "film.mkv", 25, 50), tmp_path)
    assert clip.seconds >= LOOP_S
    assert [frame_number.read(clip.luma(n)) for n in range(clip.pictures)] == [
        *range(clip.pictures)
    ]
    assert len(clip.samples()) == clip.pictures * 48_000 // RATE


def test_what_is_no_film_is_refused_in_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film")
    still = film(tmp_path / "still.mkv", 25, 1)
    short = film(tmp_path / "short.mkv", 15, 29)
    for source, said in (
        (tmp_path / "none.mp4", "no such file"), (tmp_path, "no such file"),
        (text, "cannot be played"), (still, "shorter than 2 s"), (short, "shorter than 2 s"),
    ):  # fmt: skip
        with pytest.raises(FilmError, match=said):
            check(source)
        with pytest.raises(FilmError, match=said):
            make(source, tmp_path)
    check(film(tmp_path / "enough.mkv", 15, 30))


def test_picture_and_sound_loop_together(clip: Clip) -> None:
    assert len(clip.samples()) == clip.pictures * 48_000 // RATE
    assert clip.picture.stat().st_size > clip.pictures * WIDTH * HEIGHT * 3 // 2


def test_the_loop_has_no_cut(clip: Clip) -> None:
    def step(a: int, b: int) -> float:
        return float(np.abs(clip.luma(a).astype(int) - clip.luma(b)).mean())

    usual = np.median([step(n, n + 1) for n in range(0, clip.pictures - 1, 7)])
    assert step(clip.pictures - 1, 0) < 2 * usual


def test_the_kiosk_plays_it_as_a_camera(clip: Clip) -> None:
    stop = threading.Event()
    played = files.pictures(parse_spec("camera", f"file:{clip.picture}"), stop)
    (first, began), (second, then) = next(played), next(played)
    stop.set()
    numbers = [frame_number.read(frame.to_ndarray()[:HEIGHT]) for frame in (first, second)]
    assert numbers == [0, 1]
    assert then - began == pytest.approx(1 / RATE, abs=1e-3)


def test_the_kiosk_hears_it_piece_by_piece(clip: Clip) -> None:
    stop = threading.Event()
    heard = files.sounds(parse_spec("microphone", f"file:{clip.sound}"), stop)
    pieces = [(pcm, due, time.monotonic()) for (pcm, due), _ in zip(heard, range(12), strict=False)]
    stop.set()
    whole = np.concatenate([pcm for pcm, *_ in pieces])
    assert (whole == clip.samples()[: len(whole)]).all()
    for number, (_, due, came) in enumerate(pieces):
        assert due - pieces[0][1] == pytest.approx(number * 0.02, abs=1e-3)
        assert came >= due + 0.02 - 1e-3


def test_ssim_of_a_picture_with_itself_is_one(clip: Clip) -> None:
    assert ssim(clip.luma(3), clip.luma(3)) == pytest.approx(1)


def test_ssim_falls_with_what_is_lost(clip: Clip) -> None:
    picture = clip.luma(3)
    small = cv2.resize(picture, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
    tiny = cv2.resize(picture, (WIDTH // 16, HEIGHT // 16), interpolation=cv2.INTER_AREA)
    assert 1 > ssim(picture, small) > ssim(picture, tiny) > 0


def test_ssim_agrees_with_the_definition_on_flat_pictures() -> None:
    flat = np.full((HEIGHT, WIDTH), 100, np.uint8)
    darker = np.full((HEIGHT, WIDTH), 50, np.uint8)
    c1 = (0.01 * 255) ** 2
    assert ssim(flat, darker) == pytest.approx((2 * 100 * 50 + c1) / (100**2 + 50**2 + c1))
