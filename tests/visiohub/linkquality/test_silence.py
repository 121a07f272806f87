"""Silences that have one cause, in virtual time."""

from __future__ import annotations

import random

from visiohub.linkquality.silence import OUT_AFTER_S, CommonCause, Silences

SEED = 20_261_122
LOOK_S = 5


def cut_of_the_hub(lines: int, seconds: int) -> tuple[CommonCause, dict[str, float], int]:
    """Its access is cut for so long; each line was heard up to 3 s before, one 14 s before."""
    chance, cause = random.Random(SEED), CommonCause()
    heard = {f"line-{n}": -3 * chance.random() for n in range(lines)} | {"in-call": -14.0}
    for now in range(LOOK_S, seconds, LOOK_S):
        excused = cause.look({line: now - at for line, at in heard.items()}, now)
        if now >= 10:
            assert excused == heard.keys(), f"seed {SEED}, after {now} s"
    return cause, heard, seconds


def test_a_hub_that_is_cut_off_accuses_nobody_and_nobody_who_comes_back_late() -> None:
    cause, heard, now = cut_of_the_hub(20, 900)
    back = dict.fromkeys(heard, 1.0)
    late = {line: now - heard[line] for line in list(heard)[:5]}
    assert late.keys() <= cause.look(back | late, now)
    assert late.keys() <= cause.look(back | late, now + 50)
    assert cause.look(back | late, now + 70) == frozenset()  # these stayed away


def test_one_line_that_falls_silent_is_out() -> None:
    lines = {f"line-{n}": 1.0 for n in range(20)}
    assert CommonCause().look(lines | {"dead": 21.0}, 0.0) == frozenset()


def test_who_was_silent_long_before_says_nothing_of_this_moment() -> None:
    """Kiosks without power since the evening are more than half of all."""
    dark = {f"dark-{n}": 40_000.0 + 90 * n for n in range(30)}
    lines = {f"line-{n}": 1.0 for n in range(20)}
    assert CommonCause().look(dark | lines | {"dead": 21.0}, 0.0) == frozenset()
    cut = dict.fromkeys(lines, 21.0)
    assert CommonCause().look(dark | cut, 0.0) == cut.keys()


def test_of_three_lines_nobody_can_say() -> None:
    assert CommonCause().look({"a": 21.0, "b": 21.0, "c": 22.0}, 0.0) == frozenset()


def test_a_connection_that_lives_is_a_line_that_is_not_out() -> None:
    silences, probers = Silences(), {"line": "kiosk", "other": "elsewhere"}
    silent = {"kiosk": OUT_AFTER_S + 1, "elsewhere": OUT_AFTER_S + 1}
    for now in (0.0, 5.0):
        seen = silences.look(probers, {"kiosk"}, silent, silent, now)
    assert seen.out == {"line": False, "other": True}
    assert seen.unheard == {"line"}
    assert not seen.together


def test_lines_of_which_no_probe_ever_came_are_never_out() -> None:
    silences, probers = Silences(), {"line": "kiosk"}
    assert silences.look(probers, {"kiosk"}, {}, {"kiosk": 3.0}, 0.0).unheard == frozenset()
    assert silences.look(probers, {"kiosk"}, {}, {"kiosk": 30.0}, 30.0).unheard == {"line"}
    for now in (60.0, 65.0):
        assert silences.look(probers, set(), {}, {"kiosk": 60.0}, now).out == {"line": False}


def test_when_the_hub_is_cut_off_nothing_is_said_of_its_lines() -> None:
    silences, probers = Silences(), {f"line-{n}": f"kiosk-{n}" for n in range(9)}
    for now in range(0, 60, LOOK_S):
        silent = dict.fromkeys(probers.values(), float(now))
        seen = silences.look(probers, set(), silent, silent, now)
        assert not any(seen.out.values())
    assert (seen.out, seen.together) == ({}, probers.keys())
    back = dict.fromkeys(probers.values(), 1.0)
    assert not any(silences.look(probers, set(back), back, back, 60.0).out.values())
