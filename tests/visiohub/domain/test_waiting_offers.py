from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.waiting import Queued, estimate

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def walk_in(name: str, came: float, lasts: float = 15) -> Queued:
    return Queued(name, NOW - minutes(came), minutes(lasts))


def planned(name: str, starts_in: float, lasts: float = 30) -> Queued:
    return Queued(name, NOW - minutes(5), minutes(lasts), NOW + minutes(starts_in))


def test_a_free_agent_means_no_wait() -> None:
    found = estimate(walk_in("a", 0), [], [NOW], NOW)
    assert (found.people_before, found.minutes) == (0, 0)


def test_nobody_there_means_no_figure() -> None:
    found = estimate(walk_in("a", 0), [walk_in("b", 3)], [], NOW)
    assert (found.people_before, found.minutes) == (1, None)


def test_the_running_call_and_one_before() -> None:
    found = estimate(walk_in("a", 1), [walk_in("b", 3)], [NOW + minutes(4)], NOW)
    assert (found.people_before, found.minutes) == (1, 19)


def test_an_appointment_goes_before_a_walk_in_and_not_before_its_time() -> None:
    mine = walk_in("a", 20)
    assert estimate(mine, [planned("b", 10)], [NOW], NOW).minutes == 40
    assert estimate(planned("c", 10), [mine], [NOW], NOW).people_before == 0
    assert estimate(planned("c", 10), [mine], [NOW], NOW).minutes == 10


def test_a_call_past_its_planned_end_ends_now() -> None:
    assert estimate(walk_in("a", 1), [], [NOW - minutes(9)], NOW).minutes == 0


def test_minutes_are_rounded_up() -> None:
    assert estimate(walk_in("a", 1), [], [NOW + minutes(0.2)], NOW).minutes == 1


queues = st.lists(st.tuples(st.floats(0, 60), st.integers(1, 60)), max_size=6).map(
    lambda rows: [walk_in(f"w{n}", came, lasts) for n, (came, lasts) in enumerate(rows)]
)
agents = st.lists(st.integers(-10, 60).map(lambda n: NOW + minutes(n)), min_size=1, max_size=4)


@given(queues, agents)
def test_one_agent_more_never_makes_the_wait_longer(
    others: list[Queued], free_at: list[datetime]
) -> None:
    mine = walk_in("me", 0)
    with_all = estimate(mine, others, free_at, NOW)
    with_more = estimate(mine, others, [*free_at, NOW], NOW)
    assert with_all.minutes is not None
    assert with_more.minutes is not None
    assert 0 <= with_more.minutes <= with_all.minutes
    assert with_all.people_before == len(
        [o for o in others if (o.arrived_at, o.call_id) < (mine.arrived_at, mine.call_id)]
    )


@given(queues, agents)
def test_whoever_comes_after_changes_nothing(others: list[Queued], free_at: list[datetime]) -> None:
    mine = walk_in("me", 61)
    assert estimate(mine, others, free_at, NOW) == estimate(mine, [], free_at, NOW)
