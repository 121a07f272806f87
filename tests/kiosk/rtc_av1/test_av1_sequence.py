"""The size in a sequence header: as SVT-AV1 writes it, as it may be written, and as garbage."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.av1 import obu, svt
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.sequence import largest_sizes
from kiosk.rtc.seeing.sizes import TooLarge, check_av1


class Written:
    """Bits, the most significant one first."""

    def __init__(self) -> None:
        self.bits = ""

    def put(self, count: int, value: int) -> None:
        self.bits += f"{value:0{count}b}"

    def unit(self, *, extension: bool) -> bytes:
        bits = self.bits + "1" + "0" * (-(len(self.bits) + 1) % 8)
        body = int(bits, 2).to_bytes(len(bits) // 8, "big")
        head = bytes([obu.SEQUENCE_HEADER << 3 | 4, 0x20] if extension else [1 << 3])
        return obu.sized(head + body)


def in_header(octets: bytes) -> bytes:
    return obu.sized(b"\x08" + octets)


@st.composite
def sequence_headers(draw: st.DrawFn) -> tuple[bytes, tuple[int, int]]:
    """AV1 specification, section 5.5.1, up to the size."""
    written = Written()

    def put(count: int) -> int:
        value = draw(st.integers(0, 2**count - 1))
        written.put(count, value)
        return value

    def uvlc() -> None:
        zeros = draw(st.integers(0, 34))
        written.put(zeros + 1, 1)
        if 0 < zeros < 32:
            put(zeros)

    put(3 + 1)
    if put(1):  # reduced_still_picture_header
        put(5)
    else:
        delay_bits = 0
        if put(1):
            put(64)
            if put(1):
                uvlc()
            if put(1):
                delay_bits = put(5) + 1
                put(32 + 5 + 5)
        display_delay = put(1)
        for _ in range(put(5) + 1):
            put(12)
            if put(5) > 7:
                put(1)
            if delay_bits and put(1):
                put(2 * delay_bits + 1)
            if display_delay and put(1):
                put(4)
    width_bits, height_bits = put(4) + 1, put(4) + 1
    size = put(width_bits) + 1, put(height_bits) + 1
    return written.unit(extension=draw(st.booleans())), size


@given(sequence_headers())
def test_any_sequence_header_tells_its_size(made: tuple[bytes, tuple[int, int]]) -> None:
    octets, size = made
    assert list(largest_sizes(octets)) == [size]
    assert list(largest_sizes(obu.sized(b"\x30frame") + octets + octets)) == [size, size]


@given(sequence_headers(), st.integers(0, 400))
def test_one_that_is_cut_short_is_malformed(
    made: tuple[bytes, tuple[int, int]], length: int
) -> None:
    (unit,) = obu.split(made[0])
    try:
        sizes = list(largest_sizes(obu.sized(unit.octets[: 2 + length])))
    except Malformed:
        return
    assert sizes == [made[1]]


@given(st.binary(max_size=600).flatmap(lambda octets: st.sampled_from([octets, in_header(octets)])))
def test_garbage_is_refused_and_nothing_worse(octets: bytes) -> None:
    with contextlib.suppress(Malformed, TooLarge):
        check_av1(octets)


def test_a_unit_of_very_many_parts_is_read_at_once() -> None:
    assert list(largest_sizes(b"\x32\x00" * 300_000)) == []


@pytest.mark.parametrize("size", [(640, 360), (176, 144), (1280, 720), (318, 182)])
def test_the_size_is_what_svt_av1_was_told(size: tuple[int, int]) -> None:
    width, height = size
    encoder = svt.Encoder(width, height, 500_000, preset=12)
    grey = np.full((height * 3 // 2, width), 128, np.uint8)
    first = encoder.encode(grey, whole=True)
    second = encoder.encode(grey, whole=False)
    encoder.close()
    assert list(largest_sizes(first)) == [size]
    assert list(largest_sizes(second)) == []
    check_av1(first)


def test_more_than_any_camera_is_refused() -> None:
    encoder = svt.Encoder(2576, 1456, 500_000, preset=12)
    whole = encoder.encode(np.full((1456 * 3 // 2, 2576), 128, np.uint8), whole=True)
    encoder.close()
    with pytest.raises(TooLarge, match="2576x1456"):
        check_av1(whole)
