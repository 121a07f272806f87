"""How a kiosk and the hub agree on a train and its arrivals, as sealed octets. Pure.

A train towards the kiosk is asked for twice: the first asking is answered by a challenge as long as
it, whose cookie the second one brings back. So nobody has a train sent to an address that does not
answer, and nothing is sent twice. Arrivals of a train towards the hub are asked for in a packet as
long as the answer, those of a long one page by page. Who needs the line has the rest of a train
kept back; that is not answered. Numbers are in network order; a train's
number has the session's in its upper half, which is how the key is found.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from visiohub.linkquality.frame import NotOfTrain
from visiohub.linkquality.train import (
    LONGEST_OCTETS,
    MOST_PACKETS,
    PACKET_OCTETS,
    Train,
    spaced,
)

MAGIC = b"VHC1"
FAMILY = b"VH"
"""Begins all packets of trains; a STAMP packet begins with its number, which is never so great."""
_TAG = 16
_ASK = struct.Struct(">4sBBHIHHQ16s")
_HEAD = struct.Struct(">4sBBHI")
_ARRIVAL = struct.Struct(">HQ")
NO_COOKIE = bytes(16)
_MOST_STEP_NS = 100_000_000
_LONGEST_S = 70.0
"""Of the longest train that is planned for the slowest line, 64 s."""
_LEAST_OCTETS = 100
PAGE = MOST_PACKETS
"""Arrivals in a packet."""


class Kind(IntEnum):
    """What a packet says."""

    ASK = 1
    CHALLENGE = 2
    ARRIVALS_WANTED = 3
    ARRIVALS = 4
    STOP = 5


@dataclass(frozen=True)
class Order:
    """A train that is asked for: `front` packets at once, `tail` after it, `step_ns` apart."""

    train: int
    front: int
    tail: int
    step_ns: int
    octets: int = PACKET_OCTETS
    in_call: bool = False
    cookie: bytes = NO_COOKIE

    @classmethod
    def of(cls, number: int, train: Train) -> Order:
        """For a train that linkquality.train planned."""
        tail = [offset for offset in train.offsets_s if offset > 0]
        step_ns = round(tail[0] * 1e9) if tail else 0
        front = len(train.offsets_s) - len(tail)
        return cls(number, front, len(tail), step_ns, train.octets, train.in_call)

    @property
    def plan(self) -> Train:
        """The train itself. Raises NotOfTrain for what nobody may ask for."""
        packets = self.front + self.tail
        if not (packets and _LEAST_OCTETS <= self.octets <= PACKET_OCTETS):
            raise NotOfTrain("no train has such packets")
        if packets * self.octets > LONGEST_OCTETS or self.step_ns > _MOST_STEP_NS:
            raise NotOfTrain(f"{packets} packets of {self.octets} octets are too many")
        offsets = spaced(self.front, self.tail, self.step_ns / 1e9)
        if offsets[-1] > _LONGEST_S:
            raise NotOfTrain(f"{offsets[-1]:.0f} s are too long")
        return Train(offsets, self.octets, self.in_call)


def number_of(session: int, train: int) -> int:
    """A train's number: the session's, then its own."""
    return (session & 0xFFFF) << 16 | train & 0xFFFF


def session_of(payload: bytes) -> int:
    """The session, to find the key by, before anything is believed; NotOfTrain."""
    at = 8
    if len(payload) < _HEAD.size or payload[:2] != FAMILY:
        raise NotOfTrain(f"{len(payload)} octets of something else")
    # a car (visiohub/linkquality/frame.py) has its train's number where its magic ends
    if payload[:4] != MAGIC:
        at = 4
    return int.from_bytes(payload[at : at + 2], "big")


def kind_of(payload: bytes) -> Kind | None:
    """What it claims to say; None for a packet of a train itself, or nothing known."""
    known = payload[:4] == MAGIC and len(payload) > 4 and payload[4] in tuple(Kind)
    return Kind(payload[4]) if known else None


def pack_order(kind: Kind, order: Order, key: bytes) -> bytes:
    """An ASK, or the CHALLENGE that answers it: both are equally long."""
    head = _ASK.pack(
        MAGIC, kind, order.in_call, order.octets, order.train, order.front, order.tail,
        order.step_ns, order.cookie,
    )  # fmt: skip
    return head + _seal(head, key)


def unpack_order(payload: bytes, key: bytes) -> Order:
    """Raises NotOfTrain for what is too short, of something else, or forged."""
    if len(payload) != _ASK.size + _TAG:
        raise NotOfTrain(f"{len(payload)} octets are no order")
    _check(payload[: _ASK.size], payload[_ASK.size :], key)
    _, _, in_call, octets, train, front, tail, step_ns, cookie = _ASK.unpack_from(payload)
    return Order(train, front, tail, step_ns, octets, bool(in_call), cookie)


def pack_wanted(train: int, packets: int, key: bytes, page: int = 0) -> bytes:
    """Asks for the arrivals of so many packets, PAGE at most; as long as the answer may be."""
    head = _HEAD.pack(MAGIC, Kind.ARRIVALS_WANTED, page, packets, train)
    return (head + _seal(head, key)).ljust(_HEAD.size + packets * _ARRIVAL.size + _TAG, b"\0")


def unpack_wanted(payload: bytes, key: bytes) -> tuple[int, int, int]:
    """(train, page, how many arrivals fit into an answer that is no longer); NotOfTrain."""
    if len(payload) < _HEAD.size + _TAG:
        raise NotOfTrain(f"{len(payload)} octets ask for nothing")
    head = payload[: _HEAD.size]
    _check(head, payload[_HEAD.size : _HEAD.size + _TAG], key)
    _, _, page, packets, train = _HEAD.unpack(head)
    return train, page, min(packets, (len(payload) - _HEAD.size - _TAG) // _ARRIVAL.size)


def pack_stop(train: int, key: bytes) -> bytes:
    """Asks for no more of this train; not answered."""
    head = _HEAD.pack(MAGIC, Kind.STOP, 0, 0, train)
    return head + _seal(head, key)


def unpack_stop(payload: bytes, key: bytes) -> int:
    """The train's number. Raises NotOfTrain."""
    if len(payload) != _HEAD.size + _TAG:
        raise NotOfTrain(f"{len(payload)} octets stop nothing")
    _check(payload[: _HEAD.size], payload[_HEAD.size :], key)
    _, _, _, _, train = _HEAD.unpack_from(payload)
    return int(train)


def pack_arrivals(
    train: int, arrivals: Sequence[tuple[int, int]], key: bytes, page: int = 0
) -> bytes:
    """Each packet's place, and the nanoseconds of its coming by the receiver's clock."""
    body = _HEAD.pack(MAGIC, Kind.ARRIVALS, page, len(arrivals), train)
    body += b"".join(_ARRIVAL.pack(place, at_ns) for place, at_ns in arrivals)
    return body + _seal(body, key)


def unpack_arrivals(payload: bytes, key: bytes) -> tuple[int, int, list[tuple[int, int]]]:
    """(train, page, arrivals). Raises NotOfTrain."""
    if len(payload) < _HEAD.size + _TAG:
        raise NotOfTrain(f"{len(payload)} octets are no arrivals")
    _, _, page, count, train = _HEAD.unpack_from(payload)
    end = _HEAD.size + count * _ARRIVAL.size
    if len(payload) != end + _TAG:
        raise NotOfTrain(f"{len(payload)} octets are not {count} arrivals")
    _check(payload[:end], payload[end:], key)
    arrivals = [(place, at) for place, at in _ARRIVAL.iter_unpack(payload[_HEAD.size : end])]
    return train, page, arrivals


def _seal(octets: bytes, key: bytes) -> bytes:
    return hmac.digest(key, octets, hashlib.sha256)[:_TAG]


def _check(octets: bytes, tag: bytes, key: bytes) -> None:
    if not hmac.compare_digest(_seal(octets, key), tag):
        raise NotOfTrain("not sealed with this key")
