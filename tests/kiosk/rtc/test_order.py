from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.order import (
    MOST_HELD,
    Unwrapper,
    VideoOrder,
    h264_key_start,
    vp8_key_start,
)


@dataclass(frozen=True)
class Packet:
    sequence_number: int
    timestamp: int
    marker: int = 0
    payload: bytes = b""


def frames(
    count: int, per_frame: int, start: int = 0, keys: tuple[int, ...] = (0,)
) -> list[Packet]:
    """`count` frames of `per_frame` packets; those in `keys` begin a whole picture."""
    return [
        Packet(
            (start + f * per_frame + i) & 0xFFFF,
            f * 3600,
            int(i == per_frame - 1),
            b"key" if f in keys and i == 0 else b"x",
        )
        for f in range(count)
        for i in range(per_frame)
    ]


def is_key(packet: Packet) -> bool:
    return packet.payload == b"key"


def run(packets: list[Packet], order: VideoOrder | None = None) -> list[int]:
    """Numbers of the pictures that came out."""
    order = order or VideoOrder(is_key)
    out = []
    for turn, packet in enumerate(packets):
        pictures = order.add(packet, turn * 0.01)
        out += [picture.timestamp // 3600 for picture in pictures]
        assert all(picture.packets[-1].marker for picture in pictures)
    return out


def test_pictures_leave_with_their_last_packet() -> None:
    order = VideoOrder(is_key)
    assert [len(order.add(p, 0.0)) for p in frames(2, 3)] == [0, 0, 1, 0, 0, 1]


def test_a_picture_knows_when_it_began_and_whether_it_is_whole() -> None:
    order = VideoOrder(is_key)
    pictures = [p for t, packet in enumerate(frames(2, 3)) for p in order.add(packet, t / 10)]
    assert [(p.began_at, p.whole) for p in pictures] == [(0.0, True), (0.3, False)]


def test_sequence_numbers_wrap() -> None:
    assert run(frames(6, 2, start=65530)) == list(range(6))


def test_reordered_packets_are_put_in_order() -> None:
    packets = frames(4, 2)
    packets[3], packets[5] = packets[5], packets[3]
    assert run(packets) == [0, 1, 2, 3]


def test_a_packet_sent_again_in_time_mends_everything_at_once() -> None:
    packets = frames(5, 2)
    late = packets.pop(3)
    assert run([*packets, late]) == [0, 1, 2, 3, 4]


def test_a_loss_that_is_not_mended_holds_until_a_whole_picture_is_complete() -> None:
    packets = frames(80, 2, keys=(0, 70))
    del packets[11]
    assert run(packets) == [*range(5), *range(70, 80)]


def test_a_whole_picture_that_is_not_complete_does_not_end_the_wait() -> None:
    packets = frames(30, 3, keys=(0, 20))
    late = packets.pop(15)
    hole = packets.pop(packets.index(next(p for p in packets if p.timestamp == 20 * 3600)) + 1)
    assert run([*packets, late, hole]) == list(range(30))


def test_a_picture_whose_marker_was_not_set_ends_with_the_next() -> None:
    packets = frames(3, 2)
    packets[1] = Packet(packets[1].sequence_number, packets[1].timestamp, 0, b"x")
    order = VideoOrder(is_key)
    assert [len(order.add(p, 0.0)) for p in packets] == [0, 0, 1, 1, 0, 1]


def test_padding_fills_its_place_and_shows_nothing() -> None:
    packets = frames(4, 2)
    first, rest = packets[:4], packets[4:]
    padding = [Packet(4 + i, first[-1].timestamp) for i in range(3)]
    moved = [replace(p, sequence_number=p.sequence_number + 3) for p in rest]
    assert run([*first, *padding, *moved]) == [0, 1, 2, 3]


def test_a_restart_waits_for_a_whole_picture() -> None:
    order = VideoOrder(is_key)
    run(frames(3, 1), order)
    assert order.next == 3
    order.restart()
    assert order.next is None
    assert order.add(Packet(3, 9, 1, b"x"), 5.0) == []
    assert len(order.add(Packet(4, 12, 1, b"key"), 5.0)) == 1


def test_the_parameter_sets_before_the_picture_are_kept() -> None:
    # An H.264 whole picture: SPS and IDR both begin one, and the picture needs both.
    order = VideoOrder(is_key)
    order.add(Packet(9, 1, 0, b"x"), 0.0)
    order.add(Packet(10, 7, 0, b"key"), 0.0)
    (complete,) = order.add(Packet(11, 7, 1, b"key"), 0.0)
    assert len(complete.packets) == 2


@given(st.permutations(range(24)), st.sets(st.integers(0, 23), max_size=6))
def test_whatever_the_network_does_pictures_are_whole_and_in_order(
    turns: list[int], lost: set[int]
) -> None:
    packets = frames(8, 3, start=65524, keys=(0, 3, 6))
    out = run([packets[i] for i in turns if i not in lost])
    assert out == sorted(set(out))
    assert not any({f * 3, f * 3 + 1, f * 3 + 2} & lost for f in out)


@given(st.lists(st.integers(0, 65535), max_size=300))
def test_memory_stays_bounded_and_nothing_raises(numbers: list[int]) -> None:
    order = VideoOrder(is_key)
    for turn, number in enumerate(numbers):
        key = b"key" if number % 7 == 0 else b""
        order.add(Packet(number, number // 3, number % 2, key), turn * 0.01)
        assert len(order._held) <= MOST_HELD
        assert order._key_starts <= order._held.keys()


def test_unwrapping_follows_both_ways() -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(n) for n in (65534, 1, 65535, 2)] == [65534, 65537, 65535, 65538]


def stap_a(*units: bytes) -> bytes:
    return bytes([24]) + b"".join(len(unit).to_bytes(2) + unit for unit in units)


def test_key_frames_are_told_apart() -> None:
    assert vp8_key_start(bytes([0x10, 0x00]))
    assert not vp8_key_start(bytes([0x10, 0x01]))  # inter frame
    assert not vp8_key_start(bytes([0x00, 0x00]))  # not the first packet
    assert vp8_key_start(bytes([0x90, 0x80, 0x81, 0x02, 0x00]))  # 15 bit picture id
    assert vp8_key_start(bytes([0x90, 0xF0, 0x01, 0x02, 0x03, 0x00]))
    assert not vp8_key_start(bytes([0x90, 0x80, 0x81]))
    assert h264_key_start(bytes([0x67, 0x42]))
    assert h264_key_start(bytes([0x65, 0x88]))
    assert not h264_key_start(bytes([0x41, 0x9A]))
    assert h264_key_start(bytes([0x78, 0x00, 0x10, 0x67]))
    assert h264_key_start(bytes([0x7C, 0x85]))
    sps, pps, idr = b"\x67abc", b"\x68ab", b"\x65" + b"x" * 50
    delimiter, sei, slice_ = b"\x09\xf0", b"\x06\x05\x01\x00\x80", b"\x41" + b"x" * 300
    assert h264_key_start(stap_a(delimiter, sps, pps, idr))
    assert h264_key_start(stap_a(sei, sps, pps, idr))
    assert h264_key_start(stap_a(pps, idr))
    assert not h264_key_start(stap_a(delimiter, sei, slice_))
    assert not h264_key_start(stap_a(delimiter, b"", slice_)[:9])
    assert not h264_key_start(bytes([0x7C, 0x05]))


@given(st.binary(max_size=8))
def test_no_payload_breaks_the_key_frame_test(payload: bytes) -> None:
    assert vp8_key_start(payload) in (True, False)
    assert h264_key_start(payload) in (True, False)
