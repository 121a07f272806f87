"""Encoders whose rate changes in place, their payloads, and what guards them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs import depayload
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.test_picture import Painter
from kiosk.rtc.coding import (
    CODERS,
    I420,
    CodedPicture,
    PictureCoder,
    fit,
    libvpx,
    libx264,
    payloads,
    vpx,
    x264,
)
from kiosk.rtc.sending.pictures import Order

FULL = 640 * 360
PICTURES = [Painter(640, 360).paint(number, 1000 + number / 25) for number in range(25)]
_NOISE = np.random.default_rng(20261121)
NOISY = [
    np.clip(p.astype(np.int16) + _NOISE.integers(-6, 7, p.shape), 0, 255).astype(np.uint8)
    for p in PICTURES
]
DECODERS = {"VP8": Vp8Decoder, "H264": H264Decoder}


def order(bit_s: int, *, whole: bool = False, pixels: int = FULL, fps: float = 25) -> Order:
    return Order(pixels, bit_s, fps, whole, 900, 0.6)


def run(coder: PictureCoder, bit_s: int, pictures: int) -> list[CodedPicture]:
    made = (coder.encode(NOISY[n % 25], order(bit_s)) for n in range(pictures))
    return [coded for coded in made if coded is not None]


@pytest.mark.parametrize("name", CODERS)
def test_the_rate_changes_in_place_without_a_whole_picture(name: str) -> None:
    coder = CODERS[name]()
    first = run(coder, 400_000, 50)
    assert first[0].whole
    assert not any(coded.whole for coded in first[1:])
    for bit_s in (200_000, 420_000, 250_000, 300_000, 1_500_000, 120_000):
        settling = run(coder, bit_s, 25)
        settled = run(coder, bit_s, 50)
        assert not any(coded.whole for coded in settling + settled)
        assert sum(coded.octets for coded in settled) * 8 / 2 == pytest.approx(bit_s, rel=0.25)
    coder.close()


@pytest.mark.parametrize("name", CODERS)
def test_fewer_pictures_share_the_same_rate(name: str) -> None:
    coder = CODERS[name]()
    run(coder, 200_000, 25)
    made = [coder.encode(NOISY[n % 25], order(200_000, fps=12.5)) for n in range(50)]
    settled = [coded for coded in made[20:] if coded is not None]
    assert not any(coded.whole for coded in settled)
    assert sum(c.octets for c in settled) * 8 / (30 / 12.5) == pytest.approx(200_000, rel=0.25)
    coder.close()


@pytest.mark.parametrize("name", CODERS)
def test_what_is_sent_decodes_at_every_size(name: str) -> None:
    coder, decoder = CODERS[name](), DECODERS[name]()
    codec = RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=97)
    clock = count(0, 3600)
    for pixels, size in ((FULL, (640, 360)), (320 * 180, (320, 180)), (FULL, (640, 360))):
        for number in range(4):
            coded = coder.encode(PICTURES[number], order(300_000, pixels=pixels))
            assert coded is not None
            assert coded.whole == (number == 0)
            assert max(map(len, coded.payloads)) <= 900
            data = b"".join(depayload(codec, payload) for payload in coded.payloads)
            (shown,) = decoder.decode(JitterFrame(data, next(clock)))
            assert isinstance(shown, av.VideoFrame)
            assert (shown.width, shown.height) == (coded.width, coded.height) == size
    coder.close()


def test_a_whole_picture_when_asked_for() -> None:
    coder = CODERS["VP8"]()
    run(coder, 300_000, 10)
    coded = coder.encode(PICTURES[10], order(300_000, whole=True))
    assert coded is not None
    assert coded.whole
    assert coded.octets * 8 <= 0.7 * 300_000, "it is kept small"
    coder.close()


@pytest.mark.parametrize("name", CODERS)
def test_a_still_has_the_bits_of_its_whole_interval(name: str) -> None:
    coder = CODERS[name]()
    stills = [coder.encode(NOISY[n], order(12_000, whole=True, fps=0.25)) for n in range(3)]
    octets = [still.octets for still in stills if still is not None]
    assert len(octets) >= 2
    assert 1500 < max(octets) < 12_000
    coder.close()


def test_a_larger_camera_gets_a_new_encoder() -> None:
    coder = CODERS["VP8"]()
    small = fit(PICTURES[0], 320 * 180)
    assert coder.encode(small, order(300_000)) is not None
    coded = coder.encode(PICTURES[0], order(300_000))
    assert coded is not None
    assert (coded.whole, coded.width) == (True, 640)
    coder.close()


@pytest.mark.parametrize("shape", [(640, 480), (1280, 720), (320, 240), (176, 144)])
def test_scaling_keeps_the_shape_and_never_enlarges(shape: tuple[int, int]) -> None:
    width, height = shape
    picture: I420 = np.full((height * 3 // 2, width), 90, np.uint8)
    for pixels in (FULL, 480 * 270, 320 * 180):
        scaled = fit(picture, pixels)
        new_height, new_width = scaled.shape[0] * 2 // 3, scaled.shape[1]
        assert new_width * new_height <= max(1.06 * pixels, 1)
        assert new_width <= width
        assert new_width / new_height == pytest.approx(width / height, rel=0.05)
        assert new_width % 2 == new_height % 2 == 0
        assert scaled.max() == scaled.min() == 90


@given(st.binary(min_size=1, max_size=5000), st.integers(300, 1200), st.integers(0, 0xFFFF))
def test_a_picture_comes_together_again(data: bytes, most: int, picture_id: int) -> None:
    parts = payloads.vp8(data, picture_id, most)
    assert max(map(len, parts)) <= most
    assert b"".join(part[4:] for part in parts) == data
    assert [part[0] for part in parts] == [0x90] + [0x80] * (len(parts) - 1)
    unit = b"\x65" + data
    fragments = payloads.h264([unit], most)
    assert max(map(len, fragments)) <= most
    if len(fragments) == 1:
        assert fragments == [unit]
    else:
        assert b"".join(f[2:] for f in fragments) == data
        assert (fragments[0][1], fragments[-1][1]) == (0x85, 0x45)


def test_units_are_found_with_either_start_code() -> None:
    stream = b"\x00\x00\x00\x01\x67ab\x00\x00\x00\x01\x68c\x00\x00\x01\x65de"
    assert list(x264.units(stream)) == [b"\x67ab", b"\x68c", b"\x65de"]


@pytest.mark.parametrize(
    ("name", "load", "refusal"),
    [
        ("libvpx", libvpx.load, libvpx.VpxUnavailable),
        ("libx264", libx264.load, libx264.X264Unavailable),
    ],
)
def test_another_library_is_refused_by_name(
    tmp_path: Path, name: str, load: Callable[[Path], Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match=f"no {name} in"):
        load(tmp_path)
    (tmp_path / f"{name}-0.so").write_bytes(b"no library")
    with pytest.raises(refusal, match="does not load"):
        load(tmp_path)


def test_sizes_that_do_not_fit_are_refused() -> None:
    encoder = vpx.Encoder(64, 64, 50_000)
    with pytest.raises(vpx.VpxError, match="128x128 does not fit"):
        encoder.encode(np.zeros((192, 128), np.uint8))
    encoder.close()
    encoder.close()
    another = x264.Encoder(64, 64, 50_000)
    with pytest.raises(x264.X264Error, match="not 64x64"):
        another.encode(np.zeros((192, 128), np.uint8))
    another.close()
    another.close()
