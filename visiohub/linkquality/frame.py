"""The packets of a train, as octets: sealed, so that a stranger cannot bend a figure. Pure.

Layout, network order: 4 octets `VHT1`, 4 train, 2 place, 2 packets in the train, 8 nanoseconds of
the sender's monotonic clock, 16 of HMAC-SHA-256 over these, zeros up to the train's size.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass

UDP_IP_OCTETS = 28
"""Headers of UDP and IPv4; IPv6 takes 20 more."""
_MAGIC = b"VHT1"
_HEAD = struct.Struct(">4sIHHQ")
_TAG = 16
LEAST_OCTETS = _HEAD.size + _TAG


class NotOfTrain(Exception):  # noqa: N818 - a refusal is named for what happened
    """Octets that are no packet of a train sealed with this key."""

    code = "train_refused"


@dataclass(frozen=True)
class Car:
    """One packet of a train."""

    train: int
    place: int
    packets: int
    sent_ns: int


def pack(car: Car, key: bytes, ip_octets: int) -> bytes:
    """The UDP payload of a packet of so many octets of IPv4; ValueError for too few."""
    if ip_octets - UDP_IP_OCTETS < LEAST_OCTETS:
        raise ValueError("ip_octets: too few for the packet's head")
    head = _HEAD.pack(_MAGIC, car.train, car.place, car.packets, car.sent_ns)
    return (head + _tag(head, key)).ljust(ip_octets - UDP_IP_OCTETS, b"\0")


def train_of(payload: bytes) -> int:
    """The train's number, to find the key by, before anything is believed; NotOfTrain."""
    if len(payload) < LEAST_OCTETS or payload[:4] != _MAGIC:
        raise NotOfTrain(f"{len(payload)} octets of something else")
    return int.from_bytes(payload[4:8], "big")


def unpack(payload: bytes, key: bytes) -> Car:
    """Raises NotOfTrain for what is too short, of something else, or forged."""
    train_of(payload)
    head = payload[: _HEAD.size]
    if not hmac.compare_digest(_tag(head, key), payload[_HEAD.size : LEAST_OCTETS]):
        raise NotOfTrain("not sealed with this key")
    _, train, place, packets, sent_ns = _HEAD.unpack(head)
    if place >= packets:
        raise NotOfTrain(f"place {place} of {packets}")
    return Car(train, place, packets, sent_ns)


def _tag(head: bytes, key: bytes) -> bytes:
    return hmac.digest(key, head, hashlib.sha256)[:_TAG]
