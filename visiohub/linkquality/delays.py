"""What an interval of probes says: delay, its variation per direction, loss per direction. Pure.

Two-way delay is taken on the sender's monotonic clock alone, without the reflector's own time
(RFC 2681). The variation per direction is each one-way figure less the interval's least one
(RFC 5481 §4.2, PDV), which rids it of the clocks' difference; where a clock is set meanwhile, each
stretch has a least one of its own. Absolute one-way delay is not given: the clocks do not allow it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from visiohub.linkquality import histogram


@dataclass(frozen=True)
class Answer:
    """An answered probe. `forward_s` and `backward_s` hold the unknown difference of the clocks."""

    number: int
    reflector_number: int
    two_way_s: float
    forward_s: float
    backward_s: float


@dataclass(frozen=True)
class Spread:
    """Percentiles in milliseconds, nearest rank."""

    p5: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class DelaySummary:
    """An interval's probes. None: no answer to take it from, which is not the same as zero."""

    sent: int
    lost: int
    lost_forward: int
    """Surely on the way there; what is neither forward nor backward is not known."""
    lost_backward: int
    loss_runs: tuple[int, ...]
    """Lengths of the rows of lost probes, in their order."""
    late: int
    """Of the lost: came after they were given up."""
    duplicates: int
    two_way_ms: Spread | None
    two_way_counts: Mapping[int, int]
    """By bucket (visiohub/linkquality/histogram.py)."""
    forward_variation_ms: Spread | None
    backward_variation_ms: Spread | None

    @property
    def loss_ratio(self) -> float | None:
        """Lost of sent, from 0 to 1; None when nothing was sent."""
        return self.lost / self.sent if self.sent else None

    @property
    def burst_ratio(self) -> float | None:
        """BurstR of ITU-T G.107: the mean run beside that of independent losses; None: no loss."""
        if not self.loss_runs or self.lost >= self.sent:
            return None
        mean = self.lost / len(self.loss_runs)
        return max(1.0, mean * (1 - self.lost / self.sent))


def summary(
    numbers: Sequence[int],
    answers: Iterable[Answer],
    before: Answer | None = None,
    *,
    late: int = 0,
    duplicates: int = 0,
) -> DelaySummary:
    """Of the probes with these numbers, in the order in which they were sent.

    `before` is the last answer of an earlier interval: it tells the direction of losses at the
    begin of this one, if the reflector counts its answers.
    """
    known = {answer.number: answer for answer in answers}
    came = [known[number] for number in numbers if number in known]
    runs = tuple(
        len(list(run)) for answered, run in itertools.groupby(numbers, known.__contains__)
        if not answered
    )  # fmt: skip
    forward, backward = _directions(numbers, ([before] if before else []) + came)
    return DelaySummary(
        sent=len(numbers),
        lost=sum(runs),
        lost_forward=forward,
        lost_backward=backward,
        loss_runs=runs,
        late=late,
        duplicates=duplicates,
        two_way_ms=spread([answer.two_way_s for answer in came]),
        two_way_counts=histogram.count(1000 * answer.two_way_s for answer in came),
        forward_variation_ms=spread(_above_least(came, [answer.forward_s for answer in came])),
        backward_variation_ms=spread(_above_least(came, [answer.backward_s for answer in came])),
    )


def spread(seconds: Sequence[float]) -> Spread | None:
    """Percentiles of these, in milliseconds; None for none."""
    if not seconds:
        return None
    ranked = sorted(seconds)

    def percentile(share: float) -> float:
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    return Spread(percentile(0.05), percentile(0.5), percentile(0.95), percentile(0.99))


def _directions(numbers: Sequence[int], came: Sequence[Answer]) -> tuple[int, int]:
    """Probes lost there and back, by the reflector's own numbers between two answers.

    A gap where those make no sense, since the reflector began anew, tells nothing; nor does one
    with probes that are none of these: of an interval before, or of another sender in between.
    """
    forward = backward = 0
    places = {number: place for place, number in enumerate(numbers)}
    for first, last in itertools.pairwise(came):
        probes = last.number - first.number
        reflected = last.reflector_number - first.reflector_number
        # an answer of an earlier interval stands where this one begins
        if probes == places[last.number] - places.get(first.number, -1) and (
            1 <= reflected <= probes
        ):
            forward += probes - reflected
            backward += reflected - 1
    return forward, backward


def _above_least(came: Sequence[Answer], ways: Sequence[float]) -> list[float]:
    """Each figure less the least one of its stretch between two settings of a clock."""
    above: list[float] = []
    begin = 0
    for end in range(1, len(came) + 1):
        if end == len(came) or _clock_set(came[end - 1], came[end]):
            stretch = ways[begin:end]
            above += [way - min(stretch) for way in stretch]
            begin = end
    return above


def _clock_set(first: Answer, last: Answer) -> bool:
    """Whether the clocks' difference changed by more than the delays can explain.

    Half of (forward - backward) is the difference, off by half of the two-way delay at most
    (RFC 5905 §8).
    """
    change = (last.forward_s - last.backward_s - first.forward_s + first.backward_s) / 2
    return abs(change) > (first.two_way_s + last.two_way_s) / 2
