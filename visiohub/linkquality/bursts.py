"""Tokens that last longer than a train: which numbers may be believed. Pure.

A shaper behind a link that is s times as fast lets T octets of tokens through as T s / (s - 1)
octets at the link's rate: 32 kB are 64 kB at twice its rate, 360 kB at 1.1 times. No train of 75 kB
tells such a link's rate from the line's, and one that meets a bucket which others have emptied sees
no tokens at all. So a train's number is believed only up to one that was proven: by a train that
saw the tokens end, or by a long one, behind whose lead none are left. A proof holds for a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from visiohub.linkquality.train import MOST_PACKETS, PACKET_OCTETS, WORST_BURST_OCTETS
from visiohub.linkquality.verdict import Doubt, Verdict

REMEMBERED_S = 7 * 86_400.0
LONGER_OCTETS = 2 * WORST_BURST_OCTETS
"""Stands for tokens that only a long train outlasts."""
MOST_BEYOND = 1.05
"""Times the proven number: a line that is faster now has to show it by a long train."""
_LEAST_HEAD_OCTETS = 4 * PACKET_OCTETS
"""Of a smaller one unsteady arrivals may be the cause."""


def proves(packets: int, burst_octets: int) -> bool:
    """Whether the number of such an idle train is the shaper's own, if there is one."""
    return packets > MOST_PACKETS or burst_octets >= _LEAST_HEAD_OCTETS


def believed(verdict: Verdict, packets: int, proven_kbit_s: float | None) -> Verdict:
    """The verdict on a train of so many packets, without its number where that may be the rate of
    a link before the shaper."""
    if verdict.kbit_s is None or proves(packets, verdict.burst_octets):
        return verdict
    if proven_kbit_s is not None and verdict.kbit_s <= MOST_BEYOND * proven_kbit_s:
        return verdict
    return replace(verdict, kbit_s=None, doubt=Doubt.BURST)


def greatest(seen: Sequence[int]) -> int | None:
    """What a shaper lets through at once, in octets, of those that the proofs of a week saw; None
    without any: then the next train has to outlast the worst, and a long one follows it."""
    return max(seen, default=None)
