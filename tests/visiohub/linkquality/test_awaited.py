"""Lines that died while the hub was down."""

from __future__ import annotations

from visiohub.linkquality.awaited import AWAIT_S, Awaited

LINES = [f"line-{n}" for n in range(9)]


def test_who_does_not_come_within_a_minute_is_out_until_it_comes() -> None:
    awaited = Awaited(LINES, now=100.0)
    assert awaited.look([], 100.0 + AWAIT_S - 1) == frozenset()
    assert awaited.look(LINES[2:], 100.0 + AWAIT_S) == {"line-0", "line-1"}
    assert awaited.look(["line-1"], 200.0) == {"line-0"}
    assert awaited.look(LINES, 300.0) == awaited.look([], 400.0) == frozenset()


def test_where_most_do_not_come_it_is_the_hub_that_is_cut_off() -> None:
    awaited = Awaited(LINES, now=0.0)
    assert awaited.look(LINES[:4], 600.0) == frozenset()
    assert awaited.together
    assert awaited.look(LINES[:5], 700.0) == set(LINES[5:])


def test_of_few_lines_each_speaks_for_itself() -> None:
    assert Awaited(["one"], now=0.0).look([], AWAIT_S) == {"one"}
    assert Awaited([], now=0.0).look(["one"], AWAIT_S) == frozenset()
