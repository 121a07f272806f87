from __future__ import annotations

import random

from arrivals import PACKET, TICK, NotingDecoder, payload
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.hearing.buffer import MOST_HELD
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.hearing.red import Block, pack, unpack


def test_a_packet_of_rfc_2198() -> None:
    data = bytes([0x80 | 111, 960 >> 6, (960 << 2 & 0xFF) | 0, 3, 111]) + b"oldnew!"
    assert unpack(data, 5000) == [Block(4040, b"old"), Block(5000, b"new!")]
    assert pack([Block(4040, b"old"), Block(5000, b"new!")], 111) == data


def test_without_copies() -> None:
    assert unpack(bytes([111]) + b"new", 5) == [Block(5, b"new")]
    assert pack([Block(5, b"new")], 111) == bytes([111]) + b"new"


def test_what_does_not_fit_its_header_is_left_out() -> None:
    own = Block(100_000, b"new")
    assert unpack(pack([Block(0, b"old"), Block(99_040, b"x" * 1024), own], 111), 100_000) == [own]


def test_time_wraps() -> None:
    blocks = [Block(0xFFFFFFFF - 959, b"old"), Block(0, b"new")]
    assert unpack(pack(blocks, 111), 0) == blocks


@given(
    st.integers(0, 0xFFFFFFFF),
    st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(min_size=1, max_size=40)), max_size=4),
    st.binary(min_size=1),
)
def test_there_and_back(own: int, copies: list[tuple[int, bytes]], data: bytes) -> None:
    blocks = [Block((own - back) & 0xFFFFFFFF, copy) for back, copy in copies]
    blocks.append(Block(own, data))
    assert unpack(pack(blocks, 63), own) == blocks


@given(st.binary(max_size=80))
def test_garbage_is_no_sound(data: bytes) -> None:
    assert all(len(block.payload) <= len(data) for block in unpack(data, 7))


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.binary())))
def test_garbage_never_ends_the_sound(packets: list[tuple[int, int, bytes]]) -> None:
    player = Player(NotingDecoder())
    for i, (sequence, timestamp, data) in enumerate(packets):
        player.put_red(sequence, timestamp, data, i * 0.01)
        assert player.held <= MOST_HELD
        assert len(player.pull(TICK, i * 0.01)) == TICK


def test_2_percent_of_loss_leaves_next_to_nothing_to_make_up() -> None:
    """Copies of everything: what is lost twice in a row is missing, 0.04 %."""
    dice = random.Random(6)
    decoder = NotingDecoder()
    player = Player(decoder)
    for tick in range(12000):
        now, index = tick * 0.010, tick // 2
        if tick % 2 == 0 and dice.random() > 0.02:
            blocks = [
                Block(i * PACKET & 0xFFFFFFFF, payload(i, spare=False))
                for i in (index - 1, index)
                if i >= 0
            ]
            player.put_red(index & 0xFFFF, index * PACKET, pack(blocks, 111), now)
        player.pull(TICK, now)
    assert player.totals.concealed / player.totals.samples <= 0.001
    assert player.totals.discarded == 0
    assert decoder.played == sorted(set(decoder.played))
