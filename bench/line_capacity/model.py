"""The same trains on the same line in virtual time: what is left when nothing wakes late. Pure."""

from __future__ import annotations

from bench.linelab.link import OneWay
from bench.linelab.profile import Direction
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.train import Train
from visiohub.linkquality.verdict import Arrival, Verdict

_SENDER_S = 1e-4
"""A packet of 1228 octets on the venue's own network of 100 Mbit/s."""


def judged(
    direction: Direction, train: Train, seed: int, burst_octets: int | None = None
) -> Verdict:
    """The verdict on this train, sent and received at the instants at which it should be."""
    line = OneWay(direction, seed)
    leaves = [max(offset, place * _SENDER_S) for place, offset in enumerate(train.offsets_s)]
    for place, at in enumerate(leaves):
        line.send(at, place.to_bytes(2, "big").ljust(train.octets, b"\0"))
    came, now = [], 0.0
    while (deadline := line.deadline()) is not None:
        now = max(now, deadline)
        for packet in line.receive(now):
            place = int.from_bytes(packet[:2], "big")
            came.append(Arrival(place, leaves[place], now))
    return judge(came, train, burst_octets)
