"""Sizes in AV1 headers: as SVT-AV1 writes them, as they may be written, and as garbage."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.av1 import obu, svt
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.picture_size import PictureSizes
from kiosk.rtc.seeing.sizes import TooLarge, check_av1


class Written:
    """Bits, the most significant one first."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.bits = ""

    def fixed(self, count: int, value: int) -> int:
        if count:
            self.bits += f"{value:0{count}b}"
        return value

    def put(self, count: int) -> int:
        return self.fixed(count, self._draw(st.integers(0, 2**count - 1)))

    def uvlc(self) -> None:
        zeros = self._draw(st.integers(0, 34))
        self.fixed(zeros + 1, 1)
        if 0 < zeros < 32:
            self.put(zeros)

    def unit(self, kind: int, layer: int | None) -> bytes:
        bits = self.bits + "1" + "0" * (-(len(self.bits) + 1) % 8)
        body = int(bits, 2).to_bytes(len(bits) // 8, "big")
        return obu.sized(bytes([kind << 3] if layer is None else [kind << 3 | 4, layer]) + body)


def in_header(octets: bytes) -> bytes:
    return obu.sized(b"\x08" + octets)


def sizes(temporal_unit: bytes) -> list[tuple[int, int]]:
    return list(PictureSizes().of(temporal_unit, whole=True))


Size = tuple[int, int]


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, Size, bytes, Size | None]:
    """A sequence header and a picture's header after it, with the size that each says.

    AV1 specification, sections 5.5.1, 5.5.2, 5.9.2, 5.9.5 and 5.9.7.
    """
    layers = st.none() | st.builds(
        lambda t, s: t << 5 | s << 3, st.integers(0, 7), st.integers(0, 3)
    )
    header, picture = Written(draw), Written(draw)
    put = header.put
    model = timed = even = delay_bits = removal = presentation = id_step = ids = 0
    points: list[tuple[int, int]] = []
    put(3 + 1)
    if still := put(1):  # reduced_still_picture_header
        put(5)
    else:
        if put(1):
            put(64)
            if even := put(1):
                header.uvlc()
            if model := put(1):
                delay_bits = put(5) + 1
                put(32)
                removal, presentation = put(5) + 1, put(5) + 1
        display_delay = put(1)
        for _ in range(put(5) + 1):
            layered = put(12)
            if put(5) > 7:
                put(1)
            if timed := put(1) if model else 0:
                put(2 * delay_bits + 1)
            points.append((layered, timed))
            if display_delay and put(1):
                put(4)
    width_bits, height_bits = put(4) + 1, put(4) + 1
    largest = put(width_bits) + 1, put(height_bits) + 1
    orders, tools, vectors = 0, 2, 2
    if not still:
        if ids := put(1):
            id_step = put(4) + 2
            ids = put(3) + 1 + id_step
        put(3 + 4)
        if ordered := put(1):
            put(2)
        tools = 2 if put(1) else put(1)
        if tools:
            vectors = 2 if put(1) else put(1)
        orders = put(3) + 1 if ordered else 0
    put(20)  # what follows is not read
    layer = draw(layers)
    first = header.unit(obu.SEQUENCE_HEADER, draw(layers))

    def own() -> Size | None:
        put = picture.put
        if still or put(1):
            return None
        kind, shown = put(2), put(1)
        if not shown:
            put(1)
        elif model and not even:
            put(presentation)
        begins = kind == 0 and shown
        resilient = 1 if kind == 3 or begins else put(1)
        put(1)
        if (put(1) if tools == 2 else tools) and vectors == 2:
            put(1)
        put(ids)
        if kind != 3 and not put(1):
            return None
        put(orders)
        if kind in (1, 3) and not resilient:
            put(3)
        if model and put(1):
            temporal, spatial = ((layer or 0) >> 5, (layer or 0) >> 3 & 3)
            for layered, timed in points:
                inside = layered >> temporal & 1 and layered >> (8 + spatial) & 1
                if timed and (not layered or inside):
                    put(removal)
        everything = begins or kind == 3 or put(8) == 255
        if (kind in (1, 3) or not everything) and resilient and orders:
            for _ in range(8):
                put(orders)
        if kind in (1, 3):
            short = put(1) if orders else 0
            if short:
                put(6)
            for _ in range(7):
                if not short:
                    put(3)
                put(id_step)
            if not resilient:
                for _ in range(7):
                    if put(1):
                        return None
        return put(width_bits) + 1, put(height_bits) + 1

    its_own = own()
    picture.put(20)
    which = draw(st.sampled_from([obu.FRAME_HEADER, obu.FRAME, obu.REDUNDANT_FRAME_HEADER]))
    return first, largest, picture.unit(which, layer), its_own


@given(streams())
def test_any_headers_tell_the_sizes_of_their_pictures(
    made: tuple[bytes, Size, bytes, Size | None],
) -> None:
    header, largest, picture, own = made
    told = [] if own is None else [own]
    assert sizes(header) == [largest]
    assert sizes(header + picture) == [largest, *told]
    stream = PictureSizes()
    list(stream.of(header, whole=True))
    assert list(stream.of(b"\x12\x00" + picture + picture, whole=False)) == told + told


@given(streams(), st.integers(0, 400))
def test_what_is_cut_short_is_malformed(
    made: tuple[bytes, Size, bytes, Size | None], length: int
) -> None:
    header, largest, picture, own = made
    (first,), (second,) = obu.split(header), obu.split(picture)
    with contextlib.suppress(Malformed):
        assert sizes(obu.sized(first.octets[: 2 + length])) == [largest]
    with contextlib.suppress(Malformed):
        cut = obu.sized(second.octets[: 2 + length])
        assert sizes(header + cut) in ([largest], [largest, own])


@given(streams())
def test_a_picture_needs_the_sequence_header_of_its_own_beginning(
    made: tuple[bytes, Size, bytes, Size | None],
) -> None:
    header, _, picture, _ = made
    stream = PictureSizes()
    with pytest.raises(Malformed):
        list(stream.of(picture, whole=False))
    list(stream.of(header, whole=True))
    with pytest.raises(Malformed):
        list(stream.of(picture + header, whole=True))


@given(st.binary(max_size=600).flatmap(lambda octets: st.sampled_from([octets, in_header(octets)])))
def test_garbage_is_refused_and_nothing_worse(octets: bytes) -> None:
    with contextlib.suppress(Malformed, TooLarge):
        check_av1(octets, PictureSizes(), whole=True)


def test_a_unit_of_very_many_parts_is_read_at_once() -> None:
    assert sizes(b"\x22\x00" * 300_000) == []


@pytest.mark.parametrize("size", [(640, 360), (176, 144), (1280, 720), (318, 182)])
def test_the_size_is_what_svt_av1_was_told(size: tuple[int, int]) -> None:
    width, height = size
    encoder = svt.Encoder(width, height, 500_000, preset=12)
    grey = np.full((height * 3 // 2, width), 128, np.uint8)
    units = [encoder.encode(grey, whole=not n) for n in range(3)]
    encoder.close()
    stream = PictureSizes()
    told = [list(stream.of(unit, whole=not n)) for n, unit in enumerate(units)]
    assert told == [[size], [], []]


def test_more_than_any_camera_is_refused() -> None:
    encoder = svt.Encoder(2576, 1456, 500_000, preset=12)
    whole = encoder.encode(np.full((1456 * 3 // 2, 2576), 128, np.uint8), whole=True)
    encoder.close()
    with pytest.raises(TooLarge, match="2576x1456"):
        check_av1(whole, PictureSizes(), whole=True)
