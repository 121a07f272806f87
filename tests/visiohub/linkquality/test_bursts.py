"""A shaper's tokens, as trains see them one after the other: what a kiosk tells is right or
nothing, though they outlast a train, and whatever was known of them before."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from test_train import RATES, adverse
from train_line import Trouble, arrivals, true_kbit_s

from kiosk.probes.schedule import TrainSchedule
from visiohub.linkquality.bursts import LONGER_OCTETS, REMEMBERED_S, believed, greatest
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.train import (
    LEAD_PACKETS,
    LONGEST_OCTETS,
    MOST_PACKETS,
    PACKET_OCTETS,
    Train,
    long_train,
)
from visiohub.linkquality.verdict import Doubt, Verdict

KBIT_S = 1_000.0
HOUR = 3_600.0
SEED = 20_261_122


class Kiosk:
    """One direction of a line, measured as a kiosk does it."""

    def __init__(
        self, kbit_s: float, trouble: Trouble, seed: int, expected: float, known: int | None
    ) -> None:
        """`expected` is a multiple of the true rate; a hub that knows tokens knows that rate."""
        self.true = true_kbit_s(kbit_s, trouble, PACKET_OCTETS)
        self.trouble, self._kbit_s, self._seed, self._sent = trouble, kbit_s, seed, 0
        first = self.true * (expected if known is None else 1)
        self.schedule = TrainSchedule(first, known, random.Random(seed).random, 0.0)
        self.now = self.schedule.next_at

    def next(self, *, emptied: bool = False) -> tuple[Train, Verdict]:
        """The next train, and what is told of it; others may just have emptied the bucket."""
        train = self.schedule.due(self.now, in_call=False)
        assert train
        few = min(self.trouble.burst_octets, PACKET_OCTETS)
        trouble = replace(self.trouble, burst_octets=few) if emptied else self.trouble
        self._sent += 1
        came = arrivals(train, self._kbit_s, trouble, 100 * self._seed + self._sent)
        told = self.schedule.judged(train, judge(came, train, self.schedule.burst_octets), self.now)
        self.now = self.schedule.next_at
        return train, told


def behind_a_link(seed: int) -> Kiosk:
    """A line of `adverse`, its shaper behind a link of 1.1 to 2 times its rate, most often; what
    is known of the tokens is nothing, that there are none, or half of them."""
    chance = random.Random(-seed)
    kbit_s, trouble, expected = adverse(seed)
    faster = chance.choice((1.1, *(chance.uniform(1.1, 2) for _ in range(4)), 3))
    burst = trouble.burst_octets or chance.choice((0, chance.randrange(8_192, 32_769)))
    trouble = replace(trouble, before_kbit_s=faster * kbit_s, burst_octets=burst)
    known = chance.choice((None, 0, burst // 2))
    return Kiosk(kbit_s, trouble, seed, expected / kbit_s, known)


def test_no_number_of_a_thousand_lines_is_wrong_however_fast_the_link_before() -> None:
    wrong, known, numbers = [], 0, 0
    for seed in range(1_000):
        kiosk, chance = behind_a_link(seed), random.Random(seed)
        told = [kiosk.next(emptied=chance.random() < 0.2)[1] for _ in range(5)]
        rates = [one.kbit_s for one in told if one.kbit_s is not None]
        known, numbers = known + bool(rates), numbers + len(rates)
        if any(abs(rate / kiosk.true - 1) > 0.05 for rate in rates):
            wrong.append(f"seed {seed}: {rates} of {kiosk.true:.0f} kbit/s, {kiosk.trouble}")
    assert not wrong, "\n".join(wrong)
    print(f"seeds 0-999: {known} lines with a number, {numbers} numbers of 5,000 trains")
    assert known >= 450


@pytest.mark.parametrize("kbit_s", RATES)
@pytest.mark.parametrize("faster", [1.1, 1.3, 1.7])
def test_a_shaper_is_known_by_the_second_train_of_a_new_line(kbit_s: float, faster: float) -> None:
    trouble = Trouble(jitter_ms=0.05, burst_octets=32_768, before_kbit_s=faster * kbit_s)
    kiosk = Kiosk(kbit_s, trouble, SEED, 1.0, None)
    short, first = kiosk.next()
    assert (short.lead, first.kbit_s, first.doubt) == (0, None, Doubt.BURST)
    long, told = kiosk.next()
    assert long.lead == LEAD_PACKETS
    assert told.kbit_s == pytest.approx(kiosk.true, rel=0.02)


def test_tokens_that_end_in_the_midst_of_short_trains_are_found_by_a_long_one() -> None:
    trouble = Trouble(jitter_ms=1, burst_octets=32_768, before_kbit_s=2 * KBIT_S)
    kiosk = Kiosk(KBIT_S, trouble, SEED, 1.0, None)
    sent = [kiosk.next() for _ in range(5)]
    assert [train.lead > 0 for train, _ in sent] == [False, False, False, True, False]
    assert [told.doubt for _, told in sent[:3]] == [Doubt.UNSTEADY] * 3
    assert sent[3][1].kbit_s == pytest.approx(KBIT_S, rel=0.02)


def test_a_line_without_a_shaper_costs_one_long_train_a_week() -> None:
    kiosk, long, at = Kiosk(KBIT_S, Trouble(jitter_ms=1), SEED, 1.0, None), [], []
    while kiosk.now < 2.5 * REMEMBERED_S:
        now = kiosk.now
        train, told = kiosk.next()
        if train.lead:
            long.append(now)
        if told.kbit_s is not None:
            at.append(now)
            assert told.kbit_s == pytest.approx(KBIT_S, rel=0.03)
    assert len(long) == 3
    gaps = [after - before for before, after in itertools.pairwise(at)]
    assert max(gaps) < 1.2 * HOUR, "the hourly figure never fails for it"


@pytest.mark.parametrize(("burst", "before"), [(32_768, 2), (24_576, 2), (32_768, 3), (16_384, 4)])
def test_a_bucket_that_the_first_trains_find_empty_deceives_none_of_the_next(
    burst: int, before: int
) -> None:
    """The link before the shaper is so many times as fast."""
    trouble = Trouble(jitter_ms=1, burst_octets=burst, before_kbit_s=before * KBIT_S)
    kiosk = Kiosk(KBIT_S, trouble, SEED, 1.0, None)
    told = [kiosk.next(emptied=n < 2)[1].kbit_s for n in range(24)]
    known = [kbit_s for kbit_s in told if kbit_s is not None]
    assert known == pytest.approx([KBIT_S] * len(known), rel=0.05), f"seed {SEED}"
    assert len(known) >= 20


def test_a_line_that_became_faster_is_told_so_after_a_proof() -> None:
    kiosk = Kiosk(KBIT_S, Trouble(jitter_ms=1), SEED, 1.0, 0)
    assert kiosk.next()[1].kbit_s == pytest.approx(KBIT_S, rel=0.02)
    faster = Kiosk(2 * KBIT_S, Trouble(jitter_ms=1), SEED, 0.5, 0)
    faster.schedule, faster.now = kiosk.schedule, kiosk.now
    told = [faster.next() for _ in range(3)]
    assert [one.kbit_s for _, one in told] == [
        None, pytest.approx(2 * KBIT_S, rel=0.02), pytest.approx(2 * KBIT_S, rel=0.02),
    ]  # fmt: skip
    assert [bool(train.lead) for train, _ in told] == [False, True, False]


def test_what_long_trains_cost_is_sent_as_much_more_seldom() -> None:
    """Where short ones are deceived, for a week."""
    trouble = Trouble(burst_octets=32_768, before_kbit_s=1.3 * KBIT_S)
    kiosk, sent = Kiosk(KBIT_S, trouble, SEED, 1.0, None), 0
    kiosk.next()
    kiosk.next()
    assert kiosk.schedule.burst_octets == LONGER_OCTETS
    begun = kiosk.now
    while kiosk.now < begun + 24 * HOUR:
        train, told = kiosk.next()
        sent += train.cost_octets
        assert train.lead
        assert told.kbit_s == pytest.approx(KBIT_S, rel=0.02)
    assert sent <= 3 * LONGEST_OCTETS


def test_a_lead_with_pauses_or_too_few_octets_proves_nothing() -> None:
    """In pauses the bucket fills again."""
    train = long_train(KBIT_S)
    came = arrivals(train, KBIT_S, Trouble(), SEED)
    assert judge(came, train).kbit_s == pytest.approx(KBIT_S, rel=0.01)
    few = [one for one in came if one.place > 300]
    assert judge(few, train).doubt is Doubt.BURST
    later = [replace(one, at_s=one.at_s + (0.5 if one.place > 100 else 0)) for one in came]
    assert judge(later, train).doubt is Doubt.SENDER


def test_the_longest_train_is_what_a_proof_costs() -> None:
    for kbit_s in (64.0, *RATES):
        train = long_train(kbit_s)
        assert train.cost_octets + train.talk_octets <= 790_000
        assert train.offsets_s[-1] <= 65


def test_without_a_proof_no_number_of_a_short_train_is_believed() -> None:
    seen = Verdict(KBIT_S, None, 0.01, 0, 60, 0)
    assert believed(seen, MOST_PACKETS, None).doubt is Doubt.BURST
    assert believed(seen, MOST_PACKETS, KBIT_S / 1.1).doubt is Doubt.BURST
    assert believed(seen, MOST_PACKETS, KBIT_S / 1.02) == seen
    tokens = replace(seen, burst_octets=20_000)
    assert believed(tokens, MOST_PACKETS, None) == tokens
    assert believed(seen, MOST_PACKETS + 1, None) == seen


def test_the_greatest_burst_of_a_week_counts() -> None:
    assert greatest([]) is None
    assert greatest([0, 24_000, 0]) == 24_000
    schedule = TrainSchedule(KBIT_S, None, random.Random(SEED).random, 0.0)

    def saw(octets: int, at: float) -> int | None:
        train = schedule.due(max(at, schedule.next_at), in_call=False)
        assert train
        schedule.judged(train, Verdict(KBIT_S, None, 0.01, octets, 60, 0), at)
        return schedule.burst_octets

    assert [saw(octets, n * HOUR) for n, octets in enumerate((0, 20_000, 0))] == [
        None, 20_000, 20_000,
    ]  # fmt: skip
    assert saw(0, REMEMBERED_S - HOUR) == 20_000
    assert saw(0, REMEMBERED_S + 2 * HOUR) is None
    assert saw(0, REMEMBERED_S + 3 * HOUR) == 0  # by a long one


def test_what_the_hub_knew_holds_for_a_week_of_ones_own() -> None:
    schedule = TrainSchedule(KBIT_S, 12_000, random.Random(SEED).random, 0.0)
    for hour in range(24 * 7 + 2):
        train = schedule.due(max(hour * HOUR, schedule.next_at), in_call=False)
        assert train
        schedule.judged(train, Verdict(KBIT_S, None, 0.01, 0, 60, 0), hour * HOUR)
        assert schedule.burst_octets == (12_000 if hour < 24 * 7 else (None, 0)[hour - 24 * 7])
