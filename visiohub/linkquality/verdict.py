"""What a packet train showed, or why it showed nothing, and what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

_STEP = 4.0


class Doubt(StrEnum):
    """Why a train says nothing."""

    TOO_SHORT = "too_short"
    """Too few packets arrived."""
    BURST = "burst"
    """A shaper let so much through at once that too little is left, or may have."""
    SENDER = "sender"
    """The line ran idle: the sender was held up, or the train was slower than the line."""
    UNSTEADY = "unsteady"
    """The arrivals do not lie on one line: others use it, it changed, or the clock did."""


@dataclass(frozen=True)
class Arrival:
    """One packet: place in its train from 0, seconds of the sender's and of the receiver's clock.

    The clocks need not agree; `sent_s` is a monotonic clock's.
    """

    place: int
    sent_s: float
    at_s: float


@dataclass(frozen=True)
class Verdict:
    """What a train showed. `kbit_s` is the rate of IP in packets of the train's size.

    What the line carries below that, ATM cells included, is `visiohub.linkquality.cells`'.
    """

    kbit_s: float | None
    doubt: Doubt | None
    error: float | None
    """Bound of the relative error (95 %), where a slope could be taken at all."""
    burst_octets: int
    """What a shaper let through at once; 0 for none."""
    arrived: int
    overflowed: int
    """Packets that a full buffer in front of the line dropped, as far as the gaps tell."""


def next_expectation(expected_kbit_s: float, verdict: Verdict) -> float:
    """The rate to plan the next train for, so that a wrong expectation is left in few steps. A
    train of which nothing came says nothing of the rate: nobody sent it, or the line was out."""
    if verdict.kbit_s is not None:
        return verdict.kbit_s
    if verdict.doubt is Doubt.SENDER:
        return expected_kbit_s * _STEP
    slower = verdict.doubt is Doubt.TOO_SHORT and verdict.arrived
    return expected_kbit_s / _STEP if slower else expected_kbit_s


def settled(accepted_kbit_s: Sequence[float]) -> float | None:
    """The capacity to go by: the median of the last three conclusive trains; None before any."""
    return median(accepted_kbit_s[-3:]) if accepted_kbit_s else None
