"""Speech whose packets carry the one before (RFC 2198): read, put in its place, and never asked for
again."""

from __future__ import annotations

import types
from collections.abc import Iterable

import numpy as np
import pytest
from arrivals import PACKET, TICK, NotingDecoder, payload
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.far import FarSound
from kiosk.rtc.hearing.buffer import MOST_HELD
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.hearing.redundancy import Spare, split

OPUS, RED = 111, 63
NO_SPARES = st.binary(max_size=40)


def joined(piece: bytes, before: Iterable[tuple[int, bytes]], kind: int = OPUS) -> bytes:
    """A payload as a sender makes it; `before`: how much earlier, and the piece; oldest first."""
    headers, blocks = b"", b""
    for earlier, old in before:
        headers += (0x80000000 | kind << 24 | earlier << 10 | len(old)).to_bytes(4)
        blocks += old
    return headers + bytes([OPUS]) + blocks + piece


def test_a_packet_is_read_as_the_rfc_draws_it() -> None:
    # 1|111|960|3, 0|111, three octets of the piece before, two of this one
    octets = bytes([0x80 | 111, 960 >> 6, (960 & 0x3F) << 2, 3, 111]) + b"old" + b"me"
    assert split(octets) == (b"me", (Spare(1, 960, b"old"),))
    assert split(bytes([111]) + b"alone") == (b"alone", ())


@given(NO_SPARES, st.lists(st.tuples(st.integers(0, 0x3FFF), NO_SPARES), max_size=8))
def test_what_was_joined_is_split(piece: bytes, before: list[tuple[int, bytes]]) -> None:
    found, spares = split(joined(piece, before))
    assert found == piece
    assert [(spare.earlier, spare.payload) for spare in spares] == before
    assert [spare.back for spare in spares] == [*range(len(before), 0, -1)]


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_passed_over(octets: bytes) -> None:
    piece, spares = split(octets)
    assert len(piece) + sum(len(spare.payload) for spare in spares) < max(1, len(octets))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        joined(b"me", [(960, b"old")])[:3],
        joined(b"me", [(960, b"old")])[:7],
        joined(b"me", [(960, b"old")], kind=8),
        joined(b"me", [(960, b"o")] * 9),
        b"\xff" * 40,
    ],
)
def test_what_makes_no_sense_is_nothing(octets: bytes) -> None:
    assert split(octets) == (b"", ())


def heard(lost: set[int], count: int = 500, late_s: float = 0.0) -> tuple[Player, NotingDecoder]:
    """A voice without Opus' own spare copies, each packet with the one before."""
    decoder = NotingDecoder()
    player = Player(decoder)
    for tick in range(2 * count):
        now = tick * 0.010
        index = tick // 2
        if tick % 2 == 0 and index not in lost:
            spares = [Spare(1, PACKET, payload(index - 1, spare=False))] if index else []
            came = now + (late_s if index % 3 == 0 else 0.0)
            player.put(index, index * PACKET, payload(index, spare=False), came, spares)
        player.pull(TICK, now)
    return player, decoder


def test_what_one_packet_lost_the_next_one_brings() -> None:
    lost = {*range(50, 490, 7)}
    player, decoder = heard(lost)
    assert player.totals.concealed == 0
    assert player.totals.spares_used == len(lost)
    assert decoder.played == [*range(len(decoder.played))], "each once, in order"
    assert player.target_s <= 0.065, "the copy is not later than what the wait has room for anyway"


def test_of_two_lost_in_a_row_one_is_made_up() -> None:
    player, decoder = heard({100, 101})
    assert 0 < player.totals.concealed <= 2 * PACKET
    assert 101 in decoder.played
    assert 100 not in decoder.played


def test_copies_of_what_is_there_change_nothing() -> None:
    player, decoder = heard(set(), late_s=0.005)
    assert (player.totals.spares_used, player.totals.concealed) == (0, 0)
    assert player.totals.w3c()["fecPacketsReceived"] == 499
    assert player.totals.discarded == 0
    assert decoder.played == [*range(len(decoder.played))]


def test_a_spare_of_garbage_is_no_sound() -> None:
    player = Player(NotingDecoder())
    player.put(0, 0, payload(0), 0.0)
    for tick in range(10):
        player.pull(TICK, tick * 0.01)
    held = player.held
    for spare in (Spare(1, PACKET, b""), Spare(1, 0x3FFF, payload(9)), Spare(3, 0, payload(9))):
        player.put(5, 5 * PACKET, payload(5), 0.1, [spare])
    assert player.held == held + 1
    assert np.isfinite(player.pull(TICK, 0.11)).all()


def test_while_nobody_plays_no_more_is_held_than_without_them() -> None:
    player = Player(NotingDecoder())
    player.put(0, 0, payload(0), 0.0)
    for tick in range(10):
        player.pull(TICK, tick * 0.01)
    for index in range(5, 2000):
        odd = [Spare(back, back * 960 - 240, payload(index)) for back in range(8, 0, -1)]
        player.put(index & 0xFFFF, index * PACKET, payload(index), 0.1, odd)
        assert player.held <= MOST_HELD


def packet(number: int, octets: bytes, kind: int = RED) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        ssrc=7, sequence_number=number & 0xFFFF, timestamp=number * PACKET & 0xFFFFFFFF,
        payload_type=kind, payload=octets,
    )  # fmt: skip


@pytest.mark.parametrize("first", [0, 65_534])
def test_what_a_copy_brings_is_not_asked_for(first: int) -> None:
    sound = FarSound()
    sound.redundant = {RED}
    asked: list[int] = []
    for index in range(10):
        now = index * 0.020
        if index not in (2, 5, 6):
            before = [(PACKET, payload(index - 1))] if index else []
            sound.packet(packet(first + index, joined(payload(index), before)), now)
        asked += sound.due(now + 0.001).nack
    assert asked == [first + 5 & 0xFFFF]
    assert sound.statistics()["fecPacketsReceived"] >= 7


def test_without_it_agreed_upon_a_packet_is_what_it_was() -> None:
    sound = FarSound()
    sound.packet(packet(0, payload(0), kind=OPUS), 0.0)
    assert sound.statistics()["fecPacketsReceived"] == 1, "libopus' own"
