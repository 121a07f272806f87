"""A month beside its contract, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality.contract import (
    ContractReport,
    Excused,
    Outage,
    Sample,
    Terms,
    report,
)

BEGIN, END = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)
"""November in Paris."""
AFTER = END + timedelta(days=3)
TERMS = Terms("Opérateur", 2000, 2000, 1500, 1500, timedelta(hours=4))
HOUR = timedelta(hours=1)


def samples(*rates: float) -> list[Sample]:
    """One a day of hourly trains of each rate, from the first on."""
    return [Sample(date(2026, 11, 1 + n), rate) for n, rate in enumerate(rates) for _ in range(24)]


def made(
    down: list[Sample],
    *outages: Outage,
    terms: Terms = TERMS,
    now: datetime = AFTER,
    answered: timedelta = END - BEGIN,
    excused: Sequence[Excused] = (),
) -> ContractReport:
    minutes = int(answered / timedelta(minutes=1))
    return report(
        terms, BEGIN, END, now,
        down=down, up=[], outages=outages, promised=lambda _: terms.restoration,
        answered_minutes=minutes, excused=excused,
    )  # fmt: skip


def test_rates_beside_the_contract() -> None:
    down = made(samples(1900, 1900, 1900, 1400)).down
    assert (down.trains, down.median_kbit_s, down.low_kbit_s) == (96, 1900, 1400)
    assert (down.of_contract, down.kept, down.is_kept) == (0.95, 0.75, False)
    assert down.days_below == (date(2026, 11, 4),)


def test_all_is_well() -> None:
    november = made(samples(*[1950.0] * 30))
    assert november.down.is_kept is True
    assert november.down.days_below == ()
    assert (november.available, november.measured, november.minutes) == (1.0, 1.0, 43_200)


def test_a_line_that_gives_just_what_is_guaranteed_keeps_it() -> None:
    """Trains are off by a percent; what is below by more is below."""
    exact = Terms("Opérateur", 2048, 2048, 2048, 2048)
    kept = made(samples(2030, 2048, 2010, 2066), terms=exact).down
    assert (kept.kept, kept.is_kept, kept.days_below) == (1.0, True, ())
    below = made(samples(2048, 2000, 2048, 2048), terms=exact).down
    assert (below.kept, below.is_kept) == (0.75, False)
    assert below.days_below == (date(2026, 11, 2),)


def test_too_few_trains_say_nothing() -> None:
    up = made(samples(1900)).up
    assert (up.trains, up.median_kbit_s, up.kept, up.is_kept) == (0, None, None, None)


def test_without_a_guarantee_nothing_is_broken() -> None:
    down = made(samples(100, 100), terms=Terms("Opérateur", 2000, 2000)).down
    assert (down.of_contract, down.kept, down.days_below) == (0.05, None, ())


def test_outages_and_the_time_to_mend_them() -> None:
    short = Outage(BEGIN + HOUR, BEGIN + 3 * HOUR)
    long = Outage(BEGIN + 50 * HOUR, BEGIN + 55 * HOUR)
    november = made([], long, short, answered=713 * HOUR)
    assert [(one.lasted, one.too_long) for one in november.outages] == [
        (2 * HOUR, False),
        (5 * HOUR, True),
    ]
    assert november.out == 7 * HOUR
    assert november.available == pytest.approx(1 - 7 / 720)
    assert november.measured == 1


@pytest.mark.parametrize(
    ("answered_days", "available", "measured"), [(20, 2 / 3, 1), (5, 1 / 3, 0.5), (0, 0, 1 / 3)]
)
def test_what_is_not_known_is_neither_up_nor_down(
    answered_days: int, available: float, measured: float
) -> None:
    """Out for ten days, in which the kiosk told nothing either."""
    days = timedelta(days=1)
    november = made([], Outage(BEGIN + days, BEGIN + 11 * days), answered=answered_days * days)
    assert november.available == pytest.approx(available)
    assert november.measured == pytest.approx(measured)


def test_an_outage_across_the_months_end_counts_whole_and_is_cut() -> None:
    (one,) = made([], Outage(BEGIN - 3 * HOUR, BEGIN + 2 * HOUR)).outages
    assert (one.begin, one.end) == (BEGIN, BEGIN + 2 * HOUR)
    assert (one.lasted, one.too_long, one.over_at) == (5 * HOUR, True, BEGIN + 2 * HOUR)
    (last,) = made([], Outage(END - HOUR, END + HOUR)).outages
    assert (last.end, last.over_at, last.lasted) == (END, END + HOUR, 2 * HOUR)


def test_an_outage_is_judged_by_what_was_promised_when_it_began() -> None:
    change = BEGIN + 10 * HOUR

    def promised(at: datetime) -> timedelta:
        return 8 * HOUR if at < change else 2 * HOUR

    crossing = Outage(change - 4 * HOUR, change + 3 * HOUR)
    after = Outage(change + 5 * HOUR, change + 8 * HOUR)
    for begin, end, out in ((BEGIN, change, 4 * HOUR), (change, END, 6 * HOUR)):
        part = report(
            TERMS, begin, end, AFTER,
            down=[], up=[], outages=[crossing, after], promised=promised, answered_minutes=0,
        )  # fmt: skip
        first, *others = part.outages
        assert (first.lasted, first.too_long) == (7 * HOUR, False)
        assert [one.too_long for one in others] == ([] if end == change else [True])
        assert part.out == out


def test_one_that_goes_on_lasts_until_now() -> None:
    now = BEGIN + 10 * HOUR
    november = made([], Outage(BEGIN + 8 * HOUR, None), now=now)
    assert (november.outages[0].end, november.outages[0].over_at) == (now, None)
    assert november.minutes == 600


def test_outages_that_touch_are_one() -> None:
    (one,) = made(
        [], Outage(BEGIN + HOUR, BEGIN + 3 * HOUR), Outage(BEGIN + 2 * HOUR, BEGIN + 6 * HOUR)
    ).outages
    assert (one.lasted, one.too_long) == (5 * HOUR, True)


def works(begin: int, end: int) -> Excused:
    """Hours after the month's begin."""
    return Excused(BEGIN + begin * HOUR, BEGIN + end * HOUR, "Câble remplacé", works=True)


@pytest.mark.parametrize(
    ("excused", "lasted", "out"),
    [
        ([works(11, 19)], 2, 2),
        ([works(11, 15), works(14, 19)], 2, 2),  # of two works at one time each hour is one
        ([works(8, 12), works(17, 40)], 5, 5),
        ([works(-5, 10), works(20, 25)], 10, 10),
    ],
)
def test_works_are_no_part_of_an_outage_that_crosses_them(
    excused: list[Excused], lasted: int, out: int
) -> None:
    november = made([], Outage(BEGIN + 10 * HOUR, BEGIN + 20 * HOUR), excused=excused)
    (one,) = november.outages
    assert (one.begin, one.end) == (BEGIN + 10 * HOUR, BEGIN + 20 * HOUR)
    assert (one.lasted, one.too_long) == (lasted * HOUR, lasted > 4)
    assert november.out == out * HOUR


def test_an_outage_inside_works_is_none() -> None:
    inside = made([], Outage(BEGIN + HOUR, BEGIN + 2 * HOUR), excused=[works(0, 3)])
    assert (inside.outages, inside.out) == ((), timedelta())


def test_works_in_an_outages_part_of_the_month_before_are_taken_off_it() -> None:
    (one,) = made([], Outage(BEGIN - 6 * HOUR, BEGIN + HOUR), excused=[works(-5, -1)]).outages
    assert (one.begin, one.out, one.lasted, one.too_long) == (BEGIN, HOUR, 3 * HOUR, False)


def test_a_month_that_lies_before_us_is_empty() -> None:
    november = made([], now=BEGIN - HOUR)
    assert (november.minutes, november.measured, november.outages) == (0, 0.0, ())


def test_nothing_measured_is_no_availability() -> None:
    empty = report(
        TERMS, BEGIN, END, AFTER,
        down=[], up=[], outages=[], promised=lambda _: None, answered_minutes=0,
    )  # fmt: skip
    assert (empty.available, empty.measured) == (None, 0.0)


HOURS = st.integers(-100, 900)


@given(st.lists(st.tuples(HOURS, st.none() | HOURS), max_size=8), st.integers(-10, 1000))
def test_the_line_is_never_out_for_longer_than_the_month(
    outages: list[tuple[int, int | None]], now: int
) -> None:
    november = made(
        [],
        *(
            Outage(BEGIN + begin * HOUR, None if end is None else BEGIN + end * HOUR)
            for begin, end in outages
        ),
        now=BEGIN + now * HOUR,
    )
    assert timedelta() <= november.out <= timedelta(minutes=november.minutes)
    assert all(before.end <= after.begin for before, after in zip(
        november.outages, november.outages[1:], strict=False))  # fmt: skip
    assert november.available is None or 0 <= november.available <= 1
