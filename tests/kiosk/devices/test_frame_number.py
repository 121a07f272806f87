from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.devices import frame_number
from kiosk.devices.test_picture import Painter, stopped_picture, to_frame


@given(st.integers(0, 65535), st.sampled_from([(640, 480), (640, 360), (320, 180), (1280, 720)]))
@settings(max_examples=60, deadline=None)
def test_every_number_is_read_back_at_every_size(number: int, size: tuple[int, int]) -> None:
    luma = np.full((size[1], size[0]), 90, np.uint8)
    frame_number.draw(luma, number)
    assert frame_number.read(luma) == number


def test_the_cells_stand_where_the_docstring_says() -> None:
    cells = frame_number.cells_of(0x8001)
    assert cells[:2] == [True, False]
    assert cells[2] is True
    assert cells[17] is True
    assert not any(cells[3:17])
    assert cells[18:] == [False, True]  # two ones: even parity is 0


def test_a_single_wrong_cell_is_no_number() -> None:
    for cell in range(frame_number.CELLS):
        luma = np.zeros((480, 640), np.uint8)
        frame_number.draw(luma, 1234)
        left = round(cell * 640 / frame_number.CELLS)
        right = round((cell + 1) * 640 / frame_number.CELLS)
        luma[440:, left:right] = frame_number.WHITE + frame_number.BLACK - luma[440:, left:right]
        assert frame_number.read(luma) is None


def test_no_number_in_noise_flat_grey_or_a_tiny_picture() -> None:
    seed = 4
    noise = np.random.default_rng(seed).integers(0, 255, (480, 640), np.uint8)
    assert frame_number.read(noise) is None, f"seed {seed}"
    assert frame_number.read(np.full((480, 640), 128, np.uint8)) is None
    assert frame_number.read(np.zeros((20, 30), np.uint8)) is None
    assert frame_number.read(stopped_picture().to_ndarray()[:480]) is None


@pytest.mark.parametrize("bit_rate", [80_000, 200_000])
def test_numbers_and_sync_square_survive_a_thin_line(bit_rate: int) -> None:
    painter = Painter()
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 480, "yuv420p"
    encoder.bit_rate = bit_rate
    encoder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    decoder = av.CodecContext.create("libvpx", "r")
    read = []
    for number in range(60000, 60050):
        frame = to_frame(painter.paint(number, number / 25))
        frame.pts = number
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                luma = decoded.to_ndarray()[:480]
                small = cv2.resize(luma, (320, 240), interpolation=cv2.INTER_AREA)
                assert (luma[:24, :32].mean() > 128) == (number / 25 % 1 < frame_number.SYNC_S)
                read.append((frame_number.read(luma), frame_number.read(small)))
    assert read == [(n, n) for n in range(60000, 60050)]
