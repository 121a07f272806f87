import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.av1 import obu, payload
from kiosk.rtc.av1.obu import Malformed

KINDS = (obu.SEQUENCE_HEADER, obu.FRAME, 3, 4, 5, 7)


def unit(kind: int, body: bytes, extension: int | None = None) -> bytes:
    head = bytes([kind << 3 | 0x02 | (0x04 if extension is not None else 0)])
    if extension is not None:
        head += bytes([extension])
    return head + obu.leb128(len(body)) + body


DELIMITER = unit(obu.TEMPORAL_DELIMITER, b"")
units = st.lists(
    st.builds(
        unit,
        st.sampled_from(KINDS),
        st.binary(max_size=4000),
        st.none() | st.integers(0, 255),
    ),
    min_size=1,
    max_size=9,
)


@given(units, st.integers(20, 1300))
def test_any_temporal_unit_comes_back_as_it_was(made: list[bytes], most: int) -> None:
    payloads = payload.packetize(DELIMITER + b"".join(made), most)
    assert all(2 <= len(piece) <= most for piece in payloads)
    assert payload.assemble(payloads) == b"".join(made)


@given(units, st.integers(20, 1300))
def test_the_first_packet_alone_says_that_a_sequence_begins(made: list[bytes], most: int) -> None:
    payloads = payload.packetize(b"".join(made), most)
    begins = any(obu.kind_of(one) == obu.SEQUENCE_HEADER for one in made)
    assert [payload.key_start(piece) for piece in payloads] == [
        begins and not index for index in range(len(payloads))
    ]


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_garbage_is_malformed_and_nothing_worse(payloads: list[bytes]) -> None:
    with contextlib.suppress(Malformed):
        payload.assemble(payloads)


@given(units, st.data())
def test_a_lost_fragment_is_noticed_or_leaves_whole_units(
    made: list[bytes], data: st.DataObject
) -> None:
    payloads = payload.packetize(b"".join(made), 200)
    lost = data.draw(st.integers(0, len(payloads) - 1))
    rest = payloads[:lost] + payloads[lost + 1 :]
    try:
        found = [one.octets for one in obu.split(payload.assemble(rest))]
    except Malformed:
        return
    whole = [one.octets for one in obu.split(b"".join(made))]
    assert all(one in whole for one in found)


def test_a_picture_of_very_many_units_is_refused_before_they_are_read() -> None:
    """512 packets of these took a fifth of a second, in which the event loop stood."""
    tiny = bytes([1, obu.PADDING << 3])
    assert payload.assemble([b"\x08" + 128 * tiny, b"\x00" + 128 * tiny])
    with pytest.raises(Malformed):
        payload.assemble([b"\x08" + 255 * tiny, *510 * [b"\x00" + 255 * tiny]])


@given(st.binary(max_size=80))
def test_splitting_garbage_is_malformed_and_nothing_worse(octets: bytes) -> None:
    with contextlib.suppress(Malformed):
        list(obu.split(octets))


@given(st.integers(0, 2**56 - 1))
def test_leb128_reads_what_it_writes(value: int) -> None:
    octets = obu.leb128(value)
    assert obu.read_leb128(octets + b"\xff", 0) == (value, len(octets))


def test_a_length_without_end_is_refused() -> None:
    with pytest.raises(Malformed):
        obu.read_leb128(b"\xff" * 9, 0)


def test_up_to_three_units_need_no_length_for_the_last() -> None:
    one = unit(obu.FRAME, b"abc")
    (piece,) = payload.packetize(one, 1200)
    assert piece == bytes([0x10, obu.FRAME << 3]) + b"abc"


def test_delimiters_and_padding_are_not_sent() -> None:
    made = DELIMITER + unit(obu.PADDING, b"\x00" * 50) + unit(obu.FRAME, b"abc")
    assert payload.assemble(payload.packetize(made, 1200)) == unit(obu.FRAME, b"abc")
