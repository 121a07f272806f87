"""One direction of an access line in virtual time, for packet trains: what spoils them, by seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.linelab.profile import Direction
from visiohub.linkquality.train import Train
from visiohub.linkquality.verdict import Arrival


@dataclass(frozen=True)
class Trouble:
    """All off: an ideal line."""

    jitter_ms: float = 0.0
    """Uniform extra delay behind the line; the order is kept, as on a DSL line."""
    loss: float = 0.0
    burst_octets: int = 0
    """Tokens of a shaper, full at the start."""
    buffer_octets: int = 200_000
    atm: bool = False
    hold_ms: float = 0.0
    """A tenth of the packets finds the sender held up, for up to this long."""
    clump_ms: float = 0.0
    """The receiver's interrupts come at this interval."""
    sender_mbit_s: float = 100.0
    """The sender's own network."""
    before_kbit_s: float = 1e6
    """An earlier, faster link."""
    others_kbit_s: float = 0.0
    others_octets: int = 200
    """Constant traffic of others through the same buffer."""


def true_kbit_s(kbit_s: float, trouble: Trouble, octets: int) -> float:
    """The rate of IP in packets of this size."""
    cells = Direction(cell_tax="atm" if trouble.atm else "none")
    return kbit_s * octets / cells.wire_octets(octets)


def arrivals(train: Train, kbit_s: float, trouble: Trouble, seed: int) -> list[Arrival]:
    """What arrives of a train; the clocks of the two ends differ by half an hour."""
    chance = random.Random(seed)
    offered = [
        (at, place, stamp, train.octets)
        for place, (at, stamp) in enumerate(_sent(train, trouble, chance))
    ]
    if trouble.others_kbit_s:
        every = trouble.others_octets * 8 / (trouble.others_kbit_s * 1000)
        at = -20 * every + chance.random() * every
        until = offered[-1][0] + 1
        while at < until:
            offered.append((at, -1, at, trouble.others_octets))
            at += every
    cells = Direction(cell_tax="atm" if trouble.atm else "none")
    octets_s = kbit_s * 1000 / 8
    tokens, filled_at, free_at, before_free = float(trouble.burst_octets), offered[0][0], -1e9, -1e9
    queue: list[tuple[float, int]] = []
    came: list[Arrival] = []
    last = 0.0
    for at, place, stamp, octets in sorted(offered):
        before_free = max(before_free, at) + octets * 8 / (trouble.before_kbit_s * 1000)
        now = before_free
        queue = [(leaves, size) for leaves, size in queue if leaves > now]
        if queue and sum(size for _, size in queue) + octets > trouble.buffer_octets:
            continue
        cost = cells.wire_octets(octets)
        if trouble.burst_octets:
            start = max(now, free_at)
            tokens = min(trouble.burst_octets, tokens + max(0.0, start - filled_at) * octets_s)
            wait = max(0.0, cost - tokens) / octets_s
            tokens, filled_at = tokens + wait * octets_s - cost, start + wait
            free_at = start + wait
        else:
            free_at = max(now, free_at) + cost / octets_s
        queue.append((free_at, octets))
        if chance.random() < trouble.loss or place < 0:
            continue
        arrives = free_at + 0.01 + chance.random() * trouble.jitter_ms / 1000
        if trouble.clump_ms:
            clump = trouble.clump_ms / 1000
            arrives = -(-arrives // clump) * clump
        last = max(last, arrives)
        came.append(Arrival(place, stamp, last + 1800))
    return came


def _sent(train: Train, trouble: Trouble, chance: random.Random) -> list[tuple[float, float]]:
    """(leaves at, stamped with) of each packet."""
    now, sent = 0.0, []
    for offset in train.offsets_s:
        now = max(now + train.octets * 8 / (trouble.sender_mbit_s * 1e6), offset)
        if trouble.hold_ms and chance.random() < 0.1:
            now += chance.random() * trouble.hold_ms / 1000
        stamp = now
        if trouble.hold_ms and chance.random() < 0.02:
            now += chance.random() * trouble.hold_ms / 1000
        sent.append((now, stamp))
    return sent
