"""A line's capacity from one packet train's arrivals, or the reason why it stays unknown. Pure.

Packets that wait for the same line leave it as far apart as it takes for one of them, so the slope
of arrival time over their turns on the line is one packet's time. What spoils that is looked for
and named instead of being averaged in: a shaper's tokens let the head through at once, a full
buffer drops packets (which then take no turn), a busy sender lets the line run idle, others use
the line, the air shakes the arrivals. A train that cannot be believed has no capacity at all.

Not seen: others who take the same share of the line all through the train, where its buffer is
small. The front meets few of their packets, the tail a fifth of them; so trains are for idle lines.

Timestamps are the kernel's (SO_TIMESTAMPNS): those of a busy process may
be wrong by a factor.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from visiohub.linkquality import fit
from visiohub.linkquality.fit import theil_sen, unevenness
from visiohub.linkquality.train import WORST_BURST_OCTETS, Train
from visiohub.linkquality.verdict import Arrival, Doubt, Verdict

_LEAST_ARRIVALS = 8
_LEAST_IN_CALL = 4
_BUSY = 0.5
"""A packet waited if it took this share of a packet's time longer than the quickest one, and
by as much as three of four gaps stray at most."""
_STRAY_SHARE = 0.75
_BURST = 0.5
"""A shaper's tokens let packets through at least this much quicker; else others use the line."""
_MOST_UNEVEN = 0.07
"""The arrivals' widest distance from their line, as a share of the time they took."""
_MOST_BENT = 0.04
"""By so much may the slopes of the two halves differ."""
_CLEAR_GAP = 0.15
_CLEAR_SHARE = 0.8
"""While so many gaps are as even as that, a gap tells whether a lost packet took its turn."""
_MOST_ERROR = 0.027
_MOST_ERROR_IN_CALL = 0.03
_SENT_WITHIN = 0.07
"""Of the time that a train beside a call takes on the line: meanwhile others' packets come between
its own, evenly, and nothing else betrays them."""
_OTHERS = 0.5
"""Of the line, that a call and others take at most."""
_LEAST_PACED = 3
_PACED = 1.15
_OVERFLOW = 3
"""So many packets lost in front of the line prove that they waited for it."""
_LEAD_BUSY = 0.96
"""Of its time a lead kept the line busy: in pauses the bucket fills again."""
_LEAD_OCTETS = 11 * WORST_BURST_OCTETS
"""That must have passed: what tokens last for at the rate of a link 1.1 times as fast."""


def judge(arrivals: Sequence[Arrival], train: Train, burst_octets: int | None = None) -> Verdict:
    """The verdict on a train; `burst_octets` as in `idle_train`. Never raises.

    Without a lead it takes it that a link before a shaper is at least twice as fast; whether the
    number may be believed where that is not known is linkquality.bursts'.
    """
    order = _ordered(arrivals, len(train.offsets_s))
    quickest_s = min((one.at_s - one.sent_s for one in order), default=0.0)
    if train.lead:
        return _behind_lead(order, train, quickest_s)
    return _judge(order, train, burst_octets, quickest_s)


def _behind_lead(order: Sequence[Arrival], train: Train, quickest_s: float) -> Verdict:
    """On what came behind the lead, if that kept the line busy and was long enough."""
    lead = [one for one in order if one.place < train.lead]
    rest = [replace(one, place=one.place - train.lead) for one in order if one.place >= train.lead]
    begun = train.offsets_s[train.lead]
    behind = replace(train, offsets_s=tuple(at - begun for at in train.offsets_s[train.lead :]))
    verdict = replace(_judge(rest, behind, 0, quickest_s), arrived=len(order))
    if verdict.kbit_s is None:
        return verdict
    passed = len(lead) * train.octets
    took_s = max(one.at_s for one in rest) - lead[0].at_s if lead else 0.0
    doubt = None
    if (passed + len(rest) * train.octets) * 8 / 1000 < _LEAD_BUSY * verdict.kbit_s * took_s:
        doubt = Doubt.SENDER
    elif passed < _LEAD_OCTETS:
        doubt = Doubt.BURST
    return replace(verdict, kbit_s=None, doubt=doubt) if doubt else verdict


def _judge(
    order: Sequence[Arrival], train: Train, burst_octets: int | None, quickest_s: float
) -> Verdict:
    least = _LEAST_IN_CALL if train.in_call else _LEAST_ARRIVALS
    if len(order) < least:
        return Verdict(None, Doubt.TOO_SHORT, None, 0, len(order), 0)
    if any(after.place < before.place for before, after in _pairs(order)):
        return Verdict(None, Doubt.UNSTEADY, None, 0, len(order), 0)
    if _at_senders_pace(order, train):
        return Verdict(None, Doubt.SENDER, None, 0, len(order), 0)
    turns, unclear = _turns(order)
    times = [one.at_s for one in order]
    head = 0 if train.in_call else _head(turns, times)
    burst = head * train.octets
    if len(order) - head < least:
        return Verdict(None, Doubt.BURST, None, burst, len(order), 0)
    turn_s = theil_sen(turns[head:], times[head:])
    if turn_s <= 0 or (head > 1 and theil_sen(turns[:head], times[:head]) > _BURST * turn_s):
        return Verdict(None, Doubt.UNSTEADY, None, 0, len(order), 0)
    begin, end = _busy(order, turns, train, head, turn_s, quickest_s)
    rest, turns, times = order[begin:end], turns[begin:end], times[begin:end]
    if len(rest) < least:
        return Verdict(None, Doubt.SENDER, None, burst, len(order), 0)
    # Where the last ones are missing, a full buffer kept them out, too.
    behind = len(train.offsets_s) - 1 - rest[-1].place if end == len(order) else 0
    overflowed = rest[-1].place - rest[0].place - (turns[-1] - turns[0]) + behind
    turn_s = theil_sen(turns, times)
    if turn_s <= 0:
        return Verdict(None, Doubt.UNSTEADY, None, burst, len(order), overflowed)
    uneven = unevenness(turns, times, turn_s)
    error = 3 * uneven / math.sqrt(len(rest)) + unclear / (turns[-1] - turns[0])
    tokens = WORST_BURST_OCTETS if burst_octets is None else burst_octets
    # Without a head, tokens may have let all through at the rate of a link of twice this one's.
    needed = tokens * (1 if head else 2)
    outlasted = overflowed >= _OVERFLOW or len(rest) * train.octets >= needed
    most = _MOST_ERROR_IN_CALL if train.in_call else _MOST_ERROR
    bent = not train.in_call and _bent(rest, turns, times, turn_s, train)
    sending = (rest[-1].sent_s - rest[0].sent_s) / (times[-1] - times[0]) if train.in_call else 0.0
    doubt = None
    if uneven > _MOST_UNEVEN or error > most or bent:
        doubt = Doubt.UNSTEADY
    elif not outlasted:
        doubt = Doubt.BURST
    elif sending > _SENT_WITHIN:
        doubt = Doubt.SENDER
    kbit_s = None if doubt else train.octets * 8 / turn_s / 1000
    return Verdict(kbit_s, doubt, error + _OTHERS * sending, burst, len(order), overflowed)


def _ordered(arrivals: Sequence[Arrival], packets: int) -> list[Arrival]:
    """Each place once, as they came; places outside the train, duplicates and no times go."""
    first: dict[int, Arrival] = {}
    timed = [one for one in arrivals if math.isfinite(one.at_s) and math.isfinite(one.sent_s)]
    for arrival in sorted(timed, key=lambda one: one.at_s):
        if 0 <= arrival.place < packets:
            first.setdefault(arrival.place, arrival)
    return list(first.values())


def _pairs(order: Sequence[Arrival]) -> list[tuple[Arrival, Arrival]]:
    return list(itertools.pairwise(order))


def _at_senders_pace(order: Sequence[Arrival], train: Train) -> bool:
    """Whether the paced part came as it was sent: the line is faster than the train."""
    follow = [
        (after.sent_s - before.sent_s, after.at_s - before.at_s)
        for before, after in _pairs(order)
        if after.place == before.place + 1 and train.offsets_s[before.place] > 0
    ]
    sent, came = sum(gap for gap, _ in follow), sum(gap for _, gap in follow)
    return len(follow) > _LEAST_PACED and came <= _PACED * sent


def _turns(order: Sequence[Arrival]) -> tuple[list[int], int]:
    """Each arrival's turn on the line, and how many lost packets may or may not have had one.

    A packet that a full buffer dropped took no turn there; one that was lost behind the line did,
    and left a gap of its length. Where gaps are too uneven to tell, none is given a turn.
    """
    gaps = [after.at_s - before.at_s for before, after in _pairs(order)]
    late = gaps[len(gaps) // 2 :]
    usual = median(late)
    uneven = sorted(abs(gap - usual) for gap in late)
    clear = usual > 0 and uneven[int(_CLEAR_SHARE * len(uneven))] <= _CLEAR_GAP * usual
    turns, taken, unclear = [0], 0, 0
    for (before, after), gap in zip(_pairs(order), gaps, strict=True):
        missing = after.place - before.place - 1
        own = min(missing, max(0, round(gap / usual) - 1)) if missing and clear else 0
        taken += own
        unclear += missing - own
        turns.append(turns[-1] + 1 + own)
    if not clear:
        return turns, unclear
    # With a full buffer in front, a longer gap beside a missing packet may have other causes.
    return turns, taken if unclear >= _OVERFLOW else 0


def _head(turns: Sequence[int], times: Sequence[float]) -> int:
    """How many packets came before the line was in charge: a token bucket's fill.

    The late half's line, drawn backwards, tells when packets would have come without tokens; those
    that came clearly later than that were not spaced by it.
    """
    middle = len(times) // 2
    turn_s = theil_sen(turns[middle:], times[middle:])
    offsets = [time - turn_s * turn for turn, time in zip(turns, times, strict=True)]
    usual = median(offsets[middle:])
    tolerance = max(_BUSY * turn_s, max(offsets[middle:]) - min(offsets[middle:]))
    head = 0
    while head < middle and offsets[head] - usual > tolerance:
        head += 1
    return head


def _busy(
    order: Sequence[Arrival],
    turns: Sequence[int],
    train: Train,
    head: int,
    turn_s: float,
    quickest_s: float,
) -> tuple[int, int]:
    """The longest stretch behind the head in which each packet waited: the line never ran idle.

    Delays are compared with the train's least, so that the clocks' difference does not matter.
    """
    gaps = zip(_pairs(order), itertools.pairwise(turns), strict=True)
    stray = sorted(abs(b.at_s - a.at_s - turn_s * (n - m)) for (a, b), (m, n) in gaps)
    margin_s = _BUSY * turn_s + stray[int(_STRAY_SHARE * len(stray))]
    least = quickest_s + margin_s
    delays = [
        before.at_s - _left_by(before, after, train)
        for before, after in itertools.pairwise([*order, order[-1]])
    ]
    longest, begin = (head, head), head
    for place in range(head, len(order) + 1):
        if place == len(order) or (delays[place] < least and place > 0):
            longest = max(longest, (begin, place), key=lambda stretch: stretch[1] - stretch[0])
            begin = place + 1
    return longest


def _left_by(one: Arrival, following: Arrival, train: Train) -> float:
    """When a packet had left at the latest: a sender may be held up after it took the time."""
    if following.place != one.place + 1:
        return one.sent_s
    step_s = train.offsets_s[following.place] - train.offsets_s[one.place]
    return max(one.sent_s, following.sent_s - step_s)


def _bent(
    rest: Sequence[Arrival],
    turns: Sequence[int],
    times: Sequence[float],
    turn_s: float,
    train: Train,
) -> bool:
    """Whether halves, or front and tail, disagree: the front meets fewer packets of others."""
    front = sum(train.offsets_s[one.place] == 0 for one in rest)
    return any(fit.bent(turns, times, turn_s, at, _MOST_BENT) for at in (len(rest) // 2, front))
