import os
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.devices import frame_number
from kiosk.devices.test_picture import Painter
from kiosk.rtc.av1 import payload, svt
from kiosk.rtc.av1.decoder import Decoder
from kiosk.rtc.coding import fit
from kiosk.rtc.sending.codec_choice import FINE_PRESET

WIDTH, HEIGHT = 320, 180


def picture(number: int) -> NDArray[np.uint8]:
    """Waves that move, with camera noise; 25 of them are a second."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = np.random.default_rng(number).normal(0, 2, (HEIGHT, WIDTH))
    waves = 128 + 60 * np.sin((x + 3 * number) / 20) + 40 * np.sin((y - 2 * number) / 15)
    i420 = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    i420[:HEIGHT] = (waves + noise).clip(0, 255)
    return i420


@pytest.fixture
def encoder():
    made = svt.Encoder(WIDTH, HEIGHT, 150_000)
    yield made
    made.close()


def psnr(seen: NDArray[np.uint8], given: NDArray[np.uint8]) -> float:
    difference = seen.astype(np.int16) - given
    return float(10 * np.log10(255**2 / np.mean(np.square(difference, dtype=np.int32))))


def is_whole(temporal_unit: bytes) -> bool:
    return payload.key_start(payload.packetize(temporal_unit, 1200)[0])


def test_the_library_in_the_wheel_is_the_one_we_know() -> None:
    assert svt.available() is None


def test_svt_rests_after_each_answer_however_soon_the_next_picture_comes(
    encoder: svt.Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rested = [100.0], list[float]()
    monkeypatch.setattr(svt.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(svt.time, "sleep", rested.append)
    encoder.encode(picture(0))
    encoder.encode(picture(1))
    clock[0] += 0.002
    encoder.encode(picture(2))
    clock[0] += 0.040
    encoder.encode(picture(3))
    assert rested == pytest.approx([0.0, 0.005, 0.003, 0.0])


def test_the_rate_changes_in_place_without_a_whole_picture(encoder: svt.Encoder) -> None:
    def seconds(first: int, count: int) -> list[bytes]:
        return [encoder.encode(picture(number)) for number in range(first, first + 25 * count)]

    def kbit_s(units: list[bytes]) -> float:
        return sum(map(len, units)) * 8 / 1000 / (len(units) / 25)

    before = seconds(0, 4)
    encoder.aim(50_000)
    settling, thin = seconds(100, 1), seconds(125, 3)
    encoder.aim(250_000)
    wide = seconds(200, 4)
    assert [is_whole(one) for one in before + settling + thin + wide] == [True] + [False] * 299
    assert 100 < kbit_s(before) < 200
    assert kbit_s(thin) < 70
    assert kbit_s(wide) > 170


def test_a_whole_picture_when_asked_and_a_new_decoder_begins_there(encoder: svt.Encoder) -> None:
    late = Decoder()
    shown = []
    for number in range(10):
        unit = encoder.encode(picture(number), whole=number == 6)
        if number >= 3:
            shown.append(len(late.decode(unit, whole=is_whole(unit))))
    assert shown == [0, 0, 0, 1, 1, 1, 1]


def test_what_is_decoded_looks_like_what_was_encoded(encoder: svt.Encoder) -> None:
    decoder = Decoder()
    for number in range(25):
        unit = encoder.encode(picture(number))
        (shown,) = decoder.decode(unit, whole=is_whole(unit))
    luma = shown.to_ndarray(format="yuv420p")[:HEIGHT].astype(float)
    assert np.abs(luma - picture(24)[:HEIGHT]).mean() < 8


def test_after_a_broken_unit_nothing_is_shown_until_a_whole_one(encoder: svt.Encoder) -> None:
    decoder = Decoder()
    first = encoder.encode(picture(0))
    decoder.decode(first, whole=True)
    second = encoder.encode(picture(1))
    with pytest.raises(av.FFmpegError):
        decoder.decode(second[: len(second) // 2], whole=False)
    assert decoder.decode(encoder.encode(picture(2)), whole=False) == []
    assert len(decoder.decode(encoder.encode(picture(3), whole=True), whole=True)) == 1


def test_the_fine_preset_leaves_no_part_of_a_picture_as_it_was() -> None:
    painter = Painter(640, 480)
    film = [
        fit(painter.paint(number, 1000 + number / 25), 640 * 360) for number in range(1407, 1437)
    ]
    height, width = film[0].shape[0] * 2 // 3, film[0].shape[1]
    encoder, decoder = svt.Encoder(width, height, 300_000, preset=FINE_PRESET), Decoder()
    for number, given in enumerate(film):
        (seen,) = decoder.decode(encoder.encode(given), whole=number == 0)
        luma = seen.to_ndarray()[:height]
        assert frame_number.read(luma) == 1407 + number
        assert psnr(luma, given[:height]) > 36
    encoder.close()


def test_a_picture_of_another_size_is_refused(encoder: svt.Encoder) -> None:
    with pytest.raises(svt.Av1Error, match="320x180"):
        encoder.encode(np.zeros((96, 64), np.uint8))


def test_no_thread_takes_real_time_priority(encoder: svt.Encoder) -> None:
    encoder.encode(picture(0))
    usual = os.sched_getscheduler(0)
    assert usual == os.SCHED_OTHER
    threads = [int(name) for name in os.listdir("/proc/self/task")]
    assert {os.sched_getscheduler(thread) for thread in threads} == {usual}


def test_a_wheel_without_the_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(svt.Av1Unavailable, match="no libSvtAv1Enc"):
        svt.load(tmp_path)
    (tmp_path / "libSvtAv1Enc.so").write_bytes(b"no library")
    with pytest.raises(svt.Av1Unavailable, match="does not load"):
        svt.load(tmp_path)
