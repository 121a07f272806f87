from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.order import (
    GAP_S,
    PLI_EVERY_S,
    AudioOrder,
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
            b"key" if f in keys and i == 0 else b"",
        )
        for f in range(count)
        for i in range(per_frame)
    ]


def is_key(packet: Packet) -> bool:
    return packet.payload == b"key"


def run(packets: list[Packet], order: VideoOrder | None = None, step_s: float = 0.01) -> tuple:
    order = order or VideoOrder(is_key)
    asked, out = [], []
    for turn, packet in enumerate(packets):
        ask, complete = order.add(packet, turn * step_s)
        if ask:
            asked.append(turn)
        out += [frame[0].timestamp // 3600 for frame in complete]
        assert all(frame[-1].marker for frame in complete)
    return asked, out


def test_frames_leave_with_their_last_packet() -> None:
    order = VideoOrder(is_key)
    packets = frames(2, 3)
    assert [len(order.add(p, 0.0)[1]) for p in packets] == [0, 0, 1, 0, 0, 1]


def test_sequence_numbers_wrap() -> None:
    assert run(frames(6, 2, start=65530)) == ([], list(range(6)))


def test_reordered_packets_are_put_in_order() -> None:
    packets = frames(4, 2)
    packets[3], packets[5] = packets[5], packets[3]
    assert run(packets) == ([], [0, 1, 2, 3])


def test_a_packet_sent_again_in_time_mends_everything_at_once() -> None:
    packets = frames(5, 2)
    late = packets.pop(3)
    assert run([*packets, late]) == ([], [0, 1, 2, 3, 4])


def test_a_loss_that_is_not_mended_asks_for_a_whole_picture_once() -> None:
    packets = frames(80, 1, keys=(0, 70))
    del packets[5]
    asked, out = run(packets)
    assert len(asked) == 1
    assert asked[0] * 0.01 > GAP_S
    assert out == [*range(5), *range(70, 80)]


def test_the_question_is_repeated_while_no_whole_picture_comes() -> None:
    asked, out = run(frames(200, 1, keys=()))
    assert out == []
    assert len(asked) == int(199 * 0.01 / PLI_EVERY_S) + 1


def test_after_an_outage_there_is_no_waiting_for_what_is_gone() -> None:
    order = VideoOrder(is_key)
    run(frames(3, 2), order)
    far = frames(2, 2, start=3000, keys=())
    ask, out = order.add(far[0], 100.0)
    assert ask
    assert out == []
    key = frames(2, 2, start=3004)
    assert [len(order.add(p, 100.1)[1]) for p in key] == [0, 1, 0, 1]


def test_a_restart_waits_for_a_whole_picture() -> None:
    order = VideoOrder(is_key)
    run(frames(3, 1), order)
    order.restart()
    assert order.add(Packet(3, 9), 5.0) == (True, [])


def test_the_parameter_sets_before_the_picture_are_kept() -> None:
    # An H.264 whole picture: SPS and IDR both begin one, and the frame needs both.
    order = VideoOrder(is_key)
    order.add(Packet(9, 1), 0.0)
    order.add(Packet(11, 7, 1, b"key"), 0.0)  # IDR, before its SPS
    _, complete = order.add(Packet(10, 7, 0, b"key"), 0.0)
    assert complete == [] or len(complete[0]) == 2


@given(st.permutations(range(24)), st.sets(st.integers(0, 23), max_size=6))
def test_whatever_the_network_does_frames_are_whole_and_in_order(
    turns: list[int], lost: set[int]
) -> None:
    packets = frames(8, 3, start=65524, keys=(0, 3, 6))
    _, out = run([packets[i] for i in turns if i not in lost], step_s=0.3)
    assert out == sorted(set(out))
    assert not any({f * 3, f * 3 + 1, f * 3 + 2} & lost for f in out)


@given(st.lists(st.integers(0, 65535), max_size=300))
def test_memory_stays_bounded_and_nothing_raises(numbers: list[int]) -> None:
    video, audio = VideoOrder(is_key), AudioOrder()
    for turn, number in enumerate(numbers):
        packet = Packet(number, number // 3, number % 2, b"key" if number % 7 == 0 else b"")
        video.add(packet, turn * 0.01)
        audio.add(packet, turn * 0.01)
        assert len(video._held) <= 513
        assert len(audio._held) <= 3


def test_lost_sound_is_left_out_after_60_ms_and_latency_does_not_grow() -> None:
    order = AudioOrder()
    delays = []
    for number in range(200):
        if number in (20, 21, 90):
            continue
        _, pieces = order.add(Packet(number, number * 960), 0.0)
        delays += [number - piece[0].sequence_number for piece in pieces]
    assert max(delays) <= 3
    assert delays[-50:] == [0] * 50
    assert order.lost == 3


def test_unwrapping_follows_both_ways() -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(n) for n in (65534, 1, 65535, 2)] == [65534, 65537, 65535, 65538]


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
    assert not h264_key_start(bytes([0x7C, 0x05]))


@given(st.binary(max_size=8))
def test_no_payload_breaks_the_key_frame_test(payload: bytes) -> None:
    assert vp8_key_start(payload) in (True, False)
    assert h264_key_start(payload) in (True, False)
